package app_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/grid"
	"phutai/store"
)

// poison is one payload that should not be, and what becomes of it.
type poison struct {
	payload []byte
	reasons []string // of the dead letters that it leaves, in their order
	detail  string   // what the first one says
	stored  int64    // readings of it that are taken in
	first   uint64   // its three numbers, where they count as done; zero: none does
}

// Times of the payloads: before now, so that none is of the future.
var (
	poisoned  = time.Now().UTC().Add(-time.Hour).Truncate(time.Second)
	goodTimes = poisoned.UnixMilli()
)

func sound(n int) string {
	return fmt.Sprintf(`{"p":"PD1","s":"instant","t":%d,"v":{"ia":1}}`, goodTimes+int64(n))
}

// batchOf writes a batch with what stands between the brackets of its readings.
func batchOf(epoch string, first uint64, readings ...string) []byte {
	return fmt.Appendf(nil, `{"epoch":%q,"first_seq":%d,"readings":[%s]}`, epoch, first, strings.Join(readings, ","))
}

func zipped(t *testing.T, n int) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	for range n {
		if _, err := z.Write(make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func poisons(t *testing.T) map[string]poison {
	reading := func(more string) string { return `{"p":"PD1","s":"instant",` + more + `}` }
	now := fmt.Sprintf(`"t":%d`, goodTimes+500)
	mixed := func(first uint64, bad string) []byte {
		return batchOf("e", first, sound(int(first)), bad, sound(int(first)+1))
	}
	whole := func(payload string, detail string) poison {
		return poison{payload: []byte(payload), reasons: []string{"poison"}, detail: detail}
	}
	one := func(first uint64, bad, reason, detail string) poison {
		return poison{payload: mixed(first, bad), reasons: []string{reason}, detail: detail, stored: 2, first: first}
	}
	return map[string]poison{
		"7 MB":                    whole(`{"epoch":"`+strings.Repeat("x", 7<<20), "bytes, at most"),
		"depth bomb":              whole(strings.Repeat("[", 100_000), "decoded"),
		"depth bomb in a reading": whole(string(batchOf("e", 1, strings.Repeat(`{"p":`, 20_000))), "decoded"),
		"NaN":                     whole(string(mixed(1, reading(now+`,"v":{"ia":NaN}`))), "invalid character"),
		"Infinity":                whole(string(mixed(1, reading(now+`,"v":{"ia":-Infinity}`))), "invalid character"),
		"epoch as a number":       whole(strings.Replace(string(batchOf("e", 1, sound(0))), `"e"`, "5", 1), "cannot unmarshal"),
		"epoch as a list":         whole(strings.Replace(string(batchOf("e", 1, sound(0))), `"e"`, "[]", 1), "cannot unmarshal"),
		"no epoch":                whole(string(batchOf("", 1, sound(0))), "no epoch"),
		"a long epoch":            whole(string(batchOf(strings.Repeat("e", 1000), 1, sound(0))), "epoch"),
		"negative number":         whole(strings.Replace(string(batchOf("e", 1, sound(0))), `"first_seq":1`, `"first_seq":-1`, 1), "cannot unmarshal"),
		"number zero":             whole(string(batchOf("e", 0, sound(0))), "count from 1"),
		"number beyond all":       whole(string(batchOf("e", 1<<63, sound(0))), "count from 1"),
		"number with a fraction":  whole(strings.Replace(string(batchOf("e", 1, sound(0))), `"first_seq":1`, `"first_seq":1.5`, 1), "cannot unmarshal"),
		"501 readings":            whole(string(batchOf("e", 1, strings.Split(strings.Repeat(sound(0)+"|", 500)+sound(0), "|")...)), "501 readings"),
		"no readings":             whole(string(batchOf("e", 1)), "0 readings"),
		"void beyond all":         whole(`{"epoch":"e","first_seq":1,"readings":[`+sound(0)+`],"void":[[5,2]]}`, "void"),
		"readings twice":          whole(`{"epoch":"e","first_seq":1,"readings":[`+sound(0)+`],"readings":[`+sound(1)+`]}`, "stands twice"),
		"gzip bomb":               whole(string(zipped(t, 60)), "decoded"),
		"nothing":                 whole("", "decoded"),
		"noise":                   whole("\x00\xff\xfe{", "decoded"),

		"1e999":                {mixed(100, reading(now+`,"v":{"ia":1e999}`)), []string{"poison"}, "1e999", 2, 100},
		"year 1970":            one(110, reading(`"t":0`), "poison", "time outside"),
		"year 2100":            one(120, reading(`"t":4102444800000`), "poison", "time outside"),
		"tomorrow":             one(130, reading(fmt.Sprintf(`"t":%d`, time.Now().Add(24*time.Hour).UnixMilli())), "clock-off", "in the future"),
		"a time as text":       one(140, `{"p":"PD2","s":"instant","t":"2026-06-01"}`, "poison", "cannot unmarshal"),
		"unknown point":        one(150, `{"p":"X9","s":"instant",`+now+`,"v":{"ia":1}}`, "no-ratio", "add the point"),
		"invalid UTF-8":        one(160, "{\"p\":\"X\xff\xfe\",\"s\":\"instant\","+now+`,"v":{"ia":1}}`, "no-ratio", "add the point"),
		"a figure too large":   one(170, reading(now+`,"v":{"ia":1e200}`), "out-of-range", "ia is"),
		"unknown source":       one(180, `{"p":"PD1","s":"rumour",`+now+`}`, "poison", "source"),
		"value and absence":    one(190, reading(now+`,"v":{"ia":1},"miss":"no-answer"`), "poison", "reason why"),
		"a reading that is []": one(200, `[]`, "poison", "cannot unmarshal"),
	}
}

// letters gives the dead letters, oldest first.
func (w *wire) letters() (out []store.DeadLetter) {
	w.Helper()
	err := w.journal.DeadLetters(w.Context(), func(d store.DeadLetter) error {
		out = append(out, d)
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
	return out
}

// South's collector is mad. Each of its messages ends as dead letters with a
// reason, what is sound in it is stored, north's readings all arrive meanwhile,
// and no memory stays behind.
func TestPoisonEndsAsDeadLettersAndTheRestGoesThrough(t *testing.T) {
	w := newWire(t)
	north, south := w.link("north"), w.link("south")
	w.runs(north.Run)
	w.runs(south.Run)
	w.until("both are connected", func() bool { return north.Connected() && south.Connected() })
	var sent int64
	healthy := func() {
		t.Helper()
		b := grid.Batch{Epoch: "n", FirstSeq: uint64(sent) + 1}
		for range 20 {
			sent++
			r := grid.Reading{Point: "PD7", Source: grid.Instant, At: poisoned.Add(time.Duration(sent) * time.Millisecond)}
			r.Values.Set(grid.Ia, 1)
			b.Readings = append(b.Readings, r)
		}
		if err := north.PublishBatch(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	topic := "phutai/v1/readings/south"
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)

	var stored, size int64
	letters, done := 0, map[uint64]bool{}
	for name, p := range poisons(t) {
		size += int64(len(p.payload))
		if err := south.Publish(t.Context(), topic, false, p.payload); err != nil {
			t.Fatalf("%s: not sent: %v", name, err)
		}
		healthy()
		stored, letters = stored+p.stored, letters+len(p.reasons)
		for n := p.first; n > 0 && n < p.first+3; n++ {
			done[n] = true
		}
		w.until(name+" is dealt with", func() bool {
			c := w.journal.Count()
			return c.DeadLetters == int64(letters) && c.Readings == stored+sent
		})
		all := w.letters()
		for i, reason := range p.reasons {
			d := all[len(all)-len(p.reasons)+i]
			if d.Reason != reason || d.Collector != "south" || i == 0 && !strings.Contains(d.Detail, p.detail) {
				t.Errorf("%s: dead letter %s of %s: %s; want %s: %s", name, d.Reason, d.Collector, d.Detail, reason, p.detail)
			}
			if len(d.Payload) > 256<<10 {
				t.Errorf("%s: the dead letter keeps %d bytes: ten thousand of them fill a disk", name, len(d.Payload))
			}
		}
	}

	// 10 MB are over the broker's limit: the sender hears of it, and comes back.
	if err := south.Publish(t.Context(), topic, false, make([]byte, 10<<20)); err == nil {
		t.Error("10 MB were taken without a word")
	}
	healthy()
	w.until("south is back", south.Connected)
	w.until("north's readings are there", func() bool { return w.journal.Count().Readings == stored+sent })

	runtime.GC()
	runtime.ReadMemStats(&after)
	grown := int64(after.HeapAlloc) - int64(before.HeapAlloc)
	if grown > 64<<20 {
		t.Errorf("%d MB of heap stayed behind", grown>>20)
	}
	if m := w.journal.Watermarks()["north"]; m.Seq != uint64(sent) || len(m.Missing) > 0 {
		t.Errorf("north's watermark is %+v, want %d", m, sent)
	}
	m := w.journal.Watermarks()["south"]
	for n := range uint64(300) {
		hole := slices.ContainsFunc(m.Missing, func(h [2]uint64) bool { return h[0] <= n && n <= h[1] })
		if covered := n > 0 && n <= m.Seq && !hole; covered != done[n] {
			t.Errorf("number %d of south: covered %t, done %t by %+v", n, covered, done[n], m)
		}
	}
	t.Logf("%d poisoned messages, %d KB: %d dead letters, %d sound readings of them stored; all %d readings of the healthy collector stored; heap %+d KB",
		len(poisons(t)), size>>10, letters, stored, sent, grown>>10)
}

// Numbers that overlap, go back or leap are no reason to lose anything: a reading
// counts by its key, and the watermark covers what was committed and no more.
func TestStrangeNumbersMoveNoWatermarkBeyondWhatIsCommitted(t *testing.T) {
	w := newWire(t)
	south := w.link("south")
	marks := make(chan grid.Watermark, 100)
	south.OnWatermark(func(m grid.Watermark) { marks <- m })
	w.runs(south.Run)
	w.until("south is connected", south.Connected)
	const leap = uint64(1) << 40
	for _, step := range []struct {
		what    string
		topic   string
		payload []byte
		stored  int64 // in all, afterwards
		want    grid.Watermark
	}{
		{"three", "south", batchOf("e", 1, sound(1), sound(2), sound(3)), 3, grid.Watermark{Seq: 3}},
		{"overlapping, other readings", "south", batchOf("e", 2, sound(4), sound(5), sound(6)), 6, grid.Watermark{Seq: 4}},
		{"going back", "south", batchOf("e", 1, sound(7)), 7, grid.Watermark{Seq: 4}},
		{"the same again", "south", batchOf("e", 1, sound(7)), 7, grid.Watermark{Seq: 4}},
		{"of another collector", "north", batchOf("e", 1, sound(100)), 7, grid.Watermark{Seq: 4}},
		{"a leap", "south", batchOf("e", leap, sound(8)), 8, grid.Watermark{Seq: leap, Missing: [][2]uint64{{5, leap - 1}}}},
		{"into the hole", "south", batchOf("e", 10, sound(9)), 9, grid.Watermark{Seq: leap, Missing: [][2]uint64{{5, 9}, {11, leap - 1}}}},
	} {
		// What is not permitted is dropped or ends the connection.
		if err := south.Publish(t.Context(), "phutai/v1/readings/"+step.topic, false, step.payload); err != nil && step.topic == "south" {
			t.Fatalf("%s: %v", step.what, err)
		}
		w.until("south is connected", south.Connected)
		step.want.Epoch = "e"
		w.until(step.what+" is stored", func() bool { return w.journal.Count().Readings == step.stored })
		w.until(step.what+" is covered", func() bool { return cmp.Equal(step.want, w.journal.Watermarks()["south"]) })
		if n := w.journal.Count().DeadLetters; n > 0 {
			t.Fatalf("%s: %d dead letters: %+v", step.what, n, w.letters())
		}
	}
	if _, known := w.journal.Watermarks()["north"]; known {
		t.Error("south has sent as north")
	}
	for told := (grid.Watermark{}); told.Seq != leap || len(told.Missing) != 2; {
		select {
		case told = <-marks:
		case <-time.After(20 * time.Second):
			t.Fatal("south never hears of the last watermark")
		}
	}
}
