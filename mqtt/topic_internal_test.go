package mqtt

import (
	"testing"

	"pgregory.net/rapid"
)

func TestEscapingIsReversible(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.StringN(1, 30, maxID).Draw(t, "id")
		level, err := escape(id)
		if err != nil {
			t.Skip("refused")
		}
		if got, err := unescape(level); err != nil || got != id {
			t.Fatalf("%q became %q and then %q, %v", id, level, got, err)
		}
	})
}

func TestOnlyTheOneFormIsRead(t *testing.T) {
	for _, level := range []string{"", "%", "%4", "%4g", "%2f", "%41", "a b", "a/b", "%00", "é"} {
		if id, err := unescape(level); err == nil {
			t.Errorf("%q was read as %q", level, id)
		}
	}
	for _, topic := range []string{"", "phutai/v1/", "phutai/v1/readings", "phutai/v2/readings/a", "phutai/v1/readings/a/b"} {
		if k, id, err := parseTopic(topic); err == nil {
			t.Errorf("%q was read as %s of %q", topic, k, id)
		}
	}
}
