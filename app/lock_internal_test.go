package app

import (
	"strings"
	"testing"
)

func TestSecondProcessIsKeptOffAFolder(t *testing.T) {
	dir := t.TempDir()
	unlock, err := lockFolder(dir, Collect)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lockFolder(dir, Collect); err == nil || !strings.Contains(err.Error(), "already runs the role") {
		t.Errorf("a second collector was let in: %v", err)
	}
	other, err := lockFolder(dir, Center)
	if err != nil {
		t.Errorf("another role was kept out: %v", err)
	} else {
		defer func() { _ = other() }()
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	again, err := lockFolder(dir, Collect)
	if err != nil {
		t.Fatalf("the lock outlived its holder: %v", err)
	}
	_ = again()
}
