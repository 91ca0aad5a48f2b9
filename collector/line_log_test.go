package collector_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"phutai/grid"
	"phutai/meter"
)

// Of a line that stays shut until the stop the log says why it is shut, and not
// that it was opened.
func TestLogOfALineThatStaysShutSaysWhyAndNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		core, logged := observer.New(zap.InfoLevel)
		w := build(t, map[grid.MeterID]meter.Device{"A": &unreachableMeter{}})
		w.log = zap.New(core)
		w.start(on("modem", "A"))
		time.Sleep(10 * time.Minute)
		w.stop()
		shut := logged.FilterMessage("line cannot be opened").All()
		if len(shut) != 1 || !strings.Contains(shut[0].ContextMap()["error"].(string), "connection refused") {
			t.Errorf("log says %+v, want once why the line cannot be opened", shut)
		}
		if open := logged.FilterMessage("line is open again").All(); len(open) != 0 {
			t.Errorf("at the stop the log says %+v", open)
		}
	})
}
