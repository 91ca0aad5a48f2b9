package app

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestBarIsDrawnOnATerminalAloneAndLate(t *testing.T) {
	var text bytes.Buffer
	b := newBar(&text, "x.db")
	b.since = time.Now().Add(-time.Minute)
	b.show(1, 2)
	b.end()
	if text.Len() > 0 {
		t.Errorf("drawn where nobody looks: %q", &text)
	}
	f, err := os.Create(filepath.Join(t.TempDir(), "terminal"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b = newBar(f, "x.db")
	if b.to != nil {
		t.Error("a file was taken for a terminal")
	}
	b.to = f
	b.show(1<<20, 4<<20) // too early
	b.since = time.Now().Add(-time.Minute)
	b.show(2<<20, 4<<20)
	b.show(3<<20, 4<<20) // too soon after the last
	b.show(4<<20, 4<<20)
	b.end()
	drawn, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(string(drawn), "x.db"); got != 2 || !strings.Contains(string(drawn), "50 % of 4.0 MB") || !strings.Contains(string(drawn), "reading the copy through") {
		t.Errorf("drew %q", drawn)
	}
}

func TestBarCountsRows(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "terminal"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b := newBar(f, "cmis.xlsx")
	b.to = f
	b.rows(500) // too early
	b.since = time.Now().Add(-time.Minute)
	b.rows(1000)
	b.rows(1500) // too soon after the last
	b.end()
	drawn, err := os.ReadFile(f.Name())
	if err != nil || string(drawn) != "\rcmis.xlsx: 1000 rows read \r\x1b[K" {
		t.Errorf("drew %q, %v", drawn, err)
	}
}
