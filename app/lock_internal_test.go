package app

import (
	"io/fs"
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

// A folder of another user is what an import as root leaves behind.
func TestFolderOfAnotherUserIsToldWithTheWayOut(t *testing.T) {
	err := lockError("/var/lib/phutai", &fs.PathError{Op: "open", Path: "/var/lib/phutai/center.lock", Err: fs.ErrPermission})
	for _, want := range []string{"center.lock", "sudo -u phutai", "chown -R USER /var/lib/phutai"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q lacks %q", err, want)
		}
	}
}
