package modbus

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRegistersAreReadInAsFewRequestsAsAllowed(t *testing.T) {
	f32 := func(function byte, addresses ...uint16) (rs []Register) {
		for _, a := range addresses {
			rs = append(rs, Register{Function: function, Address: a, Type: F32})
		}
		return rs
	}
	for _, tc := range []struct {
		name       string
		regs       []Register
		limit, gap int
		want       []string
	}{
		{"none", nil, 80, 10, nil},
		{"contiguous", f32(4, 0, 2, 4), 80, 0, []string{"4:0+6"}},
		{"out of order", f32(4, 4, 0, 2), 80, 0, []string{"4:0+6"}},
		{"gap within what is allowed", f32(4, 0, 12), 80, 10, []string{"4:0+14"}},
		{"gap too wide", f32(4, 0, 12), 80, 9, []string{"4:0+2", "4:12+2"}},
		{"limit of the meter", f32(4, 0, 78, 80), 80, 125, []string{"4:0+80", "4:80+2"}},
		{"limit of the protocol", f32(4, 0, 123, 124), 0, 125, []string{"4:0+125", "4:124+2"}},
		{"functions apart", append(f32(4, 0), f32(3, 0)...), 80, 80, []string{"3:0+2", "4:0+2"}},
		{"overlapping", f32(4, 0, 1), 80, 0, []string{"4:0+3"}},
		{"the same twice", f32(4, 6, 6), 80, 0, []string{"4:6+2"}},
		{"end of the map", f32(4, 65534), 80, 0, []string{"4:65534+2"}},
		{"register without type is left out", []Register{{Function: 4}}, 80, 0, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var got []string
			for _, b := range batch(tc.regs, tc.limit, tc.gap) {
				got = append(got, fmt.Sprintf("%d:%d+%d", b.function, b.start, b.count))
			}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}
