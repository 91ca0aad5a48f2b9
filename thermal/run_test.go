package thermal_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"phutai/thermal"
)

func TestBadInputIsNamedByItsLine(t *testing.T) {
	const head = "time,load_a,ambient_c\n2026-06-22T20:00:00+07:00,400,34\n"
	for _, c := range []struct{ in, want string }{
		{"", "input is empty"},
		{"time,load_a\n", "no column ambient_c"},
		{"time,load_a,ambient_c\n", "no rows"},
		{head + "22/06/2026 20:30,400,34\n", "line 3: time"},
		{head + "2026-06-22T20:30:00+07:00,\"400,5\",34\n", "line 3: load_a"},
		{head + "2026-06-22T20:30:00+07:00,NaN,34\n", "line 3: load_a"},
		{head + "2026-06-22T20:30:00+07:00,400,\n", "line 3: ambient_c"},
		{head + "2026-06-22T20:30:00+07:00,400,340\n", "line 3: ambient_c"},
		{head + "2026-06-22T20:30:00+07:00,1e300,34\n", "line 3: load_a"},
		{head + "2026-06-22T20:00:00+07:00,400,34\n", "line 3: time"},
		{head + "2026-06-22T20:30:00+07:00,400\n", "line 3"},
	} {
		err := thermal.Run(thermal.Params{RatedCurrentA: 577}, strings.NewReader(c.in), &bytes.Buffer{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("input %q: got %v, want %q", c.in, err, c.want)
		}
	}
}

func TestColumnsMayStandInAnyOrderAndStepsDiffer(t *testing.T) {
	in := "\ufeffambient_c,time,load_a\n34,2026-06-22T20:00:00+07:00,-577\n34,2026-06-22T13:07:00Z,577\n"
	var out bytes.Buffer
	if err := thermal.Run(thermal.Params{RatedCurrentA: 577}, strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	got := parse(t, out.String())
	if got[0][1] != 89 || math.Abs(got[1][2]-112) > 1e-9 {
		t.Errorf("reverse load must heat as well: got %v", got)
	}
}

func TestBadParametersAreAllNamed(t *testing.T) {
	_, err := thermal.New(thermal.Params{Cooling: "air", Paper: "silk", K11: -1})
	for _, want := range []string{"cooling", "paper", "k11", "rated_current_a"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s named", err, want)
		}
	}
	for _, in := range []string{`{"rated_current":5}`, `{"start":"warm"}`, `{"start":{"oil":3}}`, `[]`, `{} {}`} {
		if _, err := thermal.ReadParams(strings.NewReader(in)); err == nil {
			t.Errorf("%s was accepted", in)
		}
	}
}

func TestStartsDiffer(t *testing.T) {
	const in = "time,load_a,ambient_c\n2026-06-22T20:00:00+07:00,577,34\n"
	for start, want := range map[string]float64{`"steady"`: 112, `"cold"`: 34, `{"top_oil_c":75}`: 75} {
		p, err := thermal.ReadParams(strings.NewReader(`{"rated_current_a":577,"start":` + start + `}`))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := thermal.Run(p, strings.NewReader(in), &out); err != nil {
			t.Fatal(err)
		}
		if got := parse(t, out.String())[0][2]; math.Abs(got-want) > 1e-6 {
			t.Errorf("start %s: hot spot %v, want %v", start, got, want)
		}
	}
}

func FuzzRun(f *testing.F) {
	f.Add("time,load_a,ambient_c\n2026-06-22T20:00:00+07:00,400,34\n2026-06-22T20:30:00+07:00,410.5,33.9\n")
	f.Add("ambient_c,load_a,time\n34,-1e3,2026-06-22T20:00:00.5Z\n")
	f.Add("\ufefftime,load_a,ambient_c\r\n0001-01-01T00:00:00Z,0,0\r\n9999-12-31T23:59:59Z,1,1\r\n")
	f.Fuzz(func(t *testing.T, in string) {
		var out bytes.Buffer
		if err := thermal.Run(thermal.Params{RatedCurrentA: 577}, strings.NewReader(in), &out); err != nil {
			return
		}
		for _, row := range parse(t, out.String()) {
			for _, x := range row[1:] {
				if math.IsNaN(x) {
					t.Fatalf("a figure is no number in %q", out.String())
				}
			}
		}
	})
}
