package notify_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"phutai/alerting/notify"
	"phutai/grid"
)

var update = flag.Bool("update", false, "rewrite testdata/texts.txt")

var at = time.Date(2026, 6, 22, 13, 30, 0, 0, time.UTC) // 20:30 there

func zone() *time.Location { return time.FixedZone("+07", 7*3600) }

func station() notify.Station {
	return notify.Station{
		Substation: "TBA Minh Khai 2", RatedKVA: 400, Feeder: "472 E3.3", Unit: "ĐL Hưng Hà", Pole: "472/35", KeeperPhone: "0912 000 111",
	}
}

func overload() notify.Notice {
	return notify.Notice{
		Change: notify.Raised, Station: station(), Now: at.Add(4 * time.Minute),
		Alarm: grid.Alarm{ID: "7F3K", Kind: grid.Overload, Severity: grid.Critical, Phase: grid.PhaseB, Value: grid.Known(118.4), Limit: 100,
			Governor: grid.GovernRating, RaisedAt: at.Add(-15 * time.Minute), ValueAt: at},
		Loading: &grid.Loading{At: at, WorstPhase: grid.PhaseB, Amps: [3]grid.Float{grid.Known(554), grid.Known(683.6), grid.Known(508)},
			SKVA: grid.Known(403), LoadingPct: grid.Known(100.8), AmbientC: grid.Known(34.2), HotSpotC: grid.Known(121.3),
			TrendPctPerHr: grid.Known(18), MinutesToHit: grid.Known(0)},
	}
}

// notices are the cases of the golden file, with their names.
func notices() (names []string, all map[string]notify.Notice) {
	all = map[string]notify.Notice{}
	add := func(name string, f func(*notify.Notice)) {
		n := overload()
		l := *n.Loading
		n.Loading = &l
		f(&n)
		names, all[name] = append(names, name), n
	}
	add("overload", func(*notify.Notice) {})
	add("near overload", func(n *notify.Notice) {
		n.Alarm.Severity, n.Alarm.Value, n.Alarm.Limit, n.Loading.MinutesToHit = grid.Warning, grid.Known(99.9), 90, grid.Known(25)
	})
	add("overload over", func(n *notify.Notice) {
		n.Change, n.Alarm.Value, n.Alarm.ClearedAt = notify.Cleared, grid.Known(84.2), at.Add(95*time.Minute)
	})
	add("hot spot", func(n *notify.Notice) {
		n.Alarm.Kind, n.Alarm.Severity, n.Alarm.Value, n.Alarm.Limit = grid.HotSpot, grid.Warning, grid.Known(123.2), 120
		n.Alarm.Phase, n.Alarm.Governor = grid.NoPhase, grid.NoGovernor
	})
	silent := func(n *notify.Notice) {
		n.Loading = nil
		n.Alarm.Kind, n.Alarm.Severity, n.Alarm.Missing, n.Alarm.Phase, n.Alarm.Governor = grid.CommsLoss, grid.Warning, grid.NoAnswer, grid.NoPhase, grid.NoGovernor
		n.Alarm.ValueAt, n.Alarm.Value, n.Alarm.Limit = at.Add(-time.Hour), grid.Known(30), 30
	}
	add("comms loss", silent)
	add("comms loss of a feeder", func(n *notify.Notice) { silent(n); n.Others = 13 })
	add("comms loss from the start", func(n *notify.Notice) { silent(n); n.Alarm.ValueAt = time.Time{} })
	add("data back", func(n *notify.Notice) { silent(n); n.Change, n.Alarm.ClearedAt = notify.Cleared, at })
	add("withdrawn", func(n *notify.Notice) { n.Change, n.Alarm.ClearedAt = notify.Withdrawn, at.Add(time.Hour) })
	add("comms loss withdrawn", func(n *notify.Notice) { silent(n); n.Change, n.Alarm.ClearedAt = notify.Withdrawn, at })
	add("little is known", func(n *notify.Notice) {
		n.Station, n.Loading = notify.Station{Priority: "Bệnh viện"}, &grid.Loading{}
		n.Alarm.Substation, n.Alarm.Phase, n.Alarm.Governor = "S9", grid.NoPhase, grid.NoGovernor
	})
	return names, all
}

func TestTextsAreAsPeopleAgreed(t *testing.T) {
	var b strings.Builder
	names, all := notices()
	for _, lang := range []string{"vi", "en"} {
		c, err := notify.NewComposer(lang, zone())
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			m, err := c.Compose("7F3K/1", all[name])
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "=== %s: %s\n--- title\n%s\n--- sms (%d)\n%s\n--- text\n%s\n\n", lang, name, m.Title, len(m.SMS), m.SMS, m.Text)
		}
	}
	const golden = "testdata/texts.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), b.String()); d != "" {
		t.Errorf("-want +got; if it is right, run with -update:\n%s", d)
	}
}

// harmless is what an SMS may hold: GSM-7, and nothing that operators filter.
const harmless = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:;/()=+-?!'"

func TestShortFormIsOnePartWhateverTheNames(t *testing.T) {
	names, all := notices()
	rapid.Check(t, func(t *rapid.T) {
		lang := rapid.SampledFrom([]string{"vi", "en"}).Draw(t, "lang")
		c, err := notify.NewComposer(lang, zone())
		if err != nil {
			t.Fatal(err)
		}
		n := all[rapid.SampledFrom(names).Draw(t, "notice")]
		n.Station.Substation = rapid.StringN(0, 120, -1).Draw(t, "substation")
		n.Station.Unit = rapid.StringN(0, 60, -1).Draw(t, "unit")
		n.Station.Feeder = rapid.StringN(0, 40, -1).Draw(t, "feeder")
		m, err := c.Compose("k", n)
		if err != nil {
			t.Fatal(err)
		}
		if len(m.SMS) > 160 || strings.Trim(m.SMS, harmless) != "" {
			t.Fatalf("%d characters: %q", len(m.SMS), m.SMS)
		}
		if !strings.HasSuffix(m.SMS, "7F3K") {
			t.Fatalf("the code is gone: %q", m.SMS)
		}
	})
}

func TestOtherLanguagesAreRefused(t *testing.T) {
	if _, err := notify.NewComposer("fr", nil); err == nil {
		t.Error("a language without texts was accepted")
	}
}
