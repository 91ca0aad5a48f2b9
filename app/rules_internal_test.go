package app

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRegisterIsToldTheAddressesOfProfiles(t *testing.T) {
	cfg := DefaultConfig()
	r, err := rules(&cfg)
	if err != nil {
		t.Fatal(err)
	}
	for name, highest := range map[string]int{"generic-dlms": 0, "eastron-sdm630": modbusUnits} {
		if p := r.Profiles[name]; p.Address != 1 || p.MaxAddress != highest {
			t.Errorf("%s: %+v, want address 1 and at most %d", name, p, highest)
		}
	}
}

func TestDemoTellsAllThatIsWrong(t *testing.T) {
	_, _, err := demoConfig(DemoOptions{Listen: "0.0.0.0:80", Lang: "fr", LogLevel: "loud"})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"log.level: ", "web.listen: ", "alerting.notify.lang: "} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in:\n%v", want, err)
		}
	}
}

func TestRolesOfTheCommandLineAreAllJudged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "phutai.yml")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	err := RunFile(t.Context(), path, []string{"boss", "clerk"}, io.Discard)
	if err == nil || !strings.Contains(err.Error(), `"boss"`) || !strings.Contains(err.Error(), `"clerk"`) {
		t.Errorf("got %v, want both", err)
	}
}
