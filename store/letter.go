package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"phutai/grid"
)

// LetterKind says what a dead letter's payload is. The numbers are part of the
// journal's format.
type LetterKind int

// The kinds.
const (
	LetterOld     LetterKind = iota // kept before kinds were noted: told by its payload
	LetterMessage                   // a whole message as it came
	LetterReading                   // one reading, as JSON
	LetterGarbled                   // what could be made out of a reading that could not be decoded, as JSON
	LetterLine                      // a line that a consumer's database refused
)

// Why a letter cannot be taken in again.
var (
	errGarbled = errors.New("what the collector sent for it could not be decoded, and is not all here: only the collector can send it again")
	errLine    = errors.New("it is a line for another database; its reading is in the journal: mend what refused it, or drop it")
)

// kind tells an old letter's kind by its payload.
func (d *DeadLetter) kind() LetterKind {
	if d.Kind != LetterOld {
		return d.Kind
	}
	if d.Reason == "refused" {
		return LetterLine
	}
	if _, err := parseLetter(d.Payload); err != nil {
		return LetterMessage
	}
	if d.Reason == "poison" {
		return LetterGarbled
	}
	return LetterReading
}

// Retryable gives nil for a letter that can be taken in again, and says
// otherwise why not.
func (d *DeadLetter) Retryable() error {
	switch d.kind() {
	case LetterGarbled:
		return errGarbled
	case LetterLine:
		return errLine
	case LetterOld, LetterMessage, LetterReading:
	}
	return nil
}

// writtenReading is a single reading as a dead letter holds it, for a person to
// read and for the program to take in again. Figures are text, because JSON has
// no word for what is no number. Letters of earlier versions lack PolledAt,
// ClockOffset and Note.
type writtenReading struct {
	Point, Source, At string
	Interval          string            `json:",omitempty"`
	PolledAt          string            `json:",omitempty"`
	ClockOffset       string            `json:",omitempty"`
	Missing           string            `json:",omitempty"`
	Note              string            `json:",omitempty"`
	Values            map[string]string `json:",omitempty"`
	Quality           uint64            `json:",omitempty"`
	Ratio             string            `json:",omitempty"`
}

// letter writes a reading.
func letter(r *grid.Reading) []byte {
	w := writtenReading{
		Point: string(r.Point), Source: r.Source.String(), At: r.At.Format(time.RFC3339Nano), Interval: nonZero(r.Interval),
		Missing: r.Missing.String(), Note: r.Detail, Values: map[string]string{}, Quality: uint64(r.Quality), Ratio: nonZero(r.Ratio),
	}
	if !r.PolledAt.IsZero() {
		w.PolledAt = r.PolledAt.Format(time.RFC3339Nano)
	}
	if r.ClockKnown {
		w.ClockOffset = r.ClockOffset.String()
	}
	for q, x := range r.Values.All() {
		w.Values[q.String()] = fmt.Sprint(x)
	}
	b, err := json.Marshal(w)
	if err != nil {
		return []byte(err.Error())
	}
	return b
}

func nonZero[T comparable](x T) string {
	var zero T
	if x == zero {
		return ""
	}
	return fmt.Sprint(x)
}

// parseLetter reads what letter wrote.
func parseLetter(b []byte) (grid.Reading, error) {
	var w writtenReading
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&w); err != nil {
		return grid.Reading{}, fmt.Errorf("letter is no reading: %w", err)
	}
	r := grid.Reading{Point: grid.PointID(w.Point), Detail: w.Note, Quality: grid.Quality(w.Quality)}
	var bad error
	fail := func(field string, ok bool) {
		if !ok && bad == nil {
			bad = fmt.Errorf("letter is no reading: its %s cannot be read", field)
		}
	}
	moment := func(field, s string) time.Time {
		t, err := time.Parse(time.RFC3339Nano, s)
		fail(field, err == nil)
		return t.UTC()
	}
	span := func(field, s string) time.Duration {
		d, err := time.ParseDuration(s)
		fail(field, err == nil)
		return d
	}
	var ok bool
	r.Source, ok = grid.ParseSource(w.Source)
	fail("source", ok)
	r.Missing, ok = grid.ParseReason(w.Missing)
	fail("reason", ok)
	r.At = moment("time", w.At)
	if w.PolledAt != "" {
		r.PolledAt = moment("time of the poll", w.PolledAt)
	}
	if w.Interval != "" {
		r.Interval = span("interval", w.Interval)
	}
	if w.ClockOffset != "" {
		r.ClockKnown, r.ClockOffset = true, span("clock offset", w.ClockOffset)
	}
	for name, text := range w.Values {
		q, ok := grid.ParseQuantity(name)
		x, err := strconv.ParseFloat(text, 64)
		fail("figures", ok && (err == nil || math.IsInf(x, 0)))
		r.Values.Set(q, x)
	}
	if w.Ratio != "" {
		var err error
		r.Ratio, err = strconv.ParseFloat(w.Ratio, 64)
		fail("ratio", err == nil)
	}
	return r, bad
}
