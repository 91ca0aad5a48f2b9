package victoria_test

import (
	"testing"
	"time"

	"phutai/store/storetest"
	"phutai/store/victoria"
)

// BenchmarkWriter copies a journal of readings of twelve figures into a real
// VictoriaMetrics: read, encode, pack, send, and save the place. That it first
// makes sure which run of the server this is is not counted.
func BenchmarkWriter(b *testing.B) {
	c := newCopied(b)
	storetest.AwaitCopied(b, c.journal, "victoria")
	n := storetest.Fill(b, c.journal, 500, 100)
	for b.Loop() {
		b.StopTimer()
		c.stop()
		for _, name := range victoria.Consumers() {
			if err := c.journal.Forget(b.Context(), name); err != nil {
				b.Fatal(err)
			}
		}
		c.start()
		for begun := false; !begun; time.Sleep(time.Millisecond) {
			behind, err := c.journal.Behind(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			_, begun = behind["victoria"]
		}
		b.StartTimer()
		storetest.AwaitCopied(b, c.journal, "victoria")
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "readings/s")
}
