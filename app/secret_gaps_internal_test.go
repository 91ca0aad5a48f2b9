package app

import (
	"bufio"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"phutai/fleet"
	"phutai/grid"
	"phutai/meter"
)

// house is an installation of which one meter has a secret that is not there.
// Nothing listens where its meters are.
func house(t *testing.T) (config string, set *fleet.Set) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "tcp://" + l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	config = filepath.Join(dir, "phutai.yml")
	if err := os.WriteFile(config, []byte("broker: {listen: '127.0.0.1:0'}\nweb: {listen: '127.0.0.1:0'}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	set = exampleRegister()
	for i := range set.Meters {
		set.Meters[i].Body.Line = nobody
	}
	set.Meters[0].Body.Secret = "district-7"
	set.Meters[1].Body.Profile, set.Meters[1].Body.Address = set.Meters[0].Body.Profile, 2
	return config, set
}

// take puts a set into the register of a house, judged by no rules, as an
// older program may have done.
func take(t *testing.T, config string, set *fleet.Set) {
	t.Helper()
	_, r, closeIt, err := openRegister(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Import(t.Context(), set, fleet.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := closeIt(); err != nil {
		t.Fatal(err)
	}
}

func TestMissingSecretDoesNotStopTheStart(t *testing.T) {
	for _, secret := range []string{"district-7", "mật khẩu", "../../../../etc/passwd"} {
		t.Run(secret, func(t *testing.T) {
			config, set := house(t)
			set.Meters[0].Body.Secret = secret
			take(t, config, set)
			logs, said := io.Pipe()
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			ended := make(chan error, 1)
			go func() {
				err := RunFile(ctx, config, nil, said)
				_ = said.Close()
				ended <- err
			}()
			warned := false
			for lines := bufio.NewScanner(logs); lines.Scan(); {
				if strings.Contains(lines.Text(), "a secret cannot be read") && strings.Contains(lines.Text(), "meter 24001234") {
					warned = true
				}
				if warned && strings.Contains(lines.Text(), "http://") { // the pages are there: it runs
					stop()
				}
			}
			if err := <-ended; err != nil || !warned {
				t.Errorf("ended with %v, warned %v", err, warned)
			}
		})
	}
}

func TestMeterWithoutItsSecretIsNotDeclared(t *testing.T) {
	config, set := house(t)
	cfg, err := Load(config)
	if err != nil {
		t.Fatal(err)
	}
	profiles, err := loadProfiles(&cfg)
	if err != nil {
		t.Fatal(err)
	}
	on, err := newLines(profiles, secretFolder(cfg.Secrets).Secret).Line(set.Meters[0].Body.Line)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = on.Close() }()
	_, err = on.Open(set.Meters[0].Body)
	if meter.Reason(err) != grid.NotDeclared || !strings.Contains(err.Error(), "write the secret into it and chmod 600 it") {
		t.Errorf("got %v, reason %v", err, meter.Reason(err))
	}
	if _, err := on.Open(set.Meters[1].Body); err != nil {
		t.Errorf("its neighbour on the line is refused: %v", err)
	}
}

func TestSecretsOfOtherCollectorsAreNotMissedHere(t *testing.T) {
	config, set := house(t)
	cfg, err := Load(config)
	if err != nil {
		t.Fatal(err)
	}
	more := set.Meters[0]
	more.Body.ID = "24001235"
	set.Meters = append(set.Meters, more)
	now := more.From
	if gaps := gapsOfSet(&cfg, set, now); len(gaps) != 1 || gaps[0].more != 1 {
		t.Errorf("got %v, want one secret that two meters lack", gaps)
	}
	set.Meters[0].Body.Collector, set.Meters[2].Body.Collector = "elsewhere", "elsewhere"
	if gaps := gapsOfSet(&cfg, set, now); len(gaps) != 0 {
		t.Errorf("got %v, want none", gaps)
	}
}
