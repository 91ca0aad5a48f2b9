package mqtt_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/grid"
	"phutai/mqtt"
)

func planOf(m grid.Meter) grid.Plan {
	m.ID, m.Point, m.Line, m.Collector = "M1", "P1", "tcp://127.0.0.1:1", "north"
	return grid.Plan{Collector: "north", Version: 7, Meters: []grid.Meter{m}}
}

func TestPlanTellsSinceWhenAMeterStandsAtItsPoint(t *testing.T) {
	for _, tc := range []struct {
		name        string
		since, want time.Time
	}{
		{"ever", time.Time{}, time.Time{}},
		{"a moment", time.Date(2026, 6, 10, 2, 30, 0, 0, time.UTC), time.Date(2026, 6, 10, 2, 30, 0, 0, time.UTC)},
		{"before all load profiles", time.Date(1987, 1, 1, 0, 0, 0, 0, time.UTC), time.Time{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			payload, err := mqtt.EncodePlan(planOf(grid.Meter{Since: tc.since}))
			if err != nil {
				t.Fatal(err)
			}
			got, err := mqtt.DecodePlan(payload)
			if diff := cmp.Diff(planOf(grid.Meter{Since: tc.want}), got); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestPlanOfBeforeIsReadAndOneOfAnImpossibleTimeIsNot(t *testing.T) {
	const head = `{"collector":"north","version":7,"meters":[{"id":"M1","point":"P1","profile":"","line":"tcp://127.0.0.1:1"`
	got, err := mqtt.DecodePlan([]byte(head + `}]}`)) // from before the field was there
	if diff := cmp.Diff(planOf(grid.Meter{}), got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if _, err := mqtt.DecodePlan([]byte(head + `,"since_ms":9000000000000000}]}`)); err == nil || !strings.Contains(err.Error(), "meter 0") {
		t.Errorf("since the year 287000: %v", err)
	}
}
