package notify

import (
	"context"

	"go.uber.org/zap"
)

// Log is the channel that writes pages to the program's log.
type Log struct{ log *zap.Logger }

// NewLog makes the channel.
func NewLog(log *zap.Logger) *Log { return &Log{log} }

// Name is "log".
func (*Log) Name() string { return "log" }

// Send logs the short text; it never fails.
func (l *Log) Send(_ context.Context, m Message) error {
	l.log.Info("page", zap.String("key", m.Key), zap.String("change", string(m.Change)),
		zap.String("kind", string(m.Alarm.Kind)), zap.Stringer("severity", m.Alarm.Severity), zap.String("text", m.SMS))
	return nil
}
