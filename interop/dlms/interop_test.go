package dlms_test

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"phutai/grid"
	"phutai/sim/dlmsmeter"
)

// at is when the meter is read: 19:10 in Hanoi.
var at = time.Date(2026, 6, 15, 12, 10, 0, 0, time.UTC)

const depth = 30 * 24 * time.Hour

// evening is a load that moves with time.
type evening struct{}

func (evening) Instant(t time.Time) grid.Values {
	x := float64(t.Unix()%86400) / 86400
	var v grid.Values
	for q := range grid.NumQuantities {
		v.Set(q, 1.5+x+float64(q)/8)
	}
	v.Set(grid.P, -0.5-x) // towards the grid
	v.Set(grid.Pf, -0.9)
	v.Set(grid.EaImp, float64(t.Unix()-1_700_000_000)/3600)
	return v
}

func (e evening) Rows(from, to time.Time) []grid.Sample {
	var rows []grid.Sample
	for end := from.Truncate(dlmsmeter.DefaultPeriod).Add(dlmsmeter.DefaultPeriod); !end.After(to); end = end.Add(dlmsmeter.DefaultPeriod) {
		rows = append(rows, grid.Sample{End: end, Values: e.Instant(end)})
	}
	return rows
}

// python gives the interpreter of the environment, or skips by name.
func python(t *testing.T) string {
	t.Helper()
	path := filepath.Join(os.Getenv("PHUTAI_VENV"), "bin", "python")
	if os.Getenv("PHUTAI_VENV") != "" {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	const missing = "the Gurux DLMS client is not here: make a Python environment with interop/requirements.txt and name it in PHUTAI_VENV"
	if os.Getenv("PHUTAI_REAL") == "1" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}

// answer is what peer.py prints.
type answer struct {
	Serial, Clock    string
	Singly, Listed   map[string]float64
	Units            map[string]int
	Period, Requests int
	Columns          []string
	ByRange          [][]any `json:"by_range"`
	ByEntry          [][]any `json:"by_entry"`
}

func ask(t *testing.T, cfg dlmsmeter.Config, password string, job map[string]any) answer {
	t.Helper()
	interpreter := python(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	done := make(chan error, 1)
	go func() { done <- dlmsmeter.Serve(ctx, ln, cfg, evening{}) }()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	}()
	host, port, _ := net.SplitHostPort(ln.Addr().String())
	args := []string{"peer.py", host, port}
	if password != "" {
		args = append(args, password)
	}
	stdin, err := json.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	peer := exec.CommandContext(ctx, interpreter, args...)
	peer.Stdin = bytes.NewReader(stdin)
	var stderr bytes.Buffer
	peer.Stderr = &stderr
	out, err := peer.Output()
	if err != nil {
		t.Fatalf("peer.py: %v\n%s", err, stderr.Bytes())
	}
	var a answer
	if err := json.Unmarshal(out, &a); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	return a
}

func TestGuruxClientReadsOurMeter(t *testing.T) {
	python(t) // skips the whole of it
	rows := evening{}.Rows(at.Add(-depth), at)
	from, to := at.Add(-26*time.Hour), at
	job := map[string]any{
		"from": from.Format(time.RFC3339), "to": to.Format(time.RFC3339), "entry": 7, "count": 100,
	}
	var codes []string
	for _, r := range dlmsmeter.Registers() {
		codes = append(codes, r.Code.String())
	}
	job["registers"] = codes
	for name, c := range map[string]struct {
		password string
		maxPDU   uint16
	}{
		"without security": {},
		"with password":    {password: "matkhau1"},
		"in small blocks":  {maxPDU: 200},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := dlmsmeter.Config{
				Serial: "26000042", Password: c.password, MaxPDU: c.maxPDU, Depth: depth,
				Now: func() time.Time { return at },
			}
			got := ask(t, cfg, c.password, job)
			if got.Serial != "26000042" {
				t.Errorf("serial %q", got.Serial)
			}
			if clock, err := time.Parse(time.RFC3339, got.Clock); err != nil || !clock.Equal(at) {
				t.Errorf("clock %q, want %v", got.Clock, at)
			}
			if got.Period != 1800 || len(got.Columns) != 2+len(dlmsmeter.Columns()) {
				t.Errorf("period %d, columns %v", got.Period, got.Columns)
			}
			checkRegisters(t, got)
			checkRows(t, "by range", got.ByRange, rows[len(rows)-52:])
			checkRows(t, "by entry", got.ByEntry, rows[6:106])
			t.Logf("%d requests", got.Requests)
		})
	}
}

// unit is what the peer shows a register in: it applies the scaler and keeps
// W, var, VA, Wh and varh.
func unit(r dlmsmeter.Register) float64 {
	switch r.Quantity.Unit() {
	case "kW", "kvar", "kVA", "kWh", "kvarh":
		return 1000
	}
	return 1
}

// shown is what a register shows of v, in the grid's unit.
func shown(r dlmsmeter.Register, v grid.Values) float64 {
	x, _ := v.Get(r.Quantity)
	if r.Factor == 0 {
		return x
	}
	return max(0, x*r.Factor)
}

func checkRegisters(t *testing.T, got answer) {
	t.Helper()
	now := evening{}.Instant(at)
	for _, r := range dlmsmeter.Registers() {
		want := shown(r, now) * unit(r)
		step := math.Pow10(int(r.Scale.Scaler))
		for how, values := range map[string]map[string]float64{"singly": got.Singly, "in a list": got.Listed} {
			if x, ok := values[r.Code.String()]; !ok || math.Abs(x-want) > step/2*1.001 {
				t.Errorf("%v (%v) %s: %v, want %v", r.Code, r.Quantity, how, x, want)
			}
		}
		if got.Units[r.Code.String()] != int(r.Scale.Unit) {
			t.Errorf("%v: unit %d, want %d", r.Code, got.Units[r.Code.String()], r.Scale.Unit)
		}
	}
}

// checkRows compares raw profile values: the peer does not scale them.
func checkRows(t *testing.T, how string, got [][]any, want []grid.Sample) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d rows, want %d", how, len(got), len(want))
	}
	for i, row := range got {
		end, err := time.Parse(time.RFC3339, row[0].(string))
		if err != nil || !end.Equal(want[i].End) {
			t.Fatalf("%s: row %d ends %v, want %v", how, i, row[0], want[i].End)
		}
		for n, r := range dlmsmeter.Columns() {
			if x := row[2+n].(float64); x != r.Scale.Raw(shown(r, want[i].Values)) {
				t.Errorf("%s: row %d, %v: %v, want %v", how, i, r.Code, x, shown(r, want[i].Values))
			}
		}
	}
}
