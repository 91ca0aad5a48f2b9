package obis_test

import (
	"encoding/json"
	"testing"

	"phutai/meter/dlms/obis"
)

func TestBothSpellingsNameTheSameObject(t *testing.T) {
	want := obis.Code{1, 0, 1, 8, 0, 255}
	for _, s := range []string{"1.0.1.8.0.255", "1-0:1.8.0*255", "1-0:1.8.0"} {
		got, err := obis.Parse(s)
		if err != nil || got != want {
			t.Errorf("Parse(%q) = %v, %v; want %v", s, got, err, want)
		}
	}
	if got := want.String(); got != "1.0.1.8.0.255" {
		t.Errorf("String() = %q", got)
	}
	if got := want.Long(); got != "1-0:1.8.0*255" {
		t.Errorf("Long() = %q", got)
	}
}

func TestMalformedCodeIsRefused(t *testing.T) {
	for _, s := range []string{"", "1.8.0", "1.0.1.8.0.256", "1.0.1.8.0.255.1", "1-0:1.8*255", "a.0.1.8.0.255", "1..1.8.0.255", "-1.0.1.8.0.255", "+1.0.1.8.0.255"} {
		if got, err := obis.Parse(s); err == nil {
			t.Errorf("Parse(%q) = %v, want an error", s, got)
		}
	}
}

func TestCodeTravelsAsTextInJSON(t *testing.T) {
	in := map[string]obis.Code{"code": {0, 0, 1, 0, 0, 255}}
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]obis.Code
	if err := json.Unmarshal(b, &out); err != nil || out["code"] != in["code"] {
		t.Errorf("%s came back as %v, %v", b, out, err)
	}
	if !(obis.Code{}).IsZero() || in["code"].IsZero() {
		t.Error("only the zero code is none")
	}
}
