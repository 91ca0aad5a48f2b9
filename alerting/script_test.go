package alerting_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/alerting"
	"phutai/alerting/notify"
	"phutai/db"
	"phutai/grid"
)

var update = flag.Bool("update", false, "rewrite the expected output of testdata/*.txt")

// TestScripts runs each testdata/*.txt: paragraphs of commands, a line ----,
// and what they must cause. Commands:
//
//	load 120 for 3h every 15m   worst phase of T1 in %, of a meter polled so, until then
//	hot 125 for 1h every 15m    hot spot of T1 in °C
//	suspect 120 | estimated 125 one value of that grade (load, hot spot)
//	old 120 2h                  one load of two hours ago
//	tick 15m                    time passes, the engine looks once a minute
//	silent P1 P2 for 45m | back P1
//	leave                       P1 leaves the register
//	doubt                       from now on P is suspect, beside sound currents
//	hold | unhold               a case about the numbers of T1 opens, and ends
//	default 5m                  restart with that time between polls, for values without their own
//	ack NAME | restart | list | pages
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s := newStage(t)
			var got []string
			for part := range strings.SplitSeq(strings.TrimSpace(string(b)), "\n\n") {
				commands, _, _ := strings.Cut(part, "\n----")
				for line := range strings.SplitSeq(commands, "\n") {
					if !strings.HasPrefix(line, "#") {
						s.run(strings.Fields(line))
					}
				}
				got = append(got, strings.TrimSpace(commands+"\n----\n"+s.flush()))
			}
			text := strings.Join(got, "\n\n") + "\n"
			if *update {
				if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if d := cmp.Diff(string(b), text); d != "" {
				t.Errorf("-want +got; if it is right, run with -update:\n%s", d)
			}
		})
	}
}

// handClock stands until it is moved.
type handClock struct{ now time.Time }

func (c *handClock) Now() time.Time { return c.now }
func (c *handClock) Wait(ctx context.Context, _ time.Time) error {
	<-ctx.Done()
	return ctx.Err()
}

// village is a register in which every point stands on one feeder; P1 may leave.
type village struct{ left *time.Time }

func (v village) Where(p grid.PointID, tr grid.TransformerID, at time.Time) (alerting.Place, bool) {
	if v.left != nil && !v.left.IsZero() && p == "P1" && !at.Before(*v.left) {
		return alerting.Place{}, false
	}
	place := alerting.Place{
		Substation: grid.Substation{ID: "S1", Name: "TBA Minh Khai 2", Pole: "471/35", KeeperPhone: "0912000111"},
		Feeder:     grid.Feeder{ID: "471E11", Name: "471E11"}, Unit: grid.Unit{ID: "HH", Name: "ĐL Hưng Hà"}, Among: 1,
	}
	if p != "P1" {
		place.Substation = grid.Substation{ID: grid.SubstationID("S-" + p), Name: "TBA " + string(p)}
	}
	if tr != "" {
		place.Transformer = grid.Transformer{ID: tr, RatedKVA: 400}
	}
	return place, true
}

// noted is a channel that only keeps its name: pages stay in the outbox.
type noted struct{}

func (noted) Name() string                               { return "noted" }
func (noted) Send(context.Context, notify.Message) error { return nil }

type stage struct {
	t      *testing.T
	clock  *handClock
	db     *db.DB
	engine *alerting.Engine
	every  time.Duration // 0: the preset
	left   time.Time     // when P1 left the register
	held   time.Time     // since when the pages about T1 are held
	other  grid.Grade    // of the figures that are not judged
	events int
	out    []string
}

func newStage(t *testing.T) *stage {
	d, err := db.Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	s := &stage{t: t, db: d, clock: &handClock{time.Date(2026, 6, 22, 10, 0, 0, 0, time.UTC)}} // 17:00 there
	s.open()
	return s
}

func (s *stage) open() {
	cfg := alerting.DefaultConfig()
	if s.every > 0 {
		cfg.Every = s.every
	}
	e, err := alerting.Open(s.t.Context(), cfg, alerting.Deps{
		DB: s.db, Places: village{&s.left}, Doubts: s, Channels: []notify.Channel{noted{}}, Clock: s.clock, Zone: time.FixedZone("+07", 7*3600),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.engine = e
}

func (s *stage) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) number(text string) float64 {
	x, err := strconv.ParseFloat(text, 64)
	s.check(err)
	return x
}

func (s *stage) duration(text string) time.Duration {
	d, err := time.ParseDuration(text)
	s.check(err)
	return d
}

func (s *stage) run(words []string) {
	s.t.Helper()
	switch words[0] {
	case "load", "hot":
		step := s.duration(words[5])
		for left := s.duration(words[3]); left > 0; left -= step {
			s.observe(words[0], s.number(words[1]), step, 0, grid.Good)
			s.pass(step)
		}
	case "suspect":
		s.observe("load", s.number(words[1]), 0, 0, grid.Suspect)
	case "estimated":
		s.observe("hot", s.number(words[1]), 0, 0, grid.Estimated)
	case "old":
		s.observe("load", s.number(words[1]), 0, s.duration(words[2]), grid.Good)
	case "tick":
		s.pass(s.duration(words[1]))
	case "silent":
		s.silent(words[1:])
	case "back":
		s.check(s.engine.Contacts(s.t.Context(), []grid.Contact{{Point: grid.PointID(words[1]), LastGood: s.clock.now, LastTry: s.clock.now}}, s.clock.now))
	case "ack":
		s.check(s.engine.Acknowledge(s.t.Context(), s.standing(grid.AlarmKind(words[1])), "Lan", s.clock.now))
	case "leave":
		s.left = s.clock.now
	case "hold":
		s.held = s.clock.now
	case "unhold":
		s.held = time.Time{}
	case "doubt":
		s.other = grid.Suspect
	case "default":
		s.every = s.duration(words[1])
		s.open()
	case "restart":
		s.open()
	case "list":
		s.list()
	case "pages":
		s.pages()
	default:
		s.t.Fatalf("no command %q", words)
	}
}

func (s *stage) observe(what string, x float64, every, age time.Duration, g grid.Grade) {
	l := grid.Loading{Transformer: "T1", Point: "P1", At: s.clock.now.Add(-age), Source: grid.Instant, Interval: every, Governor: grid.GovernRating, WorstPhase: grid.PhaseB}
	if what == "hot" {
		l.HotSpotC, l.ThermalGrade = grid.Known(x), g
	} else {
		l.PhaseMaxPct, l.PhaseGrade = grid.Known(x), g
		l.Grade = max(g, s.other)
	}
	s.check(s.engine.Observe(s.t.Context(), []grid.Loading{l}))
	s.note()
}

func (s *stage) pass(d time.Duration) {
	for ; d > 0; d -= time.Minute {
		s.clock.now = s.clock.now.Add(min(d, time.Minute))
		s.check(s.engine.Tick(s.t.Context()))
		s.note()
	}
}

func (s *stage) silent(words []string) {
	var last = s.clock.now
	names, d := words[:len(words)-2], s.duration(words[len(words)-1])
	for ; d > 0; d -= 5 * time.Minute {
		s.pass(5 * time.Minute)
		var cs []grid.Contact
		for _, p := range names {
			cs = append(cs, grid.Contact{Point: grid.PointID(p), LastGood: last, LastTry: s.clock.now,
				Misses: int(s.clock.now.Sub(last) / (5 * time.Minute)), Missing: grid.NoAnswer})
		}
		s.check(s.engine.Contacts(s.t.Context(), cs, s.clock.now))
		s.note()
	}
}

func (s *stage) standing(k grid.AlarmKind) grid.AlarmID {
	all, err := s.engine.List(s.t.Context())
	s.check(err)
	for _, a := range all {
		if a.Kind == k {
			return a.ID
		}
	}
	s.t.Fatalf("no %s alarm stands", k)
	return ""
}

func (s *stage) list() {
	all, err := s.engine.List(s.t.Context())
	s.check(err)
	for _, a := range all {
		stale := ""
		if !a.StaleSince.IsZero() {
			stale = " stale since " + s.hour(a.StaleSince)
		}
		s.out = append(s.out, fmt.Sprintf("list: %s %s %s %s %.0f%s", a.ID, a.Kind, a.Severity, a.State, a.Value.X, stale))
	}
	if len(all) == 0 {
		s.out = append(s.out, "list: nothing")
	}
}

func (s *stage) hour(t time.Time) string { return t.In(time.FixedZone("+07", 7*3600)).Format("15:04") }

// note writes the events since the last note.
func (s *stage) note() {
	all, err := s.engine.History(s.t.Context(), 1000)
	s.check(err)
	sort.Slice(all, func(i, j int) bool { return all[i].Seq < all[j].Seq })
	for _, ev := range all[s.events:] {
		s.out = append(s.out, fmt.Sprintf("%s %s %s: %s %s, pages %d", s.hour(ev.At), ev.Alarm.ID, ev.Alarm.Kind, ev.Change, ev.Alarm.State, ev.Alarm.Pages))
	}
	s.events = len(all)
}

func (s *stage) pages() {
	rows, err := s.db.Read.Query(`SELECT key, json_extract(body, '$.sms') FROM page ORDER BY id`)
	s.check(err)
	defer rows.Close()
	for rows.Next() {
		var key, sms string
		s.check(rows.Scan(&key, &sms))
		s.out = append(s.out, "page "+key+": "+sms)
	}
	s.check(rows.Err())
}

func (s *stage) flush() string {
	s.note()
	text := strings.Join(s.out, "\n")
	s.out = nil
	return text
}

// Held tells whether the script holds pages.
func (s *stage) Held(grid.TransformerID) (time.Time, bool) { return s.held, !s.held.IsZero() }
