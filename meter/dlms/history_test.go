package dlms_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/grid"
	"phutai/meter/dlms"
	"phutai/meter/dlms/obis"
	"phutai/sim/dlmsmeter"
)

func TestThirtyDaysOfHistoryComeWholeAndInOrder(t *testing.T) {
	from, to := hot.Add(-30*24*time.Hour), hot
	want := wave{}.Rows(from, to)
	for name, cfg := range map[string]dlmsmeter.Config{
		"plain":                         {},
		"small blocks":                  {MaxPDU: 200},
		"null-data for what repeats":    {NullClock: true},
		"only bounds with deviation":    {RefuseNoDeviation: true},
		"only bounds without deviation": {RefuseDeviation: true},
	} {
		t.Run(name, func(t *testing.T) {
			device, line := dialled(t, start(t, cfg, wave{}), objects())
			var got []grid.Sample
			err := device.History(t.Context(), from, to, func(s grid.Sample) error {
				got = append(got, s)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != len(want) || len(got) != 30*48 {
				t.Fatalf("%d rows, want %d", len(got), len(want))
			}
			for i, s := range got {
				if !s.End.Equal(want[i].End) || s.Interval != 30*time.Minute || s.Quality != 0 {
					t.Fatalf("row %d ends %v after %v, quality %v; want %v", i, s.End, s.Interval, s.Quality, want[i].End)
				}
				if diff := cmp.Diff(figures(dlmsmeter.AsRow(want[i].Values)), figures(s.Values)); diff != "" {
					t.Fatalf("row %d (-want +got):\n%s", i, diff)
				}
			}
			requests, sent, received := line.count()
			t.Logf("%d rows: %d requests, %d octets out, %d in", len(got), requests, sent, received)
		})
	}
}

func TestHistoryBoundsAreOpenBelowAndClosedAbove(t *testing.T) {
	device, _ := dialled(t, start(t, dlmsmeter.Config{}, wave{}), objects())
	edge := hot.Truncate(30 * time.Minute)
	var got []time.Time
	err := device.History(t.Context(), edge.Add(-time.Hour), edge, func(s grid.Sample) error {
		got = append(got, s.End)
		return nil
	})
	if want := []time.Time{edge.Add(-30 * time.Minute), edge}; err != nil || !cmp.Equal(got, want) {
		t.Errorf("rows end %v, %v; want %v", got, err, want)
	}
}

func TestHistoryBeyondTheMetersDepthIsEmpty(t *testing.T) {
	device, _ := dialled(t, start(t, dlmsmeter.Config{Depth: 24 * time.Hour}, wave{}), objects())
	n := 0
	err := device.History(t.Context(), hot.Add(-72*time.Hour), hot, func(grid.Sample) error { n++; return nil })
	if err != nil || n != 48 {
		t.Errorf("%d rows, %v; want the 48 that the meter keeps", n, err)
	}
}

func TestErrorOfTheReceiverEndsHistoryAndKeepsTheAssociation(t *testing.T) {
	device, line := dialled(t, start(t, dlmsmeter.Config{}, wave{}), objects())
	full := errors.New("disk full")
	n := 0
	err := device.History(t.Context(), hot.Add(-48*time.Hour), hot, func(grid.Sample) error {
		if n++; n == 10 {
			return full
		}
		return nil
	})
	if !errors.Is(err, full) || n != 10 || line.drops != 0 {
		t.Errorf("%v after %d rows, %d drops; want the receiver's error after 10 and no drop", err, n, line.drops)
	}
}

// patchy marks every third row and never has one of the currents.
type patchy struct{ wave }

func (p patchy) Rows(from, to time.Time) []grid.Sample {
	rows := p.wave.Rows(from, to)
	for i := range rows {
		slot := rows[i].End.Unix() / 1800
		if slot%3 == 0 {
			rows[i].Quality = rows[i].Quality.With(grid.P, grid.Suspect)
		}
		rows[i].Values.Unset(grid.Ia)
	}
	return rows
}

func TestStatusMarksARowAndGapsInItStayGaps(t *testing.T) {
	device, _ := dialled(t, start(t, dlmsmeter.Config{}, patchy{}), objects())
	rows := 0
	err := device.History(t.Context(), hot.Add(-24*time.Hour), hot, func(s grid.Sample) error {
		rows++
		slot := s.End.Unix() / 1800
		if suspect := s.Quality.Of(grid.Ua) == grid.Suspect; suspect != (slot%3 == 0) {
			return fmt.Errorf("row %v: suspect %v", s.End, suspect)
		}
		if s.Values.Has(grid.Ia) || !s.Values.Has(grid.Ib) {
			return fmt.Errorf("row %v: values %v", s.End, figures(s.Values))
		}
		return nil
	})
	if err != nil || rows != 48 {
		t.Errorf("%d rows, %v", rows, err)
	}
}

func TestMeterWithoutProfileHasNoHistory(t *testing.T) {
	address := start(t, dlmsmeter.Config{}, wave{})
	none := func(grid.Sample) error { return errors.New("a row") }
	cfg := objects()
	cfg.Profile.Code = obis.Code{1, 0, 99, 9, 0, 255}
	unknown, _ := dialled(t, address, cfg)
	if err := unknown.History(t.Context(), hot.Add(-time.Hour), hot, none); !errors.Is(err, grid.ErrNoHistory) {
		t.Errorf("profile that the meter lacks: %v", err)
	}
	if err := unknown.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	cfg.Profile = nil
	unconfigured, _ := dialled(t, address, cfg)
	if err := unconfigured.History(t.Context(), hot.Add(-time.Hour), hot, none); !errors.Is(err, grid.ErrNoHistory) {
		t.Errorf("no profile configured: %v", err)
	}
}

func TestColumnsThatAreNotCapturedAreTold(t *testing.T) {
	cfg := objects()
	cfg.Profile.Columns = []dlms.Column{{Code: obis.Code{1, 0, 99, 27, 0, 255}, Quantity: grid.P}}
	device, _ := dialled(t, start(t, dlmsmeter.Config{}, wave{}), cfg)
	err := device.History(t.Context(), hot.Add(-time.Hour), hot, func(grid.Sample) error { return nil })
	var partial *dlms.PartialError
	if !errors.As(err, &partial) || len(partial.Missing) != 1 {
		t.Errorf("err = %v, want the column named", err)
	}
}

// Import and export make the power together: with one of them alone a meter that
// feeds back would show nothing instead of less than nothing.
func TestSumOfWhichATermIsNotCapturedIsAbsent(t *testing.T) {
	cfg := objects()
	cfg.Profile.Columns = append(cfg.Profile.Columns, dlms.Column{Code: obis.Code{1, 0, 99, 27, 0, 255}, Quantity: grid.P, Factor: -1})
	device, _ := dialled(t, start(t, dlmsmeter.Config{}, wave{}), cfg)
	rows := 0
	err := device.History(t.Context(), hot.Add(-time.Hour), hot, func(s grid.Sample) error {
		rows++
		if s.Values.Has(grid.P) || !s.Values.Has(grid.Ia) {
			return fmt.Errorf("row %v: values %v", s.End, figures(s.Values))
		}
		return nil
	})
	if err != nil || rows != 2 {
		t.Errorf("%d rows, %v", rows, err)
	}
}
