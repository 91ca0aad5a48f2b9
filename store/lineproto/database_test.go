package lineproto_test

import (
	"net/http"
	"testing"
	"time"

	"phutai/store/lineproto"
)

func TestRetryAfterIsSecondsOrADate(t *testing.T) {
	const ours = "Wed, 03 Jun 2026 05:00:00 GMT"
	for _, test := range []struct {
		after, date string
		want        time.Duration
	}{
		{"", "", 0},
		{"7", "", 7 * time.Second},
		{"0", "", 0},
		{"-7", "", 0},
		{"soon", "", 0},
		{"99999999999999999999", "", 0},
		{"Wed, 03 Jun 2026 05:01:30 GMT", "", 90 * time.Second},
		{"Wed, 03 Jun 2026 04:00:00 GMT", "", 0},
		{"Wed, 03 Jun 2026 06:00:10 GMT", "Wed, 03 Jun 2026 06:00:00 GMT", 10 * time.Second}, // its clock is an hour ahead
		{"Wed, 03 Jun 2026 05:00:20 GMT", "nonsense", 20 * time.Second},
	} {
		now, err := http.ParseTime(ours)
		if err != nil {
			t.Fatal(err)
		}
		h := http.Header{}
		h.Set("Retry-After", test.after)
		h.Set("Date", test.date)
		if got := lineproto.RetryAfter(h, now); got != test.want {
			t.Errorf("%q at %q: %v, want %v", test.after, test.date, got, test.want)
		}
	}
}
