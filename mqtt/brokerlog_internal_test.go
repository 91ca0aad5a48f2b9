package mqtt

import (
	"errors"
	"strings"
	"testing"

	"go.uber.org/zap"
	zapobserver "go.uber.org/zap/zaptest/observer"
)

// connection is something that others write to while the broker logs it.
type connection struct{ id string }

func (c *connection) String() string { return "client " + c.id }

// The broker makes formats of client ids: with a percent sign in one, arguments
// meet verbs that are not theirs.
func TestLogOfTheBrokerLooksThroughNothing(t *testing.T) {
	core, said := zapobserver.New(zap.DebugLevel)
	l := &brokerLog{log: zap.New(core)}
	c := &connection{"north"}
	for _, format := range []string{"north%2F1 - replacing %q: %v", "north%x", "north%d - %s"} {
		l.Warnf(format, c, errors.New("gone"))
		l.Errorf(format, c, errors.New("gone"))
		l.Noticef(format, c, errors.New("gone"))
	}
	l.Warnf("it was %v", (*connection)(nil))
	l.Warnf("replacing %q: %v", c, errors.New("gone"))
	for _, e := range said.All() {
		if strings.Contains(e.Message, "connection") || strings.Contains(e.Message, "{") {
			t.Errorf("it looks into the connection: %q", e.Message)
		}
	}
	if last := said.All()[said.Len()-1].Message; last != `replacing "client north": gone` {
		t.Errorf("it says %q", last)
	}
}
