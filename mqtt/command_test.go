package mqtt_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"phutai/grid"
	"phutai/mqtt"
)

const half = 30 * time.Minute

var noon = time.Date(2026, 6, 3, 5, 0, 0, 0, time.UTC)

func backFill() grid.BackFill {
	return grid.BackFill{
		ID: "f1", Meter: "M/1", Point: "PD Vũ Thư", Every: half, Expires: noon.Add(time.Hour),
		Spans: []grid.Span{{From: noon.Add(-4 * half), To: noon}, {From: noon.Add(-60 * half), To: noon.Add(-50 * half)}},
	}
}

func TestCommandHasItsOneForm(t *testing.T) {
	payload, err := mqtt.EncodeCommand(backFill())
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"v":1,"id":"f1","do":"back-fill","expires":1780466400000,"meter":"M/1","point":"PD Vũ Thư","every_ms":1800000,` +
		`"spans":[[1780455600000,1780462800000],[1780354800000,1780372800000]]}`
	if string(payload) != want {
		t.Errorf("got  %s\nwant %s", payload, want)
	}
}

func TestCommandRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := backFill()
		b.ID, b.Every = rapid.StringN(1, 20, 80).Draw(t, "id"), time.Duration(rapid.IntRange(1, 86_400).Draw(t, "every"))*time.Second
		b.Spans = nil
		for range rapid.IntRange(1, mqtt.MaxSpans).Draw(t, "spans") {
			from := noon.Add(-time.Duration(rapid.IntRange(0, 1_000_000).Draw(t, "back")) * time.Second)
			b.Spans = append(b.Spans, grid.Span{From: from, To: from.Add(b.Every * time.Duration(rapid.IntRange(1, 50).Draw(t, "slots")))})
		}
		payload, err := mqtt.EncodeCommand(b)
		if err != nil {
			t.Fatal(err)
		}
		got, err := mqtt.DecodeCommand(payload)
		if diff := cmp.Diff(b, got); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	})
}

func TestCommandThatCannotBeMeantIsRefused(t *testing.T) {
	good, err := mqtt.EncodeCommand(backFill())
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string][2]string{
		"a later version":          {`"v":1`, `"v":2`},
		"another command":          {`back-fill`, `open-breaker`},
		"no meter":                 {`"meter":"M/1"`, `"meter":""`},
		"no interval":              {`"every_ms":1800000`, `"every_ms":0`},
		"a negative interval":      {`"every_ms":1800000`, `"every_ms":-1800000`},
		"slots without end":        {`"every_ms":1800000`, `"every_ms":1`},
		"a span turned round":      {`[1780455600000,1780462800000]`, `[1780462800000,1780455600000]`},
		"a span of the year 1970":  {`[1780455600000,`, `[0,`},
		"a span beyond all clocks": {`,1780462800000]`, `,9223372036854775807]`},
		"a part of an interval":    {`,1780462800000]`, `,1780462800001]`},
		"an expiry without a year": {`"expires":1780466400000`, `"expires":0`},
	} {
		payload := strings.Replace(string(good), c[0], c[1], 1)
		if payload == string(good) {
			t.Fatalf("%s: changes nothing", what)
		}
		var bad *mqtt.BadPayload
		if got, err := mqtt.DecodeCommand([]byte(payload)); !errors.As(err, &bad) {
			t.Errorf("%s: %+v, %v", what, got, err)
		}
	}
	more := strings.Replace(string(good), `{"v":1`, `{"hurry":true,"v":1`, 1)
	if got, err := mqtt.DecodeCommand([]byte(more)); err != nil || got.ID != "f1" {
		t.Errorf("with a field of a later version: %+v, %v", got, err)
	}
	b := backFill()
	if b.Spans = make([]grid.Span, mqtt.MaxSpans+1); true {
		if _, err := mqtt.EncodeCommand(b); err == nil {
			t.Error("too many spans were encoded")
		}
	}
}

func TestReplyRoundTripsAndKeepsOutcomesOfLater(t *testing.T) {
	for _, o := range []grid.Outcome{grid.Accepted, grid.Pending, grid.UnknownMeter, grid.NoMemory, "on-strike"} {
		payload, err := mqtt.EncodeReply(grid.BackFillReply{ID: "f1", Outcome: o})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := mqtt.DecodeReply(payload); err != nil || got != (grid.BackFillReply{ID: "f1", Outcome: o}) {
			t.Errorf("%s: %+v, %v", o, got, err)
		}
	}
	for _, text := range []string{"", "{}", `{"id":"f1"}`, `{"outcome":"accepted"}`, `[1]`} {
		if got, err := mqtt.DecodeReply([]byte(text)); err == nil {
			t.Errorf("%s: %+v", text, got)
		}
	}
}

func TestCommandAndReplyFindTheirWay(t *testing.T) {
	b := startBroker(t, "127.0.0.1:0", t.TempDir())
	center, north, south := centerLink(t, b.Addr()), collectorLink(t, "north", "north/1", b.Addr()), collectorLink(t, "south", "south", b.Addr())
	replies, commands := make(chan grid.BackFillReply, 10), make(chan grid.BackFill, 10)
	center.OnReply(func(r grid.BackFillReply) { replies <- r })
	north.OnBackFill(func(b grid.BackFill) { commands <- b })
	south.OnBackFill(func(b grid.BackFill) { t.Errorf("south got %+v", b) })
	for _, run := range []func(){func() { start(t, center.Run) }, func() { start(t, north.Run) }, func() { start(t, south.Run) }} {
		run()
	}
	eventually(t, "all are connected", func() bool { return center.Connected() && north.Connected() && south.Connected() })

	want := backFill()
	want.Collector = "north/1"
	if err := center.PublishBackFill(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, receive(t, "the command", commands)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := north.PublishReply(t.Context(), grid.BackFillReply{ID: want.ID, Outcome: grid.Accepted}); err != nil {
		t.Fatal(err)
	}
	if got := receive(t, "the reply", replies); got != (grid.BackFillReply{ID: "f1", Collector: "north/1", Outcome: grid.Accepted}) {
		t.Errorf("got %+v", got)
	}
}

// FuzzCommand lets anything be a command or a reply: it is refused, or it is
// written again as it was meant.
func FuzzCommand(f *testing.F) {
	good, err := mqtt.EncodeCommand(backFill())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"v":1,"id":"f1","outcome":"accepted"}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		if b, err := mqtt.DecodeCommand(payload); err == nil {
			again, err := mqtt.EncodeCommand(b)
			if err != nil {
				t.Fatal(err)
			}
			if c, err := mqtt.DecodeCommand(again); err != nil || !cmp.Equal(b, c) {
				t.Errorf("%+v comes back as %+v, %v", b, c, err)
			}
		}
		if r, err := mqtt.DecodeReply(payload); err == nil && (r.ID == "" || r.Outcome == "") {
			t.Errorf("took %+v", r)
		}
	})
}
