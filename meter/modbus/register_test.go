package modbus_test

import (
	"encoding/hex"
	"math"
	"testing"

	"phutai/grid"
	"phutai/meter/modbus"
)

func TestFigureOfEachTypeAndOrder(t *testing.T) {
	for _, tc := range []struct {
		name string
		reg  modbus.Register
		hex  string
		want float64
		none bool
	}{
		{"u16", modbus.Register{Type: modbus.U16}, "FFFE", 65534, false},
		{"u16 bytes swapped", modbus.Register{Type: modbus.U16, Order: modbus.BADC}, "0102", 0x0201, false},
		{"u16 words swapped is the same", modbus.Register{Type: modbus.U16, Order: modbus.CDAB}, "0102", 0x0102, false},
		{"s16", modbus.Register{Type: modbus.S16, Factor: 0.001}, "FC18", -1, false},
		{"u32 ABCD", modbus.Register{Type: modbus.U32}, "01020304", 0x01020304, false},
		{"u32 CDAB", modbus.Register{Type: modbus.U32, Order: modbus.CDAB}, "03040102", 0x01020304, false},
		{"u32 BADC", modbus.Register{Type: modbus.U32, Order: modbus.BADC}, "02010403", 0x01020304, false},
		{"u32 DCBA", modbus.Register{Type: modbus.U32, Order: modbus.DCBA}, "04030201", 0x01020304, false},
		{"s32", modbus.Register{Type: modbus.S32, Factor: 0.01}, "FFFFFF9C", -1, false},
		{"u64", modbus.Register{Type: modbus.U64}, "0000000100000000", 1 << 32, false},
		{"u64 words swapped", modbus.Register{Type: modbus.U64, Order: modbus.CDAB}, "0004000300020001", 0x0001000200030004, false},
		{"u64 all swapped", modbus.Register{Type: modbus.U64, Order: modbus.DCBA}, "0400030002000100", 0x0001000200030004, false},
		{"s64", modbus.Register{Type: modbus.S64}, "FFFFFFFFFFFFFFFF", -1, false},
		{"f32", modbus.Register{Type: modbus.F32}, "43668000", 230.5, false},
		{"f32 in watts", modbus.Register{Type: modbus.F32, Factor: 0.001}, "C4FA0000", -2, false},
		{"f32 words swapped", modbus.Register{Type: modbus.F32, Order: modbus.CDAB}, "80004366", 230.5, false},
		{"f64", modbus.Register{Type: modbus.F64}, "406CD00000000000", 230.5, false},
		{"f32 no number", modbus.Register{Type: modbus.F32}, "7FC00000", 0, true},
		{"f32 infinite", modbus.Register{Type: modbus.F32}, "FF800000", 0, true},
		{"f64 overflows by its factor", modbus.Register{Type: modbus.F64, Factor: 1e300}, "7FE0000000000000", 0, true},
		{"u32 says no value", modbus.Register{Type: modbus.U32, Absent: []uint64{0xFFFFFFFF}}, "FFFFFFFF", 0, true},
		{"s16 says no value", modbus.Register{Type: modbus.S16, Absent: []uint64{0x7FFF, 0x8000}}, "8000", 0, true},
		{"too few bytes", modbus.Register{Type: modbus.U32}, "0001", 0, true},
		{"no type", modbus.Register{}, "", 0, true},
		{"pf as it is", modbus.Register{Type: modbus.F32, FoldPF: true}, "3F000000", 0.5, false},
		{"pf beyond one", modbus.Register{Type: modbus.F32, FoldPF: true}, "3FC00000", 0.5, false},
		{"pf beyond minus one", modbus.Register{Type: modbus.F32, FoldPF: true}, "BFC00000", -0.5, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b, err := hex.DecodeString(tc.hex)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := tc.reg.Figure(b)
			if ok == tc.none || math.Abs(got-tc.want) > 1e-9 {
				t.Errorf("got %v, %v; want %v, %v", got, ok, tc.want, !tc.none)
			}
		})
	}
}

func TestNamesOfTypesAndOrdersAreReadBack(t *testing.T) {
	for typ := modbus.U16; typ <= modbus.F64; typ++ {
		if got, ok := modbus.ParseType(typ.String()); !ok || got != typ {
			t.Errorf("%v: got %v, %v", typ, got, ok)
		}
	}
	for order := modbus.ABCD; order <= modbus.DCBA; order++ {
		if got, ok := modbus.ParseOrder(order.String()); !ok || got != order {
			t.Errorf("%v: got %v, %v", order, got, ok)
		}
	}
	if _, ok := modbus.ParseType("f16"); ok {
		t.Error("f16 was taken")
	}
	if _, ok := modbus.ParseType(""); ok {
		t.Error("the empty type was taken")
	}
	if _, ok := modbus.ParseOrder("abcd"); ok {
		t.Error("abcd was taken")
	}
	if got := modbus.Type(99).String() + modbus.Order(99).String(); got != "type?order?" {
		t.Errorf("got %q", got)
	}
}

func TestRegistersOfOneQuantityAddUpOrGiveNothing(t *testing.T) {
	regs := []modbus.Register{
		{Function: 4, Address: 0, Type: modbus.U16, Quantity: grid.P},
		{Function: 4, Address: 1, Type: modbus.U16, Quantity: grid.P, Factor: -1, Absent: []uint64{0xFFFF}},
	}
	second := byte(2)
	address := script(t, func(_ int, request []byte) []byte {
		hi := byte(0)
		if second == 0xFF {
			hi = 0xFF
		}
		return reply(request, 4, 4, 0, 7, hi, second)
	})
	ch, _ := dial(t, address)
	d := modbus.New(ch, modbus.Config{Unit: 1, Registers: regs})
	s, err := d.Poll(t.Context())
	if x, ok := s.Values.Get(grid.P); err != nil || !ok || x != 5 {
		t.Errorf("got %v, %v, %v; want 5", x, ok, err)
	}
	second = 0xFF
	if s, err = d.Poll(t.Context()); err != nil || s.Values.Len() != 0 {
		t.Errorf("got %v, %v; want nothing", asMap(s.Values), err)
	}
}
