package db

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestFileThatMayNotBeWrittenToIsToldWithTheWayOut(t *testing.T) {
	d, err := Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	_, err = d.Read.ExecContext(t.Context(), "CREATE TABLE t (id INTEGER)")
	if err == nil || !strings.Contains(owned(err).Error(), "run this as the user") {
		t.Errorf("got %v, want what to do", owned(err))
	}
	_, err = d.Write.ExecContext(t.Context(), "nonsense")
	if err == nil || strings.Contains(owned(err).Error(), "run this as the user") {
		t.Errorf("another error is told as that one: %v", owned(err))
	}
}
