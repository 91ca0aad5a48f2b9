package app

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"phutai/grid"
	"phutai/sim"
)

// TestCommissioningTellsOfEachNewMeter asks the meters of a simulated province
// over real sockets, after one of them was given the wrong plate.
func TestCommissioningTellsOfEachNewMeter(t *testing.T) {
	province := sim.New(sim.Config{})
	if err := province.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- province.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	dir := t.TempDir()
	config := filepath.Join(dir, "phutai.yml")
	if err := os.WriteFile(config, []byte("broker: {listen: '127.0.0.1:0'}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := writeSecrets(filepath.Join(dir, "secrets"), province.Secrets()); err != nil {
		t.Fatal(err)
	}
	set := registerOf(province.Fleet())
	faults, wrong := province.Faults(), grid.PointID("")
	for i := range set.Points {
		if p := &set.Points[i].Body; faults[p.ID] == sim.NoFault && p.Side != grid.MV {
			p.CTPrimary, wrong = 20*p.CTPrimary, p.ID
			break
		}
	}
	take(t, config, set)

	var out strings.Builder
	err := Commission(t.Context(), CommissionOptions{Config: config, Since: "2020-01-01", Timeout: 20 * time.Second, Lang: "en"}, &out)
	if err == nil || !strings.Contains(err.Error(), "meters are not fit for service yet") {
		t.Errorf("got %v", err)
	}
	for i := range set.Points {
		id := set.Points[i].Body.ID
		want := "plausible"
		switch {
		case id == wrong:
			want = "does not suit a rated current"
		case faults[id] == sim.Silent, faults[id] == sim.DeadUnit:
			want = "reached, not read"
		}
		if row := lineWith(out.String(), string(id)); !strings.Contains(row, want) || want == "plausible" && strings.Contains(row, "not plausible") {
			t.Errorf("%s (%s): %q, want %q", id, faults[id], row, want)
		}
	}

	out.Reset()
	tomorrow := time.Now().AddDate(0, 0, 2).Format(time.DateOnly)
	if err := Commission(t.Context(), CommissionOptions{Config: config, Since: tomorrow, Timeout: time.Second, Lang: "vi"}, &out); err != nil || out.String() != "0 công tơ mới: 0 kết nối được, 0 đọc được, 0 hợp lý\n" {
		t.Errorf("none is new: %q, %v", out.String(), err)
	}
}

func lineWith(text, word string) string {
	for l := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(l, word+" ") {
			return l
		}
	}
	return ""
}
