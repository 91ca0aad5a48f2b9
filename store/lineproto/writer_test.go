package lineproto_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"phutai/grid"
	"phutai/store/lineproto"
)

// TestMain sees to it that a writer leaves no goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// run runs a writer on a clock of its own for that long.
func run(t *testing.T, f *feed, d *database, pace lineproto.Pace, tokenFile string, long time.Duration, meanwhile func(*lineproto.Writer)) *lineproto.Writer {
	t.Helper()
	d.since = time.Now()
	w := lineproto.New(lineproto.Name{Cursor: "test", Title: "TestDB", Settings: "bucket"}, pace, d,
		lineproto.Parts{Feed: f, Places: district{}, Clock: grid.RealClock{}, TokenFile: tokenFile})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	if meanwhile != nil {
		meanwhile(w)
	}
	time.Sleep(long) // of the bubble's clock
	synctest.Wait()
	cancel()
	if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("writer ended with %v", err)
	}
	return w
}

func TestEveryAnswerIsMet(t *testing.T) {
	const bad = 5 // the reading that a server may refuse
	refuse := func(status int) func(int, []string) error {
		return func(_ int, lines []string) error {
			if slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, "p=5,") }) {
				return says(status)
			}
			return nil
		}
	}
	first := func(errs ...error) func(int, []string) error {
		return func(request int, _ []string) error {
			if request <= len(errs) {
				return errs[request-1]
			}
			return nil
		}
	}
	tests := []struct {
		name     string
		answer   func(int, []string) error
		refused  bool          // reading bad is not written
		requests int           // in all
		earliest time.Duration // of the last request
		latest   time.Duration
	}{
		{"taken", first(), false, 1, 0, 0},
		{"400 for one line", refuse(400), true, 7, 0, 0},
		{"422 for one line", refuse(422), true, 7, 0, 0},
		{"413 for many lines", func(_ int, l []string) error {
			if len(l) > 3 {
				return says(413)
			}
			return nil
		}, false, 7, 0, 0},
		{"413 for one line", refuse(413), true, 7, 0, 0},
		{"429 with Retry-After", first(wait(429, 90*time.Second)), false, 2, 90 * time.Second, 90 * time.Second},
		{"503 with Retry-After", first(wait(503, 7*time.Second)), false, 2, 7 * time.Second, 7 * time.Second},
		{"503 that asks for an hour", first(wait(503, time.Hour)), false, 2, 5 * time.Minute, 5 * time.Minute},
		{"503", first(says(503)), false, 2, 500 * time.Millisecond, 1500 * time.Millisecond},
		{"500 and 502", first(says(500), says(502)), false, 3, 1500 * time.Millisecond, 4500 * time.Millisecond},
		{"408", first(says(408)), false, 2, 500 * time.Millisecond, 1500 * time.Millisecond},
		{"no answer", first(errors.New("timeout")), false, 2, 500 * time.Millisecond, 1500 * time.Millisecond},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, d := &feed{readings: someReadings(10)}, &database{answer: test.answer}
				w := run(t, f, d, lineproto.DefaultPace(), "", 10*time.Minute, nil)
				want := lines(f.readings)
				var refused []string
				if test.refused {
					refused = want[bad : bad+1]
					want = append(want[:bad:bad], want[bad+1:]...)
				}
				if diff := cmp.Diff(refused, f.refused); diff != "" {
					t.Errorf("refused (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(want, d.lines); diff != "" {
					t.Errorf("written (-want +got):\n%s", diff)
				}
				if last := d.at[len(d.at)-1]; len(d.at) != test.requests || last < test.earliest || last > test.latest {
					t.Errorf("%d requests, the last after %v; want %d, between %v and %v", len(d.at), last, test.requests, test.earliest, test.latest)
				}
				if h := w.Health(); len(h) != 0 || !f.written {
					t.Errorf("through: %v; health says %+v", f.written, h)
				}
				if s := w.Stats(); s.Written != int64(len(want)) || s.Refused != int64(len(refused)) {
					t.Errorf("counts are %+v", s)
				}
			})
		})
	}
}

func TestRefusedWriterSaysSoDropsNothingAndAsksSeldom(t *testing.T) {
	for _, status := range []int{401, 403, 404, 405, 307} {
		synctest.Test(t, func(t *testing.T) {
			f := &feed{readings: someReadings(3), loadings: []grid.Loading{{Transformer: "T1", At: noon}}}
			d := &database{answer: func(request int, _ []string) error {
				if request <= 3 {
					return says(status)
				}
				return nil
			}}
			w := run(t, f, d, lineproto.DefaultPace(), "", 16*time.Minute, func(w *lineproto.Writer) {
				time.Sleep(14 * time.Minute)
				synctest.Wait()
				h := w.Health()
				if len(h) != 1 || !h[0].Stopped || h[0].Part != "test" || !h[0].Since.Equal(d.since) ||
					!strings.Contains(h[0].En, "TestDB") || !strings.Contains(h[0].En, "bucket") || !strings.Contains(h[0].Vi, "5 phút") {
					t.Errorf("%d: health says %+v", status, h)
				}
				if diff := cmp.Diff([]time.Duration{0, 5 * time.Minute, 10 * time.Minute}, d.times()); diff != "" {
					t.Errorf("%d: requests at (-want +got):\n%s", status, diff)
				}
			})
			if len(d.lines) != 4 || len(f.refused) != 0 || len(w.Health()) != 0 {
				t.Errorf("%d: %d lines and %d dead letters; health says %+v", status, len(d.lines), len(f.refused), w.Health())
			}
		})
	}
}

func TestNewTokenIsUsedAtOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	set := func(token string) {
		if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, before := range []string{"", "old", "gone"} { // empty, refused, no file at first
		if before == "gone" {
			_ = os.Remove(file)
		} else {
			set(before)
		}
		synctest.Test(t, func(t *testing.T) {
			f, d := &feed{readings: someReadings(3)}, &database{}
			d.answer = func(int, []string) error {
				if d.tokens[len(d.tokens)-1] != "new" {
					return says(401)
				}
				return nil
			}
			w := run(t, f, d, lineproto.DefaultPace(), file, 6*time.Second, func(w *lineproto.Writer) {
				time.Sleep(time.Minute)
				synctest.Wait()
				if h := w.Health(); len(h) != 1 || !h[0].Stopped || !strings.Contains(h[0].En, "token") {
					t.Errorf("%q: health says %+v", before, h)
				}
				set("new")
			})
			if len(d.lines) != 3 || len(w.Health()) != 0 || len(f.refused) != 0 {
				t.Errorf("%q: %d lines; health says %+v", before, len(d.lines), w.Health())
			}
		})
	}
}

func TestDatabaseThatIsDownIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, d := &feed{readings: someReadings(3)}, &database{answer: func(int, []string) error { return errors.New("refused") }}
		w := run(t, f, d, lineproto.DefaultPace(), "", time.Hour, nil)
		h := w.Health()
		if len(h) != 1 || h[0].Stopped || !h[0].Since.Equal(d.since) {
			t.Fatalf("health says %+v", h)
		}
		for _, text := range []string{h[0].Vi, h[0].En} {
			if !strings.Contains(text, "(refused)") || !strings.Contains(text, "store.test.url") {
				t.Errorf("does not say why, or what to look at: %q", text)
			}
		}
		// About one a minute: fewer would come back late, more would press.
		if n := len(d.at); n < 40 || n > 130 {
			t.Errorf("%d requests in an hour", n)
		}
	})
}

func TestLongPortionsGoInBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		most := 0
		f, d := &feed{readings: someReadings(1050)}, &database{answer: func(_ int, l []string) error { most = max(most, len(l)); return nil }}
		pace := lineproto.DefaultPace()
		pace.Batch = 100
		run(t, f, d, pace, "", time.Second, nil)
		if diff := cmp.Diff(lines(f.readings), d.lines); diff != "" || most != 100 || len(d.at) != 11 {
			t.Errorf("%d requests of up to %d lines; written (-want +got):\n%s", len(d.at), most, diff)
		}
	})
}

func TestLoadingsAreWrittenWithTheirPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := grid.Loading{Transformer: "T1", Source: grid.Instant, At: noon, PhaseMaxPct: grid.Known(110.9)}
		ending := grid.Loading{Transformer: "T1", Source: grid.Profile, At: noon, Interval: 30 * time.Minute}
		f, d := &feed{loadings: []grid.Loading{l, ending}}, &database{answer: func(int, []string) error { return nil }}
		run(t, f, d, lineproto.DefaultPace(), "", time.Second, nil)
		if diff := cmp.Diff([]string{lineproto.LoadingLine(&l, "471E11", "PD"), lineproto.LoadingLine(&ending, "472E11", "PD")}, d.lines); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestLineThatCannotBeBuriedIsNotPassedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := errors.New("disk full")
		f := &feed{readings: someReadings(1), grave: full}
		d := &database{answer: func(int, []string) error { return says(400) }}
		w := lineproto.New(lineproto.Name{Cursor: "test"}, lineproto.DefaultPace(), d, lineproto.Parts{Feed: f, Places: district{}, Clock: grid.RealClock{}})
		if err := w.Run(t.Context()); !errors.Is(err, full) || f.written {
			t.Errorf("through: %v; the feed is told %v", f.written, err)
		}
	})
}
