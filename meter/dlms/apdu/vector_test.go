package apdu_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"phutai/meter/dlms/apdu"
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

// values compares A-XDR values by their encoding.
var values = cmp.Options{
	cmp.Comparer(func(a, b axdr.Value) bool { return bytes.Equal(axdr.Append(nil, a), axdr.Append(nil, b)) }),
	cmpopts.IgnoreUnexported(apdu.AARE{}),
	cmpopts.EquateEmpty(),
}

const proposed apdu.Conformance = 0x007E1F // the worked example of the Green Book

// The AARQ and initiate bytes are the worked examples of the DLMS UA Green Book
// (edition 10, clause 11 and annexes), the GET ones follow from its syntax.
func TestRequestsAreTheBytesOfTheBook(t *testing.T) {
	clock := apdu.Attribute{Class: 8, Code: [6]byte{0, 0, 1, 0, 0, 255}, ID: 2}
	profile := apdu.Attribute{Class: 7, Code: [6]byte{1, 0, 99, 1, 0, 255}, ID: 2}
	stamp := func(s string) axdr.Value { return axdr.Octets(unhex(t, s)) }
	for name, c := range map[string]struct {
		wire string
		want apdu.APDU
	}{
		"AARQ without security": {
			"601D A109 0607 60857405080101 BE10 040E 01000000065F1F0400 007E1F 04B0",
			&apdu.AARQ{Context: 1, Initiate: &apdu.InitiateRequest{Conformance: proposed, MaxPDU: 0x04B0}},
		},
		"AARQ with password": {
			"6036 A109 0607 60857405080101 8A020780 8B0760857405080201 AC0A80083132333435363738 BE10040E01000000065F1F0400 007E1F 04B0",
			&apdu.AARQ{Context: 1, Mechanism: apdu.LowSecurity, Password: []byte("12345678"), Initiate: &apdu.InitiateRequest{Conformance: proposed, MaxPDU: 0x04B0}},
		},
		"RLRQ":     {"6203 800100", apdu.RLRQ{}},
		"GET":      {"C001C1 0008 0000010000FF 02 00", &apdu.GetRequest{Invoke: 0xC1, Item: apdu.Item{Attribute: clock}}},
		"GET next": {"C002C1 00000003", &apdu.GetNext{Invoke: 0xC1, Block: 3}},
		"GET list": {
			"C003C1 02 0001 00002A0000FF 02 00 0008 0000010000FF 02 00",
			&apdu.GetList{Invoke: 0xC1, Items: []apdu.Item{{Attribute: apdu.Attribute{Class: 1, Code: [6]byte{0, 0, 42, 0, 0, 255}, ID: 2}}, {Attribute: clock}}},
		},
		"GET by range": {
			"C001C1 0007 0100630100FF 02 01 01 0204 0204 120008 09060000010000FF 0F02 120000 " +
				"090C07E10A010700000000FFC480 090C07E10A010701000000FFC480 0100",
			&apdu.GetRequest{Invoke: 0xC1, Item: apdu.Item{Attribute: profile, Access: apdu.Range{
				By: apdu.CaptureObject{Attribute: clock}, From: stamp("07E10A010700000000FFC480"), To: stamp("07E10A010701000000FFC480"),
			}.Access()}},
		},
		"GET by entry": {
			"C001C1 0007 0100630100FF 02 01 02 0204 0600000001 06000000C8 120001 120000",
			&apdu.GetRequest{Invoke: 0xC1, Item: apdu.Item{Attribute: profile, Access: apdu.Entry{From: 1, To: 200, FromColumn: 1}.Access()}},
		},
	} {
		wire := unhex(t, c.wire)
		got, err := apdu.DecodeRequest(wire)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(c.want, got, values); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if again := c.want.AppendTo(nil); !bytes.Equal(again, wire) {
			t.Errorf("%s is encoded as\n%X, want\n%X", name, again, wire)
		}
	}
}

func TestAnswersAreReadAndWrittenAlike(t *testing.T) {
	for name, c := range map[string]struct {
		wire string
		want apdu.APDU
	}{
		"AARE accepted": {
			"6129A109060760857405080101A203020100A305A103020100BE10040E0800065F1F040000501F01F40007",
			&apdu.AARE{Context: 1, Initiate: &apdu.InitiateResponse{Conformance: 0x00501F, MaxPDU: 500}},
		},
		"AARE with service error": {
			"611FA109060760857405080101A203020101A305A10302010DBE0604040E010600",
			&apdu.AARE{Context: 1, Result: 1, Diagnostic: apdu.Diagnostic{Code: 13}, ServiceError: &apdu.ServiceError{Service: 1, Category: 6}},
		},
		"AARE refused by the provider": {
			"6117A109060760857405080101A203020102A305A203020102",
			&apdu.AARE{Context: 1, Result: 2, Diagnostic: apdu.Diagnostic{Provider: true, Code: 2}},
		},
		"RLRE":                 {"6303800100", apdu.RLRE{}},
		"value":                {"C401C1 00 0600001391", &apdu.GetResponse{Invoke: 0xC1, Answer: apdu.Answer{Value: axdr.Uint32(5009)}}},
		"refusal":              {"C401C1 01 04", &apdu.GetResponse{Invoke: 0xC1, Answer: apdu.Answer{Result: apdu.ObjectUndefined}}},
		"block":                {"C402C1 00 00000001 00 03 010203", &apdu.GetBlock{Invoke: 0xC1, Block: 1, Data: []byte{1, 2, 3}}},
		"last block":           {"C402C1 01 00000005 00 01 FF", &apdu.GetBlock{Invoke: 0xC1, Last: true, Block: 5, Data: []byte{0xFF}}},
		"error in a block":     {"C402C1 01 00000002 01 02", &apdu.GetBlock{Invoke: 0xC1, Last: true, Block: 2, Result: apdu.TemporaryFailure}},
		"list":                 {"C403C1 02 00 0600001391 01 03", &apdu.GetListResponse{Invoke: 0xC1, Answers: []apdu.Answer{{Value: axdr.Uint32(5009)}, {Result: apdu.ReadWriteDenied}}}},
		"exception":            {"D8 01 02", &apdu.Exception{State: 1, Service: 2}},
		"service error":        {"0E 01 06 01", &apdu.ServiceError{Service: 1, Category: 6, Code: 1}},
		"block in long length": {"C402C1 00 00000001 00 8180" + strings.Repeat("00", 128), &apdu.GetBlock{Invoke: 0xC1, Block: 1, Data: make([]byte, 128)}},
	} {
		wire := unhex(t, c.wire)
		got, err := apdu.Decode(wire)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(c.want, got, values); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if again := c.want.AppendTo(nil); !bytes.Equal(again, wire) {
			t.Errorf("%s is encoded as\n%X, want\n%X", name, again, wire)
		}
	}
}

func TestOnlyAnAcceptanceIsAccepted(t *testing.T) {
	for name, c := range map[string]struct{ wire, want string }{
		"context refused, though an initiate response is inside": {
			"6129A109060760857405080101A203020101A305A103020102BE10040E0800065F1F040000501F01F40007", "application context not supported"},
		"wrong password":                     {"611FA109060760857405080101A203020101A305A10302010DBE0604040E010600", "authentication failure"},
		"DLMS version":                       {"611FA109060760857405080101A203020101A305A103020101BE0604040E010601", "DLMS version too low"},
		"refused without a word about DLMS":  {"6117A109060760857405080101A203020101A305A10302010D", "authentication failure (13)"},
		"accepted, but a second pass awaits": {"6142A109060760857405080101A203020100A305A10302010E88020780890760857405080205AA0A8008503677524A323146BE10040E0800065F1F040000501F01F40007", "authentication required"},
		"accepted, but with a service error": {"611FA109060760857405080101A203020100A305A103020100BE0604040E010602", "incompatible conformance"},
		"accepted, but nothing granted":      {"6117A109060760857405080101A203020100A305A103020100", "without an initiate response"},
		"for now":                            {"6117A109060760857405080101A203020102A305A103020101", "for now"},
	} {
		got, err := apdu.Decode(unhex(t, c.wire))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if granted, err := got.(*apdu.AARE).Outcome(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %+v, %v; want an error with %q", name, granted, err, c.want)
		}
	}
	if _, err := apdu.Decode(unhex(t, "6112A109060760857405080101A305A103020100")); err == nil {
		t.Error("an AARE without result was decoded")
	}
}

func TestInitiateIsReadWithAllThatMayStandInIt(t *testing.T) {
	for name, initiate := range map[string]string{
		"plain":              "01000000065F1F0400007E1F04B0",
		"dedicated key":      "0101100011223344556677 8899AABBCCDDEEFF0000065F1F0400007E1F04B0",
		"response allowed":   "010001FF00065F1F0400007E1F04B0",
		"quality of service": "0100000105065F1F0400007E1F04B0",
		"short tag":          "01000000065F0400007E1F04B0",
	} {
		b := unhex(t, initiate)
		wire := append([]byte{0xBE, byte(len(b) + 2), 0x04, byte(len(b))}, b...)
		wire = append([]byte{0x60, byte(len(wire))}, wire...)
		got, err := apdu.DecodeRequest(wire)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if in := got.(*apdu.AARQ).Initiate; in == nil || in.Conformance != proposed || in.MaxPDU != 0x04B0 {
			t.Errorf("%s: %+v", name, in)
		}
	}
}

func TestTrailingOctetsAreCountedAndNotTakenForData(t *testing.T) {
	// A C server ends the clock with octets of the next copy of it.
	got, err := apdu.Decode(unhex(t, "C401C000 090C07EA0B170103252300000000 090F090C07EA0B170103252300000000090F"))
	if err != nil {
		t.Fatal(err)
	}
	if r := got.(*apdu.GetResponse); r.Trailing != 18 || len(r.Value.Bytes()) != 12 {
		t.Errorf("value of %d octets and %d trailing, want 12 and 18", len(r.Value.Bytes()), r.Trailing)
	}
}

func TestMalformedReleaseStillReleases(t *testing.T) {
	for _, wire := range []string{"63", "6300", "6303", "6311800100BE0F040E0800065F1F040000121403400007"} {
		if got, err := apdu.Decode(unhex(t, wire)); err != nil || got != (apdu.RLRE{}) {
			t.Errorf("%s: %v, %v", wire, got, err)
		}
	}
}

func TestBrokenMessagesAreRefused(t *testing.T) {
	for _, wire := range []string{
		"", "61", "6105A109", "6104A1020600", "C4", "C401C1", "C401C102", "C404C10000", "C402C10000000001", "C402C1000000000100057F",
		"C402C100000000010500", "C403C1FF", "C403C18400FFFFFF00", "D801", "0E0106", "C401C10006", "6106A2040202 0000", "C401C101",
	} {
		if got, err := apdu.Decode(unhex(t, wire)); err == nil {
			t.Errorf("%s was decoded as %T", wire, got)
		}
	}
	for _, wire := range []string{"", "C0", "C001C1", "C001C100080000010000FF", "C001C100080000010000FF0201", "C001C100080000010000FF020163", "C002C10000", "C003C102", "C005C10000", "6004BE0204FF", "6005A103060160"} {
		if got, err := apdu.DecodeRequest(unhex(t, wire)); err == nil {
			t.Errorf("request %s was decoded as %T", wire, got)
		}
	}
}

func TestNothingThatWritesHasAType(t *testing.T) {
	for _, tag := range []byte{0xC1, 0xC3, 0x06, 0x21, 0xC8, 0xC9, 0xDB} {
		_, err := apdu.DecodeRequest([]byte{tag, 1, 0xC1, 0, 0, 0, 0, 0})
		var unknown apdu.UnknownTagError
		if !errors.As(err, &unknown) || byte(unknown) != tag {
			t.Errorf("tag %#02x: %v, want an unknown tag", tag, err)
		}
	}
}

func TestSelectorsThatAreNoneAreRefused(t *testing.T) {
	for name, a := range map[string]*apdu.Access{
		"entry as range":     {Selector: apdu.ByRange, Parameters: apdu.Entry{From: 1}.Access().Parameters},
		"three elements":     {Selector: apdu.ByEntry, Parameters: axdr.Structure(axdr.Uint32(1), axdr.Uint32(1), axdr.Uint16(1))},
		"negative entry":     {Selector: apdu.ByEntry, Parameters: axdr.Structure(axdr.Int32(-1), axdr.Uint32(1), axdr.Uint16(1), axdr.Uint16(0))},
		"no structure":       {Selector: apdu.ByEntry, Parameters: axdr.Null()},
		"selector of others": {Selector: 3, Parameters: apdu.Entry{From: 1}.Access().Parameters},
	} {
		if _, err := a.Range(); err == nil {
			t.Errorf("%s passed for a range", name)
		}
		if _, err := a.Entry(); err == nil {
			t.Errorf("%s passed for an entry", name)
		}
	}
}
