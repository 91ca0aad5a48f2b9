package collector_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"phutai/grid"
	"phutai/meter"
)

// values makes values of all the same figure.
func values(qs ...grid.Quantity) (s grid.Sample) {
	for _, q := range qs {
		s.Values.Set(q, 5)
	}
	return s
}

func TestReadingOfWhichSomethingIsMissingSaysWhy(t *testing.T) {
	refused := &meter.ImplausibleError{Figures: []string{"ia=1e+09"}}
	lacking := errors.New("register 12 is not there")
	for _, tc := range []struct {
		name    string
		answer  grid.Sample
		err     error
		missing grid.Reason
		detail  string
		loud    bool
	}{
		{"whole", values(grid.Ua, grid.Ia), nil, grid.NoReason, "", false},
		{"no current is left", values(grid.Ua), refused, grid.NoReason, "ia=1e+09", true},
		{"no current was there", values(grid.Ua), lacking, grid.NoReason, "register 12", true},
		{"a phase was refused", values(grid.Ua, grid.Ib), errors.Join(lacking, refused), grid.NoReason, "ia=1e+09", true},
		{"a register is not there", values(grid.Ua, grid.Ia), lacking, grid.NoReason, "", false},
		{"nothing is left", grid.Sample{}, refused, grid.OutOfRange, "ia=1e+09", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				core, logged := observer.New(zap.WarnLevel)
				w := build(t, map[grid.MeterID]meter.Device{"A": &tellingMeter{answer: tc.answer, err: tc.err}})
				w.log = zap.New(core)
				w.start(on("l", "A"))
				time.Sleep(13 * time.Minute) // as long as nonsense does not make it be asked less often
				w.stop()
				rs := w.center.of("A", grid.Instant)
				if len(rs) == 0 {
					t.Fatal("nothing arrived")
				}
				for _, r := range rs {
					if r.Missing != tc.missing || r.Values != tc.answer.Values || !strings.Contains(r.Detail, tc.detail) || tc.detail == "" && r.Detail != "" {
						t.Errorf("%+v, want %q and %q", r, tc.missing, tc.detail)
					}
				}
				if n := logged.FilterMessage("meter answered in part").Len(); n > 1 || (n == 1) != tc.loud {
					t.Errorf("the log tells it %d times ", n)
				}
			})
		})
	}
}

func TestRowOfWhichNothingIsLeftIsAnAbsenceAtItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(100 * day) // so that the past lies in a plausible year
		w := build(t, map[grid.MeterID]meter.Device{"A": &tellingMeter{answer: sample()}})
		w.cfg.HistoryDepth = day
		began := time.Now()
		w.start(on("l", "A"))
		time.Sleep(20 * time.Minute)
		w.stop()
		rs := w.center.of("A", grid.Profile)
		if len(rs) != 1 || rs[0].Missing != grid.OutOfRange || !rs[0].At.Equal(began.Truncate(half)) || rs[0].Detail != "left out: ia=1e+09" {
			t.Errorf("%+v, want the row's end, out-of-range and the words", rs)
		}
	})
}
