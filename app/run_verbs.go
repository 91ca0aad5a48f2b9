package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.uber.org/zap"

	"phutai/configs"
	"phutai/fleet"
	"phutai/grid"
	"phutai/weather"
	"phutai/web"
)

// RunFile runs an installation until ctx ends. Roles replace those of the
// configuration unless empty.
func RunFile(ctx context.Context, path string, roles []string, logs io.Writer) error {
	cfg, err := Load(path)
	if err != nil {
		return err
	}
	if len(roles) > 0 {
		cfg.Roles = nil
		for _, r := range roles {
			cfg.Roles = append(cfg.Roles, Role(r))
		}
		found := cfg.Validate()
		for i := range found {
			if found[i].Field == "roles" {
				found[i].Field = "--role"
			}
		}
		if err := allProblems(found); err != nil {
			return err
		}
	}
	log, err := newLogger(cfg.Log, logs)
	if err != nil {
		return err
	}
	p := &process{cfg: cfg, parts: Parts{Log: log}}
	return p.run(ctx)
}

// allProblems makes one error of all problems, a line each; nil of none.
func allProblems(found []grid.Problem) error {
	var all []error
	for _, p := range found {
		all = append(all, fmt.Errorf("%s: %s", p.Field, p.Text))
	}
	return errors.Join(all...)
}

// soundRegister judges the register by what this installation knows: a meter
// profile that was taken away, say. All problems are the error.
func soundRegister(ctx context.Context, cfg *Config, r *fleet.Register) error {
	rules, err := rules(cfg)
	if err != nil {
		return err
	}
	rules.Secret = nil // one meter's misspelt secret must not stop all the others; its gap is told
	set, err := r.Export(ctx, time.Time{})
	if err != nil {
		return err
	}
	if problems := set.Check(rules); len(problems) > 0 {
		return problems
	}
	return nil
}

// Check says what is wrong with a configuration and with what it refers to:
// meter profiles, weather, certificates and secrets, the register. What keeps
// phutai run from starting is the error; what it starts without, and what only
// keeps single meters from being polled, is printed as a warning.
func Check(ctx context.Context, path string, out io.Writer) (err error) {
	cfg, r, closeIt, err := openRegister(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeIt()) }()
	if err := soundRegister(ctx, &cfg, r); err != nil {
		return err
	}
	if _, err := weather.New(cfg.Weather, grid.RealClock{}, zap.NewNop()); err != nil {
		return fmt.Errorf("weather: %w", err)
	}
	waited, err := namedFiles(&cfg)
	if err != nil {
		return err
	}
	for _, w := range waited {
		if _, err := fmt.Fprintf(out, "warning: %s\n", w); err != nil {
			return err
		}
	}
	if err := warnOfGaps(out, gapsOfView(&cfg, r.View(time.Now()))); err != nil {
		return err
	}
	if r.Version() == 0 {
		fmt.Fprintln(out, "the register is empty: phutai fleet import fills it")
	}
	_, err = fmt.Fprintf(out, "%s: sound\n", path)
	return err
}

// Init writes an example configuration and register into a new folder.
func Init(dir string, out io.Writer) error {
	entries, err := os.ReadDir(dir)
	if err == nil && len(entries) > 0 {
		return fmt.Errorf("%s is not empty: name a new folder", dir)
	}
	for _, d := range []string{dir, filepath.Join(dir, "fleet")} {
		if err := os.MkdirAll(d, 0o750); err != nil {
			return fmt.Errorf("init: %w", err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "secrets"), 0o700); err != nil {
		return fmt.Errorf("init: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "phutai.yml"), configs.Example, 0o640); err != nil {
		return fmt.Errorf("init: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "mapping.yml"), configs.Mapping, 0o640); err != nil {
		return fmt.Errorf("init: %w", err)
	}
	if err := writeUnit(dir); err != nil {
		return fmt.Errorf("init: %w", err)
	}
	if err := exampleRegister().Write(filepath.Join(dir, "fleet"), exampleRules()); err != nil {
		return fmt.Errorf("init: %w", err)
	}
	_, err = fmt.Fprintf(out, `written to %[1]s:
  phutai.yml   the configuration, with every setting explained
  fleet/       an example register as CSV files: replace its rows by yours
  mapping.yml  how to read lists of other systems: phutai fleet diff --mapping
  secrets/     one file a password, chmod 600
  phutai.service   a systemd unit; its first lines say how to install it
next:
  phutai fleet import -c %[1]s/phutai.yml %[1]s/fleet
  phutai run -c %[1]s/phutai.yml
`, dir)
	return err
}

// writeUnit writes the systemd unit for an installation in dir.
func writeUnit(dir string) error {
	at, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "phutai.service"), bytes.ReplaceAll(configs.Unit, []byte("/etc/phutai"), []byte(at)), 0o644)
}

// Health asks a running program at address whether it is well, and prints what
// is wrong in lang (vi or en).
func Health(ctx context.Context, address, lang string, out io.Writer) error {
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(address, "/")+"/readyz", nil)
	if err != nil {
		return fmt.Errorf("health: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("no answer from %s: is phutai running there? Its log says where its pages are: %w", address, err)
	}
	defer resp.Body.Close()
	var said struct {
		Problems []web.Problem `json:"problems"`
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, healthLimit)).Decode(&said); err != nil {
		return fmt.Errorf("what answers at %s is not phutai (%s): %w", address, resp.Status, err)
	}
	for _, p := range said.Problems {
		text := p.TextVi
		if lang == "en" {
			text = p.TextEn
		}
		if _, err := fmt.Fprintf(out, "%s: %s\n", p.Part, text); err != nil {
			return err
		}
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("not well: %s", resp.Status)
	}
	_, err = fmt.Fprintln(out, map[bool]string{true: "well", false: "tốt"}[lang == "en"])
	return err
}

const (
	healthTimeout = 5 * time.Second
	healthLimit   = 64 << 10
)
