package mqtt

import (
	"context"
	"fmt"

	paho "github.com/eclipse/paho.mqtt.golang"
	"go.uber.org/zap"

	"phutai/grid"
)

// Readings takes one message of readings. It may block, which is how a center
// that cannot keep up slows its collectors down. ack tells the broker that the
// readings are committed; it may be called later, from any goroutine, and does
// nothing once the connection has changed.
type Readings func(ctx context.Context, from grid.CollectorID, payload []byte, ack func())

// CenterLink is the center's end of the wire. Set the handlers before Run; they
// are called one at a time, in Run.
type CenterLink struct {
	*Client
	onReadings Readings
	onStatus   func(Status)
	onReply    func(grid.BackFillReply)
	onConnect  func()
}

// NewCenterLink prepares the link of the center; Run opens it. The broker keeps
// the session of its fixed client id, so two centers must not share a broker.
func NewCenterLink(cfg Config, log *zap.Logger) (*CenterLink, error) {
	l := &CenterLink{
		onReadings: func(context.Context, grid.CollectorID, []byte, func()) {},
		onStatus:   func(Status) {}, onReply: func(grid.BackFillReply) {}, onConnect: func() {},
	}
	if cfg.ClientID == "" {
		cfg.ClientID = "phutai-center"
	}
	var err error
	l.Client, err = newClient(cfg, role{
		manualAck: true, filters: []string{kindStatus.filter(), kindReadings.filter()}, extras: []string{kindReply.filter()},
	}, log)
	return l, err
}

// OnReadings sets what is done with a message of readings. A message whose
// payload is poison is acknowledged by the receiver too, after it has put it away.
func (l *CenterLink) OnReadings(f Readings) { l.onReadings = f }

// OnStatus sets what is done with the status of a collector.
func (l *CenterLink) OnStatus(f func(Status)) { l.onStatus = f }

// OnReply sets what is done with a collector's answer to a command.
func (l *CenterLink) OnReply(f func(grid.BackFillReply)) { l.onReply = f }

// OnConnect sets what is done after each connect.
func (l *CenterLink) OnConnect(f func()) { l.onConnect = f }

// Run keeps the link until ctx ends, and gives nil then.
func (l *CenterLink) Run(ctx context.Context) error { return l.run(ctx, l.handle, l.onConnect) }

// PublishWatermark makes w stand as the watermark of a collector. Without a
// connection it is kept and sent at the next connect.
func (l *CenterLink) PublishWatermark(ctx context.Context, to grid.CollectorID, w grid.Watermark) error {
	t, err := AckTopic(to)
	if err != nil {
		return err
	}
	payload, err := EncodeWatermark(w)
	if err != nil {
		return fmt.Errorf("publish watermark of %s: %w", to, err)
	}
	return l.retain(ctx, t, payload)
}

// PublishPlan makes p stand as the plan of its collector. Without a connection
// it is kept and sent at the next connect.
func (l *CenterLink) PublishPlan(ctx context.Context, p grid.Plan) error {
	t, err := LinesTopic(p.Collector)
	if err != nil {
		return err
	}
	payload, err := EncodePlan(p)
	if err != nil {
		return err
	}
	return l.retain(ctx, t, payload)
}

// PlanRefused tells why the broker has not taken the newest plan of a collector,
// such as a *TooLargeError; nil: it has, or is not reached. A broker that does
// not let this user write may take a plan without a word and throw it away.
func (l *CenterLink) PlanRefused(of grid.CollectorID) error {
	t, err := LinesTopic(of)
	if err != nil {
		return err
	}
	return l.refusal(t)
}

// PublishAlarm makes a stand as the state of its alarm. An alarm that is over is
// told once to those who listen and then taken away.
func (l *CenterLink) PublishAlarm(ctx context.Context, a grid.Alarm) error {
	t, err := AlarmTopic(a.ID)
	if err != nil {
		return err
	}
	payload, err := EncodeAlarm(a)
	if err != nil {
		return fmt.Errorf("publish alarm %s: %w", a.ID, err)
	}
	if a.Active() {
		return l.retain(ctx, t, payload)
	}
	if err := l.Publish(ctx, t, false, payload); err != nil {
		l.log.Info("end of alarm not told", zap.String("alarm", string(a.ID)), zap.Error(err))
	}
	return l.retain(ctx, t, nil)
}

// PublishBackFill sends a command to its collector. Nobody keeps it where the
// collector does not listen.
func (l *CenterLink) PublishBackFill(ctx context.Context, b grid.BackFill) error {
	t, err := CommandTopic(b.Collector)
	if err != nil {
		return err
	}
	payload, err := EncodeCommand(b)
	if err != nil {
		return err
	}
	return l.Publish(ctx, t, false, payload)
}

func (l *CenterLink) handle(ctx context.Context, m paho.Message) {
	k, id, err := parseTopic(m.Topic())
	switch {
	case err != nil:
	case k == kindReadings:
		l.onReadings(ctx, grid.CollectorID(id), m.Payload(), m.Ack)
		return
	case k == kindStatus:
		var s Status
		if s, err = DecodeStatus(m.Payload()); err == nil {
			s.Collector = grid.CollectorID(id)
			l.onStatus(s)
		}
	case k == kindReply:
		var r grid.BackFillReply
		if r, err = DecodeReply(m.Payload()); err == nil {
			r.Collector = grid.CollectorID(id)
			l.onReply(r)
		}
	}
	if err != nil {
		l.log.Warn("message ignored", zap.String("topic", m.Topic()), zap.Error(err))
	}
	m.Ack() // neither a status nor nonsense gets better by coming again
}
