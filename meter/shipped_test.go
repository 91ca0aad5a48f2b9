package meter_test

import (
	"bufio"
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/configs"
	"phutai/grid"
	"phutai/line"
	"phutai/meter"
)

func shipped(t testing.TB) *meter.Profiles {
	t.Helper()
	ps, err := meter.LoadProfiles(configs.Meters)
	if err != nil {
		t.Fatal(err)
	}
	return ps
}

// records gives the fields of each line that says something.
func records(t testing.TB, file string) (all [][]string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v: every profile needs an answer and what it means", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(b))
	for lines.Scan() {
		if text := strings.TrimSpace(lines.Text()); text != "" && text[0] != '#' {
			all = append(all, strings.Fields(text))
		}
	}
	return all
}

// expected is a want.txt: the poll's figures, then rows by the end of their interval.
type expected struct {
	poll map[string]float64
	rows map[string]map[string]float64
}

func wanted(t testing.TB, dir string) expected {
	t.Helper()
	want := expected{map[string]float64{}, map[string]map[string]float64{}}
	for _, f := range records(t, filepath.Join(dir, "want.txt")) {
		into := want.poll
		if f[0] == "row" {
			into = map[string]float64{}
			want.rows[f[1]] = into
			f = f[2:]
		}
		for ; len(f) >= 2; f = f[2:] {
			x, err := strconv.ParseFloat(f[1], 64)
			if err != nil {
				t.Fatal(err)
			}
			into[f[0]] = x
		}
	}
	return want
}

func asMap(v grid.Values) map[string]float64 {
	m := map[string]float64{}
	for q, x := range v.All() {
		m[q.String()] = x
	}
	return m
}

// near lets the last bits of a figure differ that a scaler has multiplied.
var near = cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(a)) })

func openAt(t testing.TB, address string, p *meter.Profile, m grid.Meter, password string) meter.Device {
	t.Helper()
	l, err := line.Open(address, line.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := meter.NewBus(l)
	t.Cleanup(func() { _ = b.Close() })
	d, err := meter.Open(b, p, m, []byte(password))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestEachShippedProfileReadsItsAnswer(t *testing.T) {
	ps := shipped(t)
	for _, name := range ps.Names() {
		t.Run(name, func(t *testing.T) {
			p, _ := ps.Get(name)
			dir := filepath.Join("testdata", "profiles", name)
			var address string
			if p.Protocol == meter.Modbus {
				address = replayModbus(t, records(t, filepath.Join(dir, "exchange.txt")))
			} else {
				address = replayDLMS(t, records(t, filepath.Join(dir, "objects.txt")))
			}
			want := wanted(t, dir)
			d := openAt(t, address, p, grid.Meter{ID: "1"}, "")
			s, err := d.Poll(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want.poll, asMap(s.Values), near); diff != "" {
				t.Errorf("poll (-want +got):\n%s", diff)
			}
			if s.Quality != 0 {
				t.Errorf("quality %x of a sound answer", s.Quality)
			}
			if len(want.poll) != p.Measures() {
				t.Errorf("the answer covers %d quantities, the profile has %d", len(want.poll), p.Measures())
			}
			rows := map[string]map[string]float64{}
			from := time.Date(2026, 6, 16, 9, 0, 0, 0, time.UTC)
			err = d.History(t.Context(), from, from.Add(time.Hour), func(s grid.Sample) error {
				rows[s.End.Format(time.RFC3339)] = asMap(s.Values)
				return nil
			})
			if p.HasHistory() == (err != nil) {
				t.Errorf("history: %v", err)
			}
			if diff := cmp.Diff(want.rows, rows, near); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			if err := d.Release(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestNoAnswerIsKeptWithoutItsProfile(t *testing.T) {
	dirs, err := os.ReadDir(filepath.Join("testdata", "profiles"))
	if err != nil {
		t.Fatal(err)
	}
	names := shipped(t).Names()
	for _, d := range dirs {
		if !slices.Contains(names, d.Name()) {
			t.Errorf("testdata/profiles/%s belongs to no profile", d.Name())
		}
	}
	if got := fmt.Sprint(names); got != "[eastron-sdm630 generic-dlms]" {
		t.Errorf("shipped profiles: %s", got)
	}
}
