package influx_test

import (
	"testing"

	"phutai/grid"
	"phutai/store/influx"
	"phutai/store/lineproto"
	"phutai/store/storetest"
)

// BenchmarkWriter copies a journal of readings of twelve figures into a real
// InfluxDB: read, encode, pack, send, and save the place.
func BenchmarkWriter(b *testing.B) {
	c := newCopied(b)
	storetest.AwaitCopied(b, c.journal, "influx")
	c.stop()
	n := storetest.Fill(b, c.journal, 500, 100)
	for b.Loop() {
		b.StopTimer()
		if err := c.journal.Forget(b.Context(), "influx"); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		w := influx.New(c.config, lineproto.Parts{Feed: c.journal, Places: storetest.Nowhere{}, Clock: grid.RealClock{}})
		stop := storetest.Start(b, w.Run)
		storetest.AwaitCopied(b, c.journal, "influx")
		stop()
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "readings/s")
}
