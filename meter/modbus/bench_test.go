package modbus_test

import (
	"testing"

	"phutai/meter/modbus"
	"phutai/sim/modbusmeter"
)

func BenchmarkRead40Registers(b *testing.B) {
	_, address := serve(b, modbusmeter.Config{Units: map[byte]modbusmeter.Unit{1: {Source: shows(1)}}})
	ch, _ := dial(b, address)
	u := modbus.NewUnit(ch, 1, long, 0)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := u.Read(b.Context(), 4, 0, 40); err != nil {
			b.Fatal(err)
		}
	}
}
