package app

import (
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
)

func TestDurationsOfTheLogHaveAUnit(t *testing.T) {
	for _, json := range []bool{false, true} {
		var said strings.Builder
		log, err := newLogger(LogConfig{Level: "info", JSON: json}, &said)
		if err != nil {
			t.Fatal(err)
		}
		log.Info("stopped", zap.Duration("took", 1500*time.Millisecond))
		if !strings.Contains(said.String(), "1.5s") {
			t.Errorf("json %t: %q, want 1.5s", json, said.String())
		}
	}
}
