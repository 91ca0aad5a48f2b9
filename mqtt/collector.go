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
	reply       string
	onWatermark func(grid.Watermark)
	onPlan      func(grid.Plan)
	onBackFill  func(grid.BackFill)
	onConnect   func()
}

// NewCollectorLink prepares the link of collector id; Run opens it.
func NewCollectorLink(cfg Config, id grid.CollectorID, log *zap.Logger) (*CollectorLink, error) {
	l := &CollectorLink{
		id: id, onWatermark: func(grid.Watermark) {}, onPlan: func(grid.Plan) {}, onBackFill: func(grid.BackFill) {}, onConnect: func() {},
	}
	level, err := escape(string(id))
	if err != nil {
		return nil, fmt.Errorf("collector id: %w", err)
	}
	l.readings = root + string(kindReadings) + "/" + level
	l.status = root + string(kindStatus) + "/" + level
	l.reply = root + string(kindReply) + "/" + level
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
		extras:  []string{root + string(kindCommand) + "/" + level},
	}, log)
	return l, err
}

// OnWatermark sets what is done with the center's watermarks of this collector.
func (l *CollectorLink) OnWatermark(f func(grid.Watermark)) { l.onWatermark = f }

// OnPlan sets what is done with a plan for this collector.
func (l *CollectorLink) OnPlan(f func(grid.Plan)) { l.onPlan = f }

// OnBackFill sets what is done with a command to read a load profile once more.
// Whether it has expired is for f to judge, which has the clock.
func (l *CollectorLink) OnBackFill(f func(grid.BackFill)) { l.onBackFill = f }

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

// PublishReply answers a command. A reply that does not arrive costs a
// repetition of the command.
func (l *CollectorLink) PublishReply(ctx context.Context, r grid.BackFillReply) error {
	payload, err := EncodeReply(r)
	if err != nil {
		return fmt.Errorf("publish reply: %w", err)
	}
	return l.Publish(ctx, l.reply, false, payload)
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
	case k == kindCommand:
		var b grid.BackFill
		if b, err = DecodeCommand(m.Payload()); err == nil {
			b.Collector = l.id
			l.onBackFill(b)
		}
	}
	if err != nil {
		l.log.Warn("message ignored", zap.String("topic", m.Topic()), zap.Error(err))
	}
}
