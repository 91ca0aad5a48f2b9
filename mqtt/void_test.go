package mqtt_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"phutai/grid"
	"phutai/mqtt"
)

func TestVoidNumbersGoWithTheFirstPartOfABatch(t *testing.T) {
	b := batch(1_000_000)
	for range 2*mqtt.MaxReadings + 1 {
		b.Readings = append(b.Readings, reading())
	}
	for i := range uint64(grid.MostVoids) {
		b.Void = append(b.Void, [2]uint64{math.MaxInt64 - 1e6 + 2*i, math.MaxInt64 - 1e6 + 2*i})
	}
	for i, part := range mqtt.Split(b) {
		raw, err := mqtt.EncodeBatch(part)
		if err != nil {
			t.Fatal(err)
		}
		got, err := mqtt.DecodeBatch(raw)
		if err != nil {
			t.Fatal(err)
		}
		want := b.Void
		if i > 0 {
			want = nil
		}
		if diff := cmp.Diff(want, got.Void); diff != "" {
			t.Errorf("part %d: (-want +got)\n%s", i, diff)
		}
	}
}

func TestImpossibleVoidNumbersAreRefused(t *testing.T) {
	for void, ok := range map[string]bool{
		"[]": true, "[[1,1]]": true, "[[1,9],[20,30]]": true,
		"[[0,3]]": false, "[[3,2]]": false, "[[1,18446744073709551615]]": false, `[["1",2]]`: false, "[[-1,2]]": false,
		"[" + strings.Repeat("[1,1],", grid.MostVoids) + "[1,1]]": false,
	} {
		payload := fmt.Sprintf(`{"epoch":"e","first_seq":1,"readings":[{"p":"A","s":"instant","t":1780000000000}],"void":%s}`, void)
		if _, err := mqtt.DecodeBatch([]byte(payload)); (err == nil) != ok {
			t.Errorf("%.60s: %v, want accepted %v", void, err, ok)
		}
	}
}
