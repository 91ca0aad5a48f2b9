package mqtt

import (
	"errors"
	"fmt"
	"strings"

	"phutai/grid"
)

// root is the level under which all topics of this version live.
const root = "phutai/v1/"

// maxID bounds an identifier in a topic, in bytes before escaping.
const maxID = 128

// ErrBadTopic says that an identifier cannot be a topic level, or that a topic
// is none of ours.
var ErrBadTopic = errors.New("not a phutai topic")

// kind is the first level below root.
type kind string

const (
	kindReadings kind = "readings"
	kindAck      kind = "ack"
	kindStatus   kind = "status"
	kindLines    kind = "lines"
	kindAlarm    kind = "alarm"
	kindLoading  kind = "loading"
	kindCommand  kind = "command"
	kindReply    kind = "reply"
	kindPush     kind = "push"
)

// filter is the subscription to all identifiers of a kind.
func (k kind) filter() string { return root + string(k) + "/+" }

// ReadingsTopic is where a collector publishes its batches.
func ReadingsTopic(c grid.CollectorID) (string, error) { return topic(kindReadings, string(c)) }

// AckTopic holds the retained watermark of a collector.
func AckTopic(c grid.CollectorID) (string, error) { return topic(kindAck, string(c)) }

// StatusTopic holds the retained status of a collector, its last will included.
func StatusTopic(c grid.CollectorID) (string, error) { return topic(kindStatus, string(c)) }

// LinesTopic holds the retained plan of a collector.
func LinesTopic(c grid.CollectorID) (string, error) { return topic(kindLines, string(c)) }

// AlarmTopic holds the retained state of one alarm.
func AlarmTopic(a grid.AlarmID) (string, error) { return topic(kindAlarm, string(a)) }

// LoadingTopic holds the retained latest loading of a transformer.
func LoadingTopic(t grid.TransformerID) (string, error) { return topic(kindLoading, string(t)) }

// CommandTopic is where the center tells a collector what to do.
func CommandTopic(c grid.CollectorID) (string, error) { return topic(kindCommand, string(c)) }

// ReplyTopic is where a collector answers commands.
func ReplyTopic(c grid.CollectorID) (string, error) { return topic(kindReply, string(c)) }

func topic(k kind, id string) (string, error) {
	level, err := escape(id)
	if err != nil {
		return "", fmt.Errorf("topic %s/%q: %w", k, id, err)
	}
	return root + string(k) + "/" + level, nil
}

// parseTopic splits a topic of ours into its kind and identifier.
func parseTopic(t string) (kind, string, error) {
	rest, ours := strings.CutPrefix(t, root)
	k, level, found := strings.Cut(rest, "/")
	if !ours || !found {
		return "", "", fmt.Errorf("topic %q: %w", t, ErrBadTopic)
	}
	id, err := unescape(level)
	if err != nil {
		return "", "", fmt.Errorf("topic %q: %w", t, err)
	}
	return kind(k), id, nil
}

const hexDigits = "0123456789ABCDEF"

// plain tells which bytes stand for themselves. Everything that means something
// to MQTT, or to the subjects that the embedded broker maps topics to (dots,
// blanks, wildcards, control characters), is escaped.
func plain(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// escape writes an identifier as one topic level; each identifier has exactly
// one form, so that permissions by topic cannot be sidestepped.
func escape(id string) (string, error) {
	switch {
	case id == "":
		return "", fmt.Errorf("empty identifier: %w", ErrBadTopic)
	case len(id) > maxID:
		return "", fmt.Errorf("identifier of %d bytes, at most %d: %w", len(id), maxID, ErrBadTopic)
	case strings.IndexByte(id, 0) >= 0:
		return "", fmt.Errorf("identifier with a NUL: %w", ErrBadTopic)
	}
	var b strings.Builder
	for i := range len(id) {
		if c := id[i]; plain(c) {
			b.WriteByte(c)
		} else {
			b.WriteByte('%')
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
		}
	}
	return b.String(), nil
}

// unescape reads what escape writes and nothing else.
func unescape(level string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(level); i++ {
		c := level[i]
		if c != '%' {
			b.WriteByte(c)
			continue
		}
		if i+2 >= len(level) {
			return "", fmt.Errorf("cut escape in %q: %w", level, ErrBadTopic)
		}
		hi, lo := strings.IndexByte(hexDigits, level[i+1]), strings.IndexByte(hexDigits, level[i+2])
		if hi < 0 || lo < 0 {
			return "", fmt.Errorf("bad escape in %q: %w", level, ErrBadTopic)
		}
		b.WriteByte(byte(hi<<4 | lo))
		i += 2
	}
	id := b.String()
	if again, err := escape(id); err != nil {
		return "", err
	} else if again != level {
		return "", fmt.Errorf("%q is not in its one form: %w", level, ErrBadTopic)
	}
	return id, nil
}
