package axdr_test

import (
	"bytes"
	"encoding/hex"
	"math"
	"strings"
	"testing"

	"phutai/meter/dlms/axdr"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatalf("test vector %q: %v", s, err)
	}
	return b
}

func TestNumbersComeBackWhole(t *testing.T) {
	for _, c := range []struct {
		name, wire string
		value      axdr.Value
		want       float64
	}{
		{"integer", "0F FD", axdr.Int8(-3), -3},
		{"unsigned", "11 06", axdr.Uint8(6), 6},
		{"long", "10 FE5C", axdr.Int16(-420), -420},
		{"long-unsigned", "12 FE5C", axdr.Uint16(0xFE5C), 0xFE5C},
		{"double-long", "05 FFFFFFFE", axdr.Int32(-2), -2},
		{"double-long-unsigned", "06 00001391", axdr.Uint32(5009), 5009},
		{"long64", "14 FFFFFFFFFFFFFFFF", axdr.Int64(-1), -1},
		{"long64-unsigned", "15 0000000100000000", axdr.Uint64(1 << 32), 1 << 32},
		{"float32", "17 43660000", axdr.Float32(230), 230},
		{"float64", "18 406CC00000000000", axdr.Float64(230), 230},
	} {
		t.Run(c.name, func(t *testing.T) {
			wire := unhex(t, c.wire)
			if got := axdr.Append(nil, c.value); !bytes.Equal(got, wire) {
				t.Errorf("Append = %X, want %X", got, wire)
			}
			v, rest, err := axdr.Decode(wire)
			if err != nil || len(rest) != 0 {
				t.Fatalf("Decode = %v, %X, %v", v, rest, err)
			}
			if got, ok := v.Float(); !ok || got != c.want {
				t.Errorf("Float = %v, %v; want %v", got, ok, c.want)
			}
			if v.Tag().String() != c.name {
				t.Errorf("tag %v, want %s", v.Tag(), c.name)
			}
		})
	}
}

func TestOneDataIsTakenAndTheRestHandedBack(t *testing.T) {
	// One C server sends the clock twice in an answer that may hold it once.
	wire := unhex(t, "090C07EA0B170103252300000000090F 090C07EA0B170103252300000000090F")
	v, rest, err := axdr.Decode(wire)
	if err != nil || v.Tag() != axdr.TagOctetString || len(rest) != 18 {
		t.Errorf("Decode = %v with %d octets left, %v; want one octet-string and 18", v.Tag(), len(rest), err)
	}
}

func TestStatusWordReadsTheSameFromNumberAndBitString(t *testing.T) {
	for wire, want := range map[string]uint64{
		"11 05": 5, "04 08 A0": 5, "04 03 A0": 5, "12 0100": 256, "04 0A 0080": 1 << 8, "04 09 0080": 256,
	} {
		v, _, err := axdr.Decode(unhex(t, wire))
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := v.Word(); !ok || got != want {
			t.Errorf("%s: Word = %d, %v; want %d", wire, got, ok, want)
		}
	}
	if _, ok := axdr.BitString(nil, 65).Word(); ok {
		t.Error("65 bits passed for a word")
	}
}

func TestWhatIsNoNumberIsNotTakenForOne(t *testing.T) {
	for _, v := range []axdr.Value{
		axdr.Null(), axdr.Bool(true), axdr.Enum(3), axdr.Visible("12"), axdr.Octets([]byte{1}),
		axdr.Float64(math.NaN()), axdr.Float32(float32(math.Inf(1))), axdr.Array(axdr.Uint8(1)),
	} {
		if x, ok := v.Float(); ok {
			t.Errorf("%v gave the number %v", v.Tag(), x)
		}
	}
	if _, ok := axdr.Uint64(math.MaxUint64).Int(); ok {
		t.Error("a number past int64 passed for one")
	}
}

func TestHostileOctetsAreRefusedInsideTheBounds(t *testing.T) {
	for name, wire := range map[string]string{
		"nothing":                  "",
		"number cut off":           "06 0000",
		"string longer than given": "09 05 0102",
		"array past the end":       "01 84 3FFFFFFF 00",
		"length of five octets":    "09 85 0000000001 00",
		"length without octets":    "09 80",
		"unknown tag":              "63 00",
		"compact array":            "13 06 04 00000001",
		"bit string cut off":       "04 11 FFFF",
		"seventeen levels":         strings.Repeat("0101", 17) + "00",
	} {
		if v, _, err := axdr.Decode(unhex(t, wire)); err == nil {
			t.Errorf("%s: decoded as %v", name, v.Tag())
		}
	}
	// Each level claims all the octets that follow it as its elements.
	var greedy []byte
	for range axdr.MaxDepth {
		greedy = append(axdr.AppendLength([]byte{byte(axdr.TagArray)}, 1<<16+len(greedy)), greedy...)
	}
	greedy = append(greedy, make([]byte, 1<<17)...)
	if got := testing.AllocsPerRun(1, func() { _, _, _ = axdr.Decode(greedy) }); got > 4*axdr.MaxDepth {
		t.Errorf("%v allocations", got)
	}
	if _, _, err := axdr.Decode(greedy); err == nil || !strings.Contains(err.Error(), "elements") {
		t.Errorf("levels that claim more than there is: %v", err)
	}
	if _, _, err := axdr.Decode(unhex(t, strings.Repeat("0101", axdr.MaxDepth)+"00")); err != nil {
		t.Errorf("%d levels: %v", axdr.MaxDepth, err)
	}
}

func TestLengthsTakeTheirShortestForm(t *testing.T) {
	for _, n := range []int{0, 1, 127, 128, 255, 256, 65535, 65536, 1 << 20} {
		b := axdr.AppendLength(nil, n)
		got, rest, err := axdr.DecodeLength(b)
		if err != nil || got != n || len(rest) != 0 {
			t.Errorf("%d as %X came back as %d, %v", n, b, got, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		"0600001391", "0204120008090600000100 00FF0F02120000", "0104020409 0C07E30C1F0217000000FFC4001106",
		"04 0A 0080", "17 43660000", "19 07EA0B170103262C26FE5C00", "0A0361 6263",
	} {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, rest, err := axdr.Decode(b)
		if err != nil {
			return
		}
		// Lengths may have been written longer than needed, so the second round is the one that must agree.
		wire := axdr.Append(nil, v)
		if len(wire) > len(b)-len(rest) {
			t.Fatalf("%X grew to %X", b, wire)
		}
		again, rest, err := axdr.Decode(wire)
		if err != nil || len(rest) != 0 || !bytes.Equal(axdr.Append(nil, again), wire) {
			t.Fatalf("%X does not come back: %v", wire, err)
		}
	})
}
