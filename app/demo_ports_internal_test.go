package app

import (
	"net"
	"path/filepath"
	"testing"
	"time"

	"phutai/grid"
)

func TestDemoMetersKeepTheirAddressesOverAStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ports")
	lines := func() (map[grid.MeterID]string, func() error) {
		p, err := listenAsBefore(path, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		out := map[grid.MeterID]string{}
		for _, m := range p.Fleet().Meters {
			out[m.ID] = m.Line
		}
		return out, p.Close
	}
	first, stop := lines()
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	second, stop := lines()
	for id, line := range first {
		if second[id] != line {
			t.Errorf("meter %s moved from %s to %s", id, line, second[id])
		}
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}

	base, err := notedPort(path)
	if err != nil {
		t.Fatal(err)
	}
	taken, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: base})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	_, stop = lines()
	if err := stop(); err != nil {
		t.Error(err)
	}
	if again, err := notedPort(path); err != nil || again == base {
		t.Errorf("ports from %d on were taken, and the note says %d, %v", base, again, err)
	}
}
