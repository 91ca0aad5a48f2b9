package app

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"phutai/db"
)

// installation is a configuration with all roles on a folder of its own.
func installation(t *testing.T) Config {
	t.Helper()
	cfg, _, err := demoConfig(DemoOptions{Data: t.TempDir(), Listen: "127.0.0.1:0", Lang: "vi", LogLevel: "error"})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// started makes the program's files, as its first start does, without running it.
func started(t *testing.T, cfg Config) {
	t.Helper()
	a, err := New(t.Context(), cfg, Parts{})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestDamagedFileIsRefusedAtTheStart(t *testing.T) {
	for _, name := range []string{journalFile, stateFile, "spool.db"} {
		cfg := installation(t)
		started(t, cfg)
		path := filepath.Join(cfg.Data, name)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 64 {
			text[3*4096+i] ^= 0xff
		}
		if err := os.WriteFile(path, text, 0o640); err != nil {
			t.Fatal(err)
		}
		a, err := New(t.Context(), cfg, Parts{})
		if damaged, ok := errors.AsType[*db.DamagedError](err); !ok || damaged.Path != path {
			t.Errorf("%s: got %v, want a DamagedError", name, err)
		}
		if err == nil {
			_ = a.Close()
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, text) {
			t.Errorf("%s was changed although it was refused (%v)", name, err)
		}
	}
}
