package mqtt

import (
	"encoding/json"
	"fmt"
	"time"

	"phutai/grid"
)

// commandVersion grows when a command changes so that an old collector would do
// the wrong thing. New fields that may be ignored do not count.
const commandVersion = 1

// MaxSpans bounds the stretches of one command.
const MaxSpans = 32

// doBackFill is the one command so far.
const doBackFill = "back-fill"

// The longest interval and the most slots of a command: a bound, not a wish.
const (
	longestEvery = 24 * time.Hour
	mostSlots    = 1_000_000
)

// wireCommand is a command, with times and spans in milliseconds.
type wireCommand struct {
	Version int        `json:"v"`
	ID      string     `json:"id"`
	Do      string     `json:"do"`
	Expires int64      `json:"expires"`
	Meter   string     `json:"meter"`
	Point   string     `json:"point"`
	Every   int64      `json:"every_ms"`
	Spans   [][2]int64 `json:"spans"` // after the first and not after the second, Unix
}

// EncodeCommand writes a command; the topic names the collector.
func EncodeCommand(b grid.BackFill) ([]byte, error) {
	w := wireCommand{
		commandVersion, b.ID, doBackFill, b.Expires.UnixMilli(), string(b.Meter), string(b.Point), b.Every.Milliseconds(), make([][2]int64, len(b.Spans)),
	}
	for i, s := range b.Spans {
		w.Spans[i] = [2]int64{s.From.UnixMilli(), s.To.UnixMilli()}
	}
	if fault := w.fault(); fault != "" {
		return nil, fmt.Errorf("encode command for %s: %s", b.Collector, fault)
	}
	return json.Marshal(w)
}

// DecodeCommand reads what EncodeCommand writes. A version or a kind of command
// that it does not know is a *BadPayload, and to be ignored. The collector is
// left empty: it is the topic's.
func DecodeCommand(payload []byte) (grid.BackFill, error) {
	var w wireCommand
	if err := decode(payload, MaxPayload, &w, "command"); err != nil {
		return grid.BackFill{}, err
	}
	if w.Version != commandVersion || w.Do != doBackFill {
		return grid.BackFill{}, &BadPayload{fmt.Sprintf("command %.40q of version %d is not known: update this collector", w.Do, w.Version)}
	}
	if fault := w.fault(); fault != "" {
		return grid.BackFill{}, &BadPayload{"command: " + fault}
	}
	b := grid.BackFill{
		ID: w.ID, Meter: grid.MeterID(w.Meter), Point: grid.PointID(w.Point), Every: time.Duration(w.Every) * time.Millisecond,
		Spans: make([]grid.Span, len(w.Spans)), Expires: time.UnixMilli(w.Expires).UTC(),
	}
	for i, s := range w.Spans {
		b.Spans[i] = grid.Span{From: time.UnixMilli(s[0]).UTC(), To: time.UnixMilli(s[1]).UTC()}
	}
	return b, nil
}

// fault tells what is wrong with a command; empty: nothing.
func (w *wireCommand) fault() string {
	switch {
	case w.ID == "" || w.Meter == "" || w.Point == "" || len(w.ID) > maxText || len(w.Meter) > maxText || len(w.Point) > maxText:
		return "no id, meter or point, or one that is too long"
	case w.Every < 1 || w.Every > longestEvery.Milliseconds():
		return "interval out of range"
	case len(w.Spans) == 0 || len(w.Spans) > MaxSpans:
		return fmt.Sprintf("%d spans, want 1 to %d", len(w.Spans), MaxSpans)
	case !plausible(time.UnixMilli(w.Expires).UTC()):
		return fmt.Sprintf("expires outside the years %d to %d", firstYear, lastYear)
	}
	slots := int64(0)
	for i, s := range w.Spans {
		if !plausible(time.UnixMilli(s[0]).UTC()) || !plausible(time.UnixMilli(s[1]).UTC()) || s[1] <= s[0] || (s[1]-s[0])%w.Every != 0 {
			return fmt.Sprintf("span %d is turned round, outside the years %d to %d, or no whole number of intervals", i, firstYear, lastYear)
		}
		slots += (s[1] - s[0]) / w.Every
	}
	if slots > mostSlots {
		return fmt.Sprintf("%d intervals, at most %d", slots, mostSlots)
	}
	return ""
}

// wireReply is the answer to a command.
type wireReply struct {
	Version int    `json:"v"`
	ID      string `json:"id"`
	Outcome string `json:"outcome"`
}

// EncodeReply writes a reply; the topic names the collector.
func EncodeReply(r grid.BackFillReply) ([]byte, error) {
	return json.Marshal(wireReply{commandVersion, r.ID, string(r.Outcome)})
}

// DecodeReply reads what EncodeReply writes. An outcome of a later version is
// handed on as it is.
func DecodeReply(payload []byte) (grid.BackFillReply, error) {
	var w wireReply
	if err := decode(payload, MaxPayload, &w, "reply"); err != nil {
		return grid.BackFillReply{}, err
	}
	if w.ID == "" || w.Outcome == "" || len(w.ID) > maxText || len(w.Outcome) > maxText {
		return grid.BackFillReply{}, &BadPayload{"reply without id or outcome, or with one that is too long"}
	}
	return grid.BackFillReply{ID: w.ID, Outcome: grid.Outcome(w.Outcome)}, nil
}
