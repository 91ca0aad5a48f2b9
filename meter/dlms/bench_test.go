package dlms_test

import (
	"testing"

	"phutai/sim/dlmsmeter"
)

// BenchmarkPoll reads 20 registers and the clock on an open association, from
// a simulated meter in the same process.
func BenchmarkPoll(b *testing.B) {
	cfg := objects()
	cfg.Objects = cfg.Objects[:20]
	device, line := dialled(b, start(b, dlmsmeter.Config{}, wave{}), cfg)
	if _, err := device.Poll(b.Context()); err != nil {
		b.Fatal(err)
	}
	line.count()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := device.Poll(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	requests, sent, received := line.count()
	b.ReportMetric(float64(requests)/float64(b.N), "roundtrips/op")
	b.ReportMetric(float64(sent+received)/float64(b.N), "octets/op")
}
