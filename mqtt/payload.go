package mqtt

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"phutai/grid"
)

// The bounds of a batch (design section 6).
const (
	MaxReadings = 500
	MaxPayload  = 128 << 10 // bytes
)

// The years between which a time can be meant: outside them a clock was never
// set, and the figure must not reach a store.
const (
	firstYear = 2000
	lastYear  = 2099
)

// maxText bounds identifiers and details in a payload, in bytes.
const maxText = 512

// BadPayload says why a payload is refused as a whole.
type BadPayload struct {
	Text string
}

// Error tells the fault.
func (e *BadPayload) Error() string { return "batch payload: " + e.Text }

// BadReadings says which readings of a payload are refused, by their place in
// it, and why.
type BadReadings struct {
	Faults map[int]string
}

// Error counts them and names the first.
func (e *BadReadings) Error() string {
	i := slices.Min(slices.Collect(maps.Keys(e.Faults)))
	return fmt.Sprintf("batch payload: %d bad readings; reading %d: %s", len(e.Faults), i, e.Faults[i])
}

// Fault tells what is wrong with the reading at place i; empty: nothing.
func (e *BadReadings) Fault(i int) string { return e.Faults[i] }

// wireBatch is version 1 of the payload. Fields are added, never changed.
type wireBatch struct {
	Epoch    string        `json:"epoch"`
	FirstSeq uint64        `json:"first_seq"`
	Readings []wireReading `json:"readings"`
	Void     [][2]uint64   `json:"void,omitempty"` // numbers that will not come: first and last, both included
}

// wireReading has times and spans in milliseconds; what is absent is left out.
type wireReading struct {
	Point    string      `json:"p"`
	Source   string      `json:"s"`
	At       int64       `json:"t"`
	Interval int64       `json:"iv,omitempty"`
	PolledAt int64       `json:"polled,omitempty"`
	Offset   *int64      `json:"off,omitempty"`
	Values   *wireValues `json:"v,omitempty"`
	Quality  uint64      `json:"q,omitempty"` // two bits a quantity, as in grid.Quality
	Missing  string      `json:"miss,omitempty"`
	Detail   string      `json:"why,omitempty"`
	Ratio    float64     `json:"ratio,omitempty"`
	Plate    *wirePlate  `json:"plate,omitempty"`
}

// EncodeBatch writes a batch. It leaves the collector out, which the topic
// names. Figures that are not finite are left out, because JSON has none.
func EncodeBatch(b grid.Batch) ([]byte, error) {
	if n := len(b.Readings); n == 0 || n > MaxReadings {
		return nil, fmt.Errorf("encode batch: %d readings, want 1 to %d: split it first", n, MaxReadings)
	}
	w := wireBatch{b.Epoch, b.FirstSeq, make([]wireReading, len(b.Readings)), b.Void}
	for i := range b.Readings {
		w.Readings[i] = toWire(&b.Readings[i])
	}
	payload, err := json.Marshal(w)
	if err != nil {
		return nil, fmt.Errorf("encode batch: %w", err)
	}
	if len(payload) > MaxPayload {
		return nil, fmt.Errorf("encode batch: %d bytes, at most %d: split it first", len(payload), MaxPayload)
	}
	return payload, nil
}

func toWire(r *grid.Reading) wireReading {
	w := wireReading{
		Point: string(r.Point), Source: r.Source.String(), At: r.At.UnixMilli(), Interval: r.Interval.Milliseconds(),
		Quality: uint64(r.Quality), Missing: r.Missing.String(), Detail: shorten(r.Detail), Ratio: r.Ratio,
	}
	if !r.PolledAt.IsZero() {
		w.PolledAt = r.PolledAt.UnixMilli()
	}
	if r.ClockKnown {
		off := r.ClockOffset.Milliseconds()
		w.Offset = &off
	}
	w.Plate = newWirePlate(r.Plate)
	if v := newWireValues(&r.Values); v != nil {
		w.Values = v
	}
	return w
}

// shorten keeps a detail within what the decoder takes, in whole characters.
func shorten(s string) string {
	s = strings.ToValidUTF8(s, "?")
	if len(s) <= maxText {
		return s
	}
	return strings.ToValidUTF8(s[:maxText], "")
}

// DecodeBatch reads what EncodeBatch writes. Fields and quantities that it does
// not know are ignored. The collector is left empty: it is the topic's. The
// error is a *BadPayload where the batch cannot be made out, and the batch is
// then empty. Where only single readings are at fault it is a *BadReadings, and
// the batch holds all readings in their places, so that the good ones can be
// kept and the sequence numbers of all counted as done.
func DecodeBatch(payload []byte) (grid.Batch, error) {
	if len(payload) > MaxPayload {
		return grid.Batch{}, &BadPayload{fmt.Sprintf("%d bytes, at most %d", len(payload), MaxPayload)}
	}
	var w wireBatch
	if err := json.Unmarshal(payload, &w); err != nil {
		return decodeApart(payload, err)
	}
	if name := doubled(payload); name != "" {
		return grid.Batch{}, &BadPayload{fmt.Sprintf("field %.40q stands twice in it", name)}
	}
	return fromWire(&w, nil)
}

// decodeApart decodes a batch reading by reading, to find those that are at
// fault for cause.
func decodeApart(payload []byte, cause error) (grid.Batch, error) {
	var apart struct {
		Epoch    string            `json:"epoch"`
		FirstSeq uint64            `json:"first_seq"`
		Readings []json.RawMessage `json:"readings"`
		Void     [][2]uint64       `json:"void"`
	}
	if json.Unmarshal(payload, &apart) != nil {
		return grid.Batch{}, &BadPayload{cause.Error()}
	}
	if name := doubled(payload); name != "" {
		return grid.Batch{}, &BadPayload{fmt.Sprintf("field %.40q stands twice in it", name)}
	}
	w := wireBatch{apart.Epoch, apart.FirstSeq, make([]wireReading, len(apart.Readings)), apart.Void}
	faults := map[int]string{}
	for i, raw := range apart.Readings {
		if err := json.Unmarshal(raw, &w.Readings[i]); err != nil {
			faults[i] = err.Error()
		}
	}
	return fromWire(&w, faults)
}

func fromWire(w *wireBatch, faults map[int]string) (grid.Batch, error) {
	switch n := len(w.Readings); {
	case w.Epoch == "" || len(w.Epoch) > maxText:
		return grid.Batch{}, &BadPayload{"no epoch, or one that is too long"}
	case w.FirstSeq == 0 || w.FirstSeq > math.MaxInt64-MaxReadings:
		return grid.Batch{}, &BadPayload{"first_seq must count from 1"}
	case n == 0 || n > MaxReadings:
		return grid.Batch{}, &BadPayload{fmt.Sprintf("%d readings, want 1 to %d", n, MaxReadings)}
	}
	if len(w.Void) > grid.MostVoids {
		return grid.Batch{}, &BadPayload{fmt.Sprintf("%d ranges of void numbers, at most %d", len(w.Void), grid.MostVoids)}
	}
	for _, v := range w.Void {
		if v[0] == 0 || v[1] < v[0] || v[1] > math.MaxInt64-MaxReadings {
			return grid.Batch{}, &BadPayload{fmt.Sprintf("void numbers %d-%d", v[0], v[1])}
		}
	}
	b := grid.Batch{Epoch: w.Epoch, FirstSeq: w.FirstSeq, Readings: make([]grid.Reading, len(w.Readings)), Void: w.Void}
	for i := range w.Readings {
		var fault string
		b.Readings[i], fault = w.Readings[i].reading()
		if fault != "" && faults[i] == "" {
			if faults == nil {
				faults = map[int]string{}
			}
			faults[i] = fault
		}
	}
	if len(faults) > 0 {
		return b, &BadReadings{faults}
	}
	return b, nil
}

// reading gives the reading, and what is wrong with it.
func (w *wireReading) reading() (r grid.Reading, fault string) {
	r = grid.Reading{
		Point: grid.PointID(w.Point), At: time.UnixMilli(w.At).UTC(), Quality: grid.Quality(w.Quality), Detail: w.Detail,
	}
	var ok bool
	if r.Source, ok = grid.ParseSource(w.Source); !ok {
		fault = fmt.Sprintf("source %.40q is not known", w.Source)
	}
	if r.Missing, ok = grid.ParseReason(w.Missing); !ok {
		// A reason of a later version still says that there is no value.
		r.Missing = grid.MeterError
	}
	if w.Values != nil {
		r.Values = w.Values.values()
	}
	if w.PolledAt != 0 {
		r.PolledAt = time.UnixMilli(w.PolledAt).UTC()
	}
	if w.Offset != nil {
		r.ClockKnown = true
		r.ClockOffset, ok = span(*w.Offset)
		if !ok {
			fault = "clock offset out of range"
		}
	}
	if r.Interval, ok = span(w.Interval); !ok || w.Interval < 0 {
		fault = "interval out of range"
	}
	switch {
	case w.Point == "" || len(w.Point) > maxText || len(w.Detail) > maxText:
		fault = "no point, or a text that is too long"
	case !plausible(r.At) || !r.PolledAt.IsZero() && !plausible(r.PolledAt):
		fault = fmt.Sprintf("time outside the years %d to %d", firstYear, lastYear)
	case r.Absent() && r.Values.Len() > 0:
		fault = "values and a reason why there are none"
	case math.IsNaN(w.Ratio) || math.IsInf(w.Ratio, 0) || w.Ratio < 0:
		fault = "ratio is not a positive figure"
	}
	r.Ratio, r.Plate = w.Ratio, w.Plate.plate()
	return r, fault
}

// plausible tells whether t lies in the years that a clock can show.
func plausible(t time.Time) bool {
	return t.Year() >= firstYear && t.Year() <= lastYear
}

// span turns milliseconds into a duration, if it has a chance to be meant.
func span(ms int64) (time.Duration, bool) {
	const most = int64(200 * 365 * 24 * time.Hour / time.Millisecond)
	if ms > most || ms < -most {
		return 0, false
	}
	return time.Duration(ms) * time.Millisecond, true
}
