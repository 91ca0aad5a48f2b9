package thermal_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"phutai/thermal"
)

func params(t *testing.T, name string) thermal.Params {
	t.Helper()
	b, err := os.ReadFile("testdata/params.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	p, err := thermal.ReadParams(bytes.NewReader(all[name]))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func numbers(t *testing.T, file string) [][]float64 {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, string(b))
}

func parse(t *testing.T, text string) [][]float64 {
	t.Helper()
	r := csv.NewReader(strings.NewReader(text))
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out [][]float64
	for _, row := range rows[1:] {
		var xs []float64
		for _, cell := range row {
			x, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				x = math.NaN() // a time
			}
			xs = append(xs, x)
		}
		out = append(out, xs)
	}
	return out
}

func TestRunAgreesWithTheReferenceOnEveryRow(t *testing.T) {
	for _, name := range []string{"A_dist400_heatwave_15min", "D_power_onaf_iec_cycle_5min"} {
		t.Run(name, func(t *testing.T) {
			want := numbers(t, name+".csv")
			var in, out bytes.Buffer
			fmt.Fprintln(&in, "time,load_a,ambient_c")
			start := time.Date(2026, 6, 20, 0, 0, 0, 0, time.FixedZone("", 7*3600))
			for _, row := range want {
				at := start.Add(time.Duration(row[0]) * time.Minute).Format(time.RFC3339)
				fmt.Fprintf(&in, "%s,%v,%v\n", at, row[1], row[3])
			}
			if err := thermal.Run(params(t, name), &in, &out); err != nil {
				t.Fatal(err)
			}
			got := parse(t, out.String())
			if len(got) != len(want) {
				t.Fatalf("got %d rows, want %d", len(got), len(want))
			}
			for i, w := range want {
				if math.Abs(got[i][1]-w[4]) > 0.01 || math.Abs(got[i][2]-w[5]) > 0.01 {
					t.Errorf("minute %v: got %v, %v °C, want %v, %v", w[0], got[i][1], got[i][2], w[4], w[5])
				}
				if math.Abs(got[i][4]-w[8]) > 0.001*max(1, w[8]) {
					t.Errorf("minute %v: loss of life %v h, want %v", w[0], got[i][4], w[8])
				}
			}
		})
	}
}

func TestOneMinuteStepsMeetTheStandardsPrintedFigures(t *testing.T) {
	m, err := thermal.New(params(t, "D_power_onaf_iec_cycle_5min"))
	if err != nil {
		t.Fatal(err)
	}
	s := m.Begin(1, 25.6)
	load := func(minute int) float64 {
		for _, part := range []struct {
			until int
			k     float64
		}{{190, 1}, {365, 0.6}, {500, 1.5}, {705, 0.3}, {730, 2.1}} {
			if minute <= part.until {
				return part.k
			}
		}
		return 0
	}
	checks := numbers(t, "iec_annex_onaf_check.csv")
	for minute := 1; minute <= 745; minute++ {
		s = m.Step(s, load(minute), 25.6, time.Minute)
		for _, c := range checks {
			if int(c[0]) == minute && (math.Abs(s.TopOilC-c[1]) > c[3] || math.Abs(s.HotSpotC()-c[2]) > c[3]) {
				t.Errorf("minute %d: got %.2f, %.2f °C, want %v, %v", minute, s.TopOilC, s.HotSpotC(), c[1], c[2])
			}
		}
	}
}
