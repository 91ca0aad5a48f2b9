package lineproto

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"phutai/grid"
)

// TagValue writes an id so that the line protocol gives TagText of it back:
// commas, equals signs and spaces stand behind a backslash. A tag without a value
// cannot be written and is left out.
func TagValue(id string) string {
	text := TagText(id)
	if !strings.ContainsAny(text, ",= ") {
		return text
	}
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; c == ',' || c == '=' || c == ' ' {
			b.WriteByte('\\')
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// TagText is an id as it stands in a database: itself, but for what the protocol
// has no way to write (control characters, backslashes, bytes that are no
// UTF-8), which becomes %XX, and with it the percent sign.
func TagText(id string) string {
	if !strings.ContainsFunc(id, unwritable) {
		return id
	}
	var b strings.Builder
	for i, size := 0, 0; i < len(id); i += size {
		var r rune
		r, size = utf8.DecodeRuneInString(id[i:])
		switch {
		case r == utf8.RuneError && size == 1: // a byte that is no UTF-8
			fmt.Fprintf(&b, "%%%02X", id[i])
		case r != utf8.RuneError && unwritable(r):
			fmt.Fprintf(&b, "%%%02X", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func unwritable(r rune) bool {
	return r < 0x20 || r == 0x7F || r == '\\' || r == '%' || r == utf8.RuneError // which stands for a bad byte, or itself
}

// line builds one point. Figures are floats whether whole or not, and states
// are integers: the type of a field is fixed by its first point for ever.
type line struct {
	b      strings.Builder
	fields int
}

func newLine(measurement string, tags ...string) *line {
	l := &line{}
	l.b.WriteString(measurement)
	for i := 0; i+1 < len(tags); i += 2 {
		if tags[i+1] == "" {
			continue
		}
		l.b.WriteByte(',')
		l.b.WriteString(tags[i])
		l.b.WriteByte('=')
		l.b.WriteString(TagValue(tags[i+1]))
	}
	return l
}

func (l *line) name(name string) {
	sep := byte(',')
	if l.fields == 0 {
		sep = ' '
	}
	l.fields++
	l.b.WriteByte(sep)
	l.b.WriteString(name)
	l.b.WriteByte('=')
}

func (l *line) float(name string, x float64) {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return
	}
	l.name(name)
	l.b.WriteString(strconv.FormatFloat(x, 'f', -1, 64))
}

func (l *line) known(name string, f grid.Float) {
	if f.Known {
		l.float(name, f.X)
	}
}

func (l *line) integer(name string, n int64) {
	l.name(name)
	l.b.WriteString(strconv.FormatInt(n, 10))
	l.b.WriteByte('i')
}

func (l *line) at(ms int64) string {
	l.b.WriteByte(' ')
	l.b.WriteString(strconv.FormatInt(ms, 10))
	return l.b.String()
}

// ReadingLine writes a reading with values as one line, without a line end and
// with its time in milliseconds.
func ReadingLine(r *grid.Reading) string {
	l := newLine("reading", "point", string(r.Point), "source", r.Source.String())
	for q, x := range r.Values.All() {
		l.float(q.String(), x)
	}
	l.float("ratio", r.Ratio)
	l.integer("quality", int64(r.Quality))
	return l.at(r.At.UnixMilli())
}

// LoadingLine writes a derived row as one line. The feeder and the unit are
// where the transformer belongs at that time.
func LoadingLine(row *grid.Loading, feeder grid.FeederID, unit grid.UnitID) string {
	l := newLine("loading", "transformer", string(row.Transformer), "feeder", string(feeder), "unit", string(unit))
	l.known("phase_max_pct", row.PhaseMaxPct)
	l.known("loading_pct", row.LoadingPct)
	l.known("unbalance_pct", row.UnbalancePct)
	l.known("neutral_a", row.NeutralA)
	l.known("s_kva", row.SKVA)
	l.known("p_kw", row.PKW)
	l.known("ia", row.Amps[0])
	l.known("ib", row.Amps[1])
	l.known("ic", row.Amps[2])
	l.known("headroom_kva", row.HeadroomKVA)
	l.known("ambient_c", row.AmbientC)
	l.known("top_oil_c", row.TopOilC)
	l.known("hot_spot_c", row.HotSpotC)
	l.known("ageing", row.Ageing)
	l.known("minutes_to_limit", row.MinutesToHit)
	l.known("trend_pct_per_hour", row.TrendPctPerHr)
	l.float("limit_a", row.LimitA)
	l.integer("worst_phase", int64(row.WorstPhase))
	l.integer("governor", int64(row.Governor))
	l.integer("grade", int64(row.Grade))
	l.integer("source", int64(row.Source))
	return l.at(row.At.UnixMilli())
}
