package app_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"phutai/app"
	"phutai/configs"
)

func load(t *testing.T, text string) (app.Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "phutai.yml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return app.Load(path)
}

func TestExampleIsTheDefaults(t *testing.T) {
	example, err := load(t, string(configs.Example))
	if err != nil {
		t.Fatal(err)
	}
	empty, err := load(t, "")
	if err != nil {
		t.Fatal(err)
	}
	// Both stand in folders of their own.
	normal := func(c app.Config) app.Config {
		for _, p := range []*string{&c.Data, &c.Secrets, &c.Collector.Spool, &c.Broker.Dir} {
			*p = filepath.Base(*p)
		}
		c.Collectors, c.Web.Hosts, c.Store.Victoria.Metrics = nil, nil, nil
		return c
	}
	if diff := cmp.Diff(normal(empty), normal(example)); diff != "" {
		t.Errorf("the example differs from the defaults (-default +example):\n%s", diff)
	}
}

func TestComposeConfigurationIsSound(t *testing.T) {
	if _, err := app.Load("../configs/compose/phutai.yml"); err != nil {
		t.Error(err)
	}
}

func TestEveryProblemIsToldWithFileAndLine(t *testing.T) {
	_, err := load(t, `timezone: Asia/Hanoi
data: ""
roles: [collect, boss]
collector:
  every: often
  turns: 0
web:
  listen: 0.0.0.0:80
  color: red
store:
  keep: {readings: 1, absences: 25}
  audit: {depth: 720h}
`)
	var ce *app.ConfigError
	if !errors.As(err, &ce) {
		t.Fatalf("got %v, want a ConfigError", err)
	}
	all := strings.Join(ce.Problems, "\n")
	for _, want := range []string{
		"phutai.yml:1: timezone: ", "phutai.yml:2: data: ", "phutai.yml:3: roles: \"boss\"",
		"phutai.yml:5: collector.every: `often` does not fit here, want a duration", "phutai.yml:6: collector.turns: ",
		"phutai.yml:8: web.listen: ", "phutai.yml:9: color: there is no such setting",
		"phutai.yml:12: store.audit.depth: 720h0m0s reaches further back than readings are kept",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("missing %q in:\n%s", want, all)
		}
	}
}

func TestBrokenSyntaxNamesTheLine(t *testing.T) {
	_, err := load(t, "collector:\n  every: 5m\n bad\n")
	if err == nil || !strings.Contains(err.Error(), "phutai.yml:") || !strings.Contains(err.Error(), "syntax") {
		t.Errorf("got %v", err)
	}
}

func TestMissingFileIsAnError(t *testing.T) {
	if _, err := app.Load(filepath.Join(t.TempDir(), "none.yml")); err == nil {
		t.Error("loaded")
	}
}

func FuzzConfig(f *testing.F) {
	f.Add(string(configs.Example))
	f.Add("collector: {every: 5m}\nweb: [1]\n")
	f.Add("a: &a [*a]\n")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "f.yml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Skip()
		}
		_, _ = app.Load(path)
	})
}
