// Package systemd_test holds phutai.service to its rules where systemd is
// installed: that it is understood, and that it gives the program few rights.
package systemd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

const unit = "phutai.service"

// analyze asks systemd. Where it is not installed the test is skipped, or fails
// under PHUTAI_REAL=1.
func analyze(t *testing.T, args ...string) string {
	t.Helper()
	path, err := exec.LookPath("systemd-analyze")
	if err != nil {
		if os.Getenv("PHUTAI_REAL") == "1" {
			t.Fatalf("%v; PHUTAI_REAL=1 demands it", err)
		}
		t.Skip("systemd-analyze is not installed")
	}
	out, err := exec.CommandContext(t.Context(), path, args...).CombinedOutput()
	if err != nil {
		t.Errorf("systemd-analyze %s: %v", strings.Join(args, " "), err)
	}
	return string(out)
}

func TestTheUnitGivesFewRights(t *testing.T) {
	out := analyze(t, "security", "--offline=true", "--threshold=20", unit)
	t.Log(regexp.MustCompile(`.*exposure.*`).FindString(out))
}

func TestTheUnitIsUnderstood(t *testing.T) {
	text, err := os.ReadFile(unit)
	if err != nil {
		t.Fatal(err)
	}
	// A program that is surely there takes the place of ours.
	here := filepath.Join(t.TempDir(), unit)
	if err := os.WriteFile(here, []byte(strings.ReplaceAll(string(text), "/usr/local/bin/phutai", "/bin/true")), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := analyze(t, "verify", here); out != "" {
		t.Errorf("systemd says:\n%s", out)
	}
}

// The roles and files of the program have 30 + 20 + 10 s to stop, and a look at it
// takes a third of the watchdog's time at most.
func TestTheUnitGivesTheProgramItsTime(t *testing.T) {
	text, err := os.ReadFile(unit)
	if err != nil {
		t.Fatal(err)
	}
	for setting, least := range map[string]time.Duration{"TimeoutStopSec": 70 * time.Second, "WatchdogSec": time.Minute} {
		m := regexp.MustCompile(`(?m)^` + setting + `=(\d+)(min)?$`).FindStringSubmatch(string(text))
		if m == nil {
			t.Errorf("no %s", setting)
			continue
		}
		span := m[1] + "s"
		if m[2] != "" {
			span = m[1] + "m"
		}
		if d, err := time.ParseDuration(span); err != nil || d < least {
			t.Errorf("%s is %s, %v, want at least %s", setting, d, err, least)
		}
	}
}
