package sim_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"phutai/grid"
	"phutai/sim"
)

func TestTheTruthFileSaysWhatTheMetersShow(t *testing.T) {
	p := sim.New(sim.Config{Transformers: 12})
	var file bytes.Buffer
	from, to := sim.Start(), sim.Start().Add(time.Hour)
	if err := p.WriteTruth(&file, from, to, 15*time.Minute); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(lines[0], sim.TruthHeader()) {
		t.Errorf("header: got %v", lines[0])
	}
	instants, rows := map[string]bool{}, map[string]bool{}
	for _, line := range lines[1:] {
		at, err := time.Parse(time.RFC3339, line[0])
		if err != nil || !at.After(from) || at.After(to) {
			t.Fatalf("time %q: %v", line[0], err)
		}
		id := grid.PointID(line[1])
		q, ok := grid.ParseQuantity(line[3])
		if !ok {
			t.Fatalf("no quantity: %v", line)
		}
		var v grid.Values
		if line[2] == grid.Profile.String() {
			rows[line[1]+line[0]] = true
			found, err := p.Rows(id, at.Add(-time.Second), at)
			if err != nil || len(found) != 1 {
				t.Fatalf("%v: got %d rows and %v", line, len(found), err)
			}
			v = found[0].Values
		} else {
			instants[line[1]+line[0]] = true
			if v, err = p.Shown(id, at); err != nil {
				t.Fatal(err)
			}
		}
		primary, err := p.Primary(id, v)
		if err != nil {
			t.Fatal(err)
		}
		if got := line[4]; got != number(figure(t, v, q)) {
			t.Errorf("%v: the meter shows %v", line, figure(t, v, q))
		}
		if got := line[5]; got != number(figure(t, primary, q)) {
			t.Errorf("%v: the primary value is %v", line, figure(t, primary, q))
		}
	}
	dlms := 0
	for _, m := range p.Fleet().Meters {
		if m.Profile == sim.ProfileDLMS {
			dlms++
		}
	}
	if len(instants) != 12*4 || len(rows) != dlms*2 {
		t.Errorf("got %d instants and %d rows, want %d and %d", len(instants), len(rows), 12*4, dlms*2)
	}
}

func number(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestAFullDiskIsToldByTheTruthFile(t *testing.T) {
	p := sim.New(sim.Config{Transformers: 3})
	if err := p.WriteTruth(fullDisk{}, sim.Start(), sim.Start().Add(time.Hour), time.Minute); err == nil {
		t.Error("got no error")
	}
}
