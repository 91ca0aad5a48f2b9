package store

import (
	"context"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"phutai/db"
	"phutai/grid"
)

// Message is one payload as it came from a collector. Ack tells the broker
// that it need not come again; nil where nobody waits for it.
type Message struct {
	Collector grid.CollectorID
	Payload   []byte
	Ack       func()
}

// Ratios gives the instrument-transformer ratio that the register holds for a
// point at a time; false where it knows no such point or no ratio.
type Ratios interface {
	Ratio(grid.PointID, time.Time) (grid.Ratio, bool)
}

// Watermarks tells a collector what has been committed.
type Watermarks interface {
	PublishWatermark(context.Context, grid.CollectorID, grid.Watermark) error
}

// Parts is what an Ingester is made of. Log may be nil.
type Parts struct {
	Journal    *Journal
	Decode     func([]byte) (grid.Batch, error)
	Ratios     Ratios
	Watermarks Watermarks
	Clock      grid.Clock
	Log        *zap.Logger
}

// Ingester takes messages in: commit first, acknowledge second, announce third.
type Ingester struct {
	cfg      Config
	parts    Parts
	log      *zap.Logger
	queue    chan Message
	door     door
	announce *announcer
	trouble  trouble
	stats    tallies
}

// NewIngester makes an ingester; Run starts it.
func NewIngester(cfg Config, parts Parts) *Ingester {
	log := parts.Log
	if log == nil {
		log = zap.NewNop()
	}
	return &Ingester{
		cfg: cfg, parts: parts, log: log,
		queue:    make(chan Message, cfg.Queue),
		announce: newAnnouncer(parts.Watermarks, log),
	}
}

// Offer hands a message over. It blocks while the queue is full, so that the
// broker's window fills and collectors keep what they have. An error means that
// the message is not taken: ctx has ended first, or Run is coming to its end.
func (g *Ingester) Offer(ctx context.Context, m Message) error {
	return g.door.pass(ctx, g.queue, m)
}

// Announce publishes the watermark of every known collector again, as after a
// broker has lost its retained messages.
func (g *Ingester) Announce() { g.announce.owe(g.parts.Journal.Watermarks()) }

// Uses notes which spool a collector says that it works with; what is committed
// of it is published again if another one counted as its current.
func (g *Ingester) Uses(s Spool) {
	if g.parts.Journal.Uses(s) {
		g.announce.owe(g.current(map[Spool]grid.Watermark{s: {}}))
	}
}

// Run takes messages in until ctx ends. It then takes no more, commits and
// acknowledges those that Offer has taken, and announces the watermarks, all
// within finishWithin; what cannot be committed at the first try comes again.
func (g *Ingester) Run(ctx context.Context) error {
	late, end := grace(ctx, finishWithin)
	defer end()
	g.door.open()
	g.Announce()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return g.announce.run(ctx) })
	group.Go(func() error { return g.obey(ctx) })
	group.Go(func() error {
		for {
			first, ok := g.next(ctx)
			if !ok || !g.take(ctx, late, first) {
				return nil
			}
		}
	})
	err := group.Wait()
	g.announce.flush(late)
	return err
}

// next gives the next message; once ctx has ended, of those that are there.
func (g *Ingester) next(ctx context.Context) (Message, bool) {
	select {
	case m := <-g.queue:
		return m, true
	case <-ctx.Done():
	}
	g.door.close()
	select {
	case m := <-g.queue:
		return m, true
	default:
		return Message{}, false
	}
}

// take groups m with what is queued, commits the group, and acknowledges it. The
// end of ctx makes it wait for no more; late bounds the commit. It gives false
// where nothing is to be committed any more.
func (g *Ingester) take(ctx, late context.Context, m Message) bool {
	var entries []Entry
	var acks []func()
	readings := 0
	add := func(m Message) {
		e := g.admit(m)
		readings += len(e.Readings) + len(e.Dead)
		entries = append(entries, e)
		if m.Ack != nil {
			acks = append(acks, m.Ack)
		}
	}
	add(m)
	timer := time.NewTimer(g.cfg.Within)
	defer timer.Stop()
	for full := false; !full && readings < g.cfg.Batch; {
		select {
		case m := <-g.queue:
			add(m)
		case <-timer.C:
			full = true
		case <-ctx.Done():
			select {
			case m := <-g.queue:
				add(m)
			default:
				full = true
			}
		}
	}
	done, ok := g.commit(ctx, late, entries)
	if !ok {
		return false
	}
	for _, ack := range acks {
		ack()
	}
	g.announce.owe(g.current(done.Marks))
	g.stats.add(len(acks), entries, done)
	return true
}

// current turns the marks of a commit into one for each collector: that of its
// current spool, because the retained message holds only one.
func (g *Ingester) current(marks map[Spool]grid.Watermark) map[grid.CollectorID]grid.Watermark {
	all := g.parts.Journal.Watermarks()
	out := make(map[grid.CollectorID]grid.Watermark, len(marks))
	for key := range marks {
		out[key.Collector] = all[key.Collector]
	}
	return out
}

// commit tries until it succeeds, or fails once ctx has ended. Messages stay
// unacknowledged meanwhile, the queue fills, and collectors keep their readings.
func (g *Ingester) commit(ctx, late context.Context, entries []Entry) (Committed, bool) {
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		done, err := g.parts.Journal.Commit(late, entries...)
		if err == nil {
			g.trouble.clear()
			return done, true
		}
		if ctx.Err() != nil {
			g.log.Warn("the last readings are not committed, they come again", zap.Error(err))
			return done, false
		}
		g.log.Error("readings cannot be committed, collectors keep them; trying again", zap.Duration("pause", pause), zap.Error(err))
		g.trouble.set(db.Full(err), err, g.parts.Clock.Now())
		if !sleep(ctx, pause) {
			return done, false
		}
	}
}
