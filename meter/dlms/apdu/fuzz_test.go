package apdu_test

import (
	"bytes"
	"testing"

	"phutai/meter/dlms/apdu"
)

// Whatever decodes must encode into something that decodes into the same.
func fuzz(f *testing.F, decode func([]byte) (apdu.APDU, error), seeds ...string) {
	for _, s := range seeds {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := decode(b)
		if err != nil {
			return
		}
		wire := m.AppendTo(nil)
		again, err := decode(wire)
		if err != nil {
			t.Fatalf("%X, decoded as %T, encodes as %X, which fails: %v", b, m, wire, err)
		}
		if !bytes.Equal(again.AppendTo(nil), wire) {
			t.Fatalf("%X does not come back", wire)
		}
	})
}

func FuzzDecode(f *testing.F) {
	fuzz(f, apdu.Decode,
		"6129A109060760857405080101A203020100A305A103020100BE10040E0800065F1F040000501F01F40007",
		"611FA109060760857405080101A203020101A305A10302010DBE0604040E010600",
		"C401C1000600001391", "C402C1000000000100030102 03", "C402C101000000020102", "C403C1020006000013910103",
		"D80102", "0E010601", "6303800100")
}

func FuzzDecodeRequest(f *testing.F) {
	fuzz(f, apdu.DecodeRequest,
		"6036A1090607608574050801018A0207808B0760857405080201AC0A80083132333435363738BE10040E01000000065F1F0400007E1F04B0",
		"C001C100080000010000FF0200", "C002C100000003", "C003C102000100002A0000FF020000080000010000FF0200",
		"C001C100070100630100FF02010202040600000001 06000000C8120001120000", "6203800100")
}
