package mqtt

import (
	"context"
	"fmt"

	paho "github.com/eclipse/paho.mqtt.golang"
	"go.uber.org/zap"

	"phutai/grid"
)

// CollectorLink is a collector's end of the wire. Set the handlers before Run;
// they are called one at a time, in Run.
type CollectorLink struct {
	*Client
	id          grid.CollectorID
	readings    string
	status      string
	onWatermark func(grid.Watermark)
	onPlan      func(grid.Plan)
	onConnect   func()
}

// NewCollectorLink prepares the link of collector id; Run opens it.
func NewCollectorLink(cfg Config, id grid.CollectorID, log *zap.Logger) (*CollectorLink, error) {
	l := &CollectorLink{id: id, onWatermark: func(grid.Watermark) {}, onPlan: func(grid.Plan) {}, onConnect: func() {}}
	level, err := escape(string(id))
	if err != nil {
		return nil, fmt.Errorf("collector id: %w", err)
	}
	l.readings = root + string(kindReadings) + "/" + level
	l.status = root + string(kindStatus) + "/" + level
	offline, err := EncodeStatus(Status{})
	if err != nil {
		return nil, err
	}
	if cfg.ClientID == "" {
		cfg.ClientID = "phutai-collector-" + level
	}
	// The spool is the truth, so the broker keeps no session for a collector;
	// watermark and plan are retained and come again at each connect.
	l.Client, err = newClient(cfg, role{
		cleanSession: true, willTopic: l.status, will: offline, farewell: offline,
		filters: []string{root + string(kindAck) + "/" + level, root + string(kindLines) + "/" + level},
	}, log)
	return l, err
}

// OnWatermark sets what is done with the center's watermarks of this collector.
func (l *CollectorLink) OnWatermark(f func(grid.Watermark)) { l.onWatermark = f }

// OnPlan sets what is done with a plan for this collector.
func (l *CollectorLink) OnPlan(f func(grid.Plan)) { l.onPlan = f }

// OnConnect sets what is done after each connect.
func (l *CollectorLink) OnConnect(f func()) { l.onConnect = f }

// Run keeps the link until ctx ends, and gives nil then.
func (l *CollectorLink) Run(ctx context.Context) error { return l.run(ctx, l.handle, l.onConnect) }

// PublishBatch sends a batch, in several messages if it exceeds a bound.
func (l *CollectorLink) PublishBatch(ctx context.Context, b grid.Batch) error {
	for _, part := range Split(b) {
		payload, err := EncodeBatch(part)
		if err != nil {
			return err
		}
		if err := l.Publish(ctx, l.readings, false, payload); err != nil {
			return fmt.Errorf("publish readings %d to %d: %w", part.FirstSeq, part.FirstSeq+uint64(len(part.Readings))-1, err)
		}
	}
	return nil
}

// PublishStatus makes s stand as this collector's status.
func (l *CollectorLink) PublishStatus(ctx context.Context, s Status) error {
	payload, err := EncodeStatus(s)
	if err != nil {
		return fmt.Errorf("publish status: %w", err)
	}
	return l.retain(ctx, l.status, payload)
}

func (l *CollectorLink) handle(_ context.Context, m paho.Message) {
	k, _, err := parseTopic(m.Topic())
	switch {
	case err != nil:
	case k == kindAck:
		var w grid.Watermark
		if w, err = DecodeWatermark(m.Payload()); err == nil {
			l.onWatermark(w)
		}
	case k == kindLines:
		var p grid.Plan
		if p, err = DecodePlan(m.Payload()); err == nil {
			if p.Collector != l.id {
				err = fmt.Errorf("plan of collector %q came to %q", p.Collector, l.id)
				break
			}
			l.onPlan(p)
		}
	}
	if err != nil {
		l.log.Warn("message ignored", zap.String("topic", m.Topic()), zap.Error(err))
	}
}
