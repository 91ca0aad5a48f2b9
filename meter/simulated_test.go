package meter_test

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/grid"
	"phutai/meter"
	"phutai/sim/dlmsmeter"
)

// Rows gives a row of steady figures each half hour.
func (s steady) Rows(from, to time.Time) (rows []grid.Sample) {
	for end := from.Truncate(30 * time.Minute).Add(30 * time.Minute); !end.After(to); end = end.Add(30 * time.Minute) {
		rows = append(rows, grid.Sample{End: end, Interval: 30 * time.Minute, Values: grid.Values(s)})
	}
	return rows
}

func TestSimulatedDLMSMeterIsReadByItsProfile(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 6, 16, 17, 0, 0, 0, time.UTC)
	truth := grid.Values(load(2.5))
	truth.Set(grid.P, -1.25) // rooftop solar
	truth.Set(grid.Q, 0.5)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = dlmsmeter.Serve(ctx, ln, dlmsmeter.Config{Password: "12345678", Now: func() time.Time { return now }}, steady(truth))
	})
	defer wg.Wait()
	defer cancel()

	p, _ := shipped(t).Get("generic-dlms")
	bad := openAt(t, "tcp://"+ln.Addr().String(), p, grid.Meter{ID: "1"}, "87654321")
	if _, err := bad.Poll(t.Context()); meter.Reason(err) != grid.WrongPassword {
		t.Errorf("wrong password: reason %v of %v", meter.Reason(err), err)
	}
	d := openAt(t, "tcp://"+ln.Addr().String(), p, grid.Meter{ID: "1"}, "12345678")
	s, _ := d.Poll(t.Context()) // figures that the truth lacks are reported as missing
	if diff := cmp.Diff(asMap(dlmsmeter.AsRead(truth)), asMap(s.Values), near); diff != "" {
		t.Errorf("poll (-want +got):\n%s", diff)
	}
	if !s.Clock.Equal(now) {
		t.Errorf("clock %v, want %v", s.Clock, now)
	}
	var rows []time.Time
	err = d.History(t.Context(), now.Add(-48*time.Hour), now, func(s grid.Sample) error {
		rows = append(rows, s.End)
		if diff := cmp.Diff(asMap(dlmsmeter.AsRow(truth)), asMap(s.Values), near); diff != "" {
			t.Fatalf("row %v (-want +got):\n%s", s.End, diff)
		}
		return nil
	})
	if err != nil || len(rows) != 96 || !rows[95].Equal(now) {
		t.Errorf("%d rows and %v, want 96 up to %v", len(rows), err, now)
	}
	if err := d.Release(t.Context()); err != nil {
		t.Error(err)
	}
}
