package mqtt_test

import (
	"errors"
	"strings"
	"testing"

	"phutai/grid"
	"phutai/mqtt"
)

func TestIdentifiersAreEscapedInTopics(t *testing.T) {
	for id, want := range map[grid.CollectorID]string{
		"north":         "phutai/v1/readings/north",
		"a/b":           "phutai/v1/readings/a%2Fb",
		"+":             "phutai/v1/readings/%2B",
		"#":             "phutai/v1/readings/%23",
		"50%":           "phutai/v1/readings/50%25",
		"trạm 1.2":      "phutai/v1/readings/tr%E1%BA%A1m%201%2E2",
		"$SYS":          "phutai/v1/readings/%24SYS",
		"Line_1-\x7f\n": "phutai/v1/readings/Line_1-%7F%0A",
	} {
		if got, err := mqtt.ReadingsTopic(id); err != nil || got != want {
			t.Errorf("%q: %q, %v, want %q", id, got, err, want)
		}
	}
}

func TestIdentifiersThatCannotBeTopicsAreRefused(t *testing.T) {
	for _, id := range []grid.AlarmID{"", "a\x00b", grid.AlarmID(strings.Repeat("x", 129))} {
		if got, err := mqtt.AlarmTopic(id); !errors.Is(err, mqtt.ErrBadTopic) {
			t.Errorf("%q: %q, %v, want ErrBadTopic", id, got, err)
		}
	}
}
