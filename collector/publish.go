package collector

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"phutai/grid"
)

const (
	batchSize    = 500                    // readings of one message at most
	parallel     = 8                      // messages under way at a time
	uplinkPause  = 500 * time.Millisecond // between looks at an uplink that is down
	uplinkWait   = 30 * time.Second       // for one message
	missingAfter = 2 * time.Second        // before a hole counts as lost and not as under way, and a center as silent
	longestStall = 10 * time.Minute
)

// publisher is the state of the one goroutine that sends.
type publisher struct {
	*Collector
	next  uint64    // the next sequence number to send
	mark  uint64    // the highest watermark seen
	moved time.Time // when the watermark moved, or sending began after a rest; real
	stall time.Duration
	heard bool      // of the center, or it has had its time to speak first
	until time.Time // the end of that time; real, zero before the first connect
	load  load
	owed  *grid.Watermark // that the spool could not yet do as it says
	tried time.Time       // when it was last tried; real
	holes [][2]uint64
	waits map[uint64]wait // of the holes, by their first number
}

// wait is how long a hole is left alone: messages overtake each other, and a
// center that cannot take a reading does not get it more often and more often.
type wait struct {
	until time.Time
	next  time.Duration
}

// publish sends what the spool holds until ctx ends. Whatever goes wrong on the
// way, readings stay in the spool and are sent again.
func (c *Collector) publish(ctx context.Context) error {
	first, err := c.spool.first(ctx, 0)
	if err != nil {
		return err
	}
	p := &publisher{Collector: c, next: first, mark: first - 1, moved: time.Now(), stall: c.cfg.ResendAfter, heard: c.spool.fresh, load: load{size: batchSize}}
	for ctx.Err() == nil {
		c.pulse.round()
		changed := c.spool.Changed()
		p.heed(ctx)
		sent, err := p.round(ctx)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			if p.load.failed(time.Now()) {
				c.log.Warn("sending fewer readings in one message", zap.Int("readings", p.load.size))
			}
			c.log.Info("readings not sent, trying again", zap.Error(err))
			p.restart()
			p.rest(ctx, nil, uplinkPause)
		case sent > 0:
			p.load.carried(time.Now(), sent)
		default:
			p.rest(ctx, changed, p.patience())
		}
	}
	return nil
}

// rest waits for something to do.
func (p *publisher) rest(ctx context.Context, changed <-chan struct{}, longest time.Duration) {
	timer := time.NewTimer(longest)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-changed:
	case <-p.Collector.mark.bell:
	}
}

// patience is how long to rest when there is nothing to send.
func (p *publisher) patience() time.Duration {
	switch {
	case !p.parts.Uplink.Connected():
		return uplinkPause
	case !p.heard:
		return max(time.Until(p.until), 10*time.Millisecond)
	case len(p.holes) > 0 || p.owed != nil:
		return missingAfter
	case p.next > p.mark+1:
		return max(time.Until(p.moved.Add(p.stall)), 10*time.Millisecond)
	}
	return longestStall
}

// restart begins again behind the watermark.
func (p *publisher) restart() {
	if p.next > p.mark+1 {
		p.next = p.mark + 1
		p.count.resent.Add(1)
	}
}

// heed takes the newest watermark into account.
func (p *publisher) heed(ctx context.Context) {
	w, fresh, back := p.Collector.mark.take()
	if !fresh && p.owed != nil && time.Since(p.tried) >= missingAfter {
		// Where nothing is sent for lack of room, no other watermark will come.
		w, fresh = *p.owed, true
	}
	if fresh {
		p.take(ctx, w)
	}
	if back {
		p.restart()
		p.moved = time.Now()
	}
	if p.next > p.mark+1 && time.Since(p.moved) > p.stall {
		p.log.Info("no word from the center, sending again", zap.Uint64("from", p.mark+1), zap.Duration("after", p.stall))
		p.restart()
		p.moved = time.Now()
		// A center that is down for long is not sent the same over and over.
		p.stall = min(2*p.stall, longestStall)
	}
}

func (p *publisher) take(ctx context.Context, w grid.Watermark) {
	p.heard = true
	epoch, last := p.spool.Position()
	if w.Epoch != epoch {
		return // of a spool that stood here before
	}
	if sent := p.spool.Sent(); w.Seq > sent {
		// Polling may have reached the same numbers since, so that they stand for
		// readings that the center has never seen.
		p.log.Warn("the center has seen more of this spool than was sent from it: an older file was put back, or the power failed; what it holds is sent under a new epoch",
			zap.Uint64("center", w.Seq), zap.Uint64("sent", sent), zap.Uint64("spool", last))
		if err := p.spool.Renew(ctx); err != nil {
			p.log.Error("spool not renewed, readings wait", zap.Error(err))
			return
		}
		p.next, p.mark, p.holes, p.waits = 1, 0, nil, nil
		return
	}
	if w.Seq < p.mark {
		return // late, or of a center put back from a backup; what is gone from here cannot be sent again
	}
	gone, err := p.spool.Forget(ctx, w)
	p.owed, p.tried = nil, time.Now()
	if err != nil {
		p.log.Warn("spool keeps what the center has, trying again", zap.Error(err))
		p.owed = &w
	}
	if gone > 0 || w.Seq > p.mark {
		p.moved, p.stall = time.Now(), p.cfg.ResendAfter
	}
	p.mark = w.Seq
	p.count.acked.Store(w.Seq)
	p.next = max(p.next, w.Seq+1)
	p.holes = w.Missing
	waits := make(map[uint64]wait, len(w.Missing))
	for _, h := range w.Missing {
		known, ok := p.waits[h[0]]
		if !ok {
			known = wait{time.Now().Add(missingAfter), missingAfter}
		}
		waits[h[0]] = known
	}
	p.waits = waits
}

// listening tells whether the center's word is still waited for. A file that was
// here before may be an old copy: until the retained watermark has come, nobody
// knows whether its numbers are free.
func (p *publisher) listening() bool {
	if p.heard {
		return false
	}
	if p.until.IsZero() {
		p.until = time.Now().Add(missingAfter)
	}
	p.heard = !time.Now().Before(p.until)
	return !p.heard
}

// round sends some batches and waits until the broker has them all. It gives how
// many readings the largest held; zero: nothing was sent.
func (p *publisher) round(ctx context.Context) (largest int, err error) {
	if !p.parts.Uplink.Connected() {
		p.restart()
		return 0, nil
	}
	if p.listening() {
		return 0, nil
	}
	batches, err := p.gather(ctx)
	if err != nil || len(batches) == 0 {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, uplinkWait)
	defer cancel()
	g, ctx := errgroup.WithContext(ctx)
	for _, b := range batches {
		largest = max(largest, len(b.Readings))
		g.Go(func() error { return p.parts.Uplink.PublishBatch(ctx, b) })
	}
	return largest, g.Wait()
}

// gather gives the batches to send next: what the center misses, then what is
// new, as far as it may run ahead of the watermark.
func (p *publisher) gather(ctx context.Context) ([]grid.Batch, error) {
	epoch, last := p.spool.Position()
	var out []grid.Batch
	add := func(from, to uint64) (next uint64, err error) {
		b, err := p.spool.Batch(ctx, from, to, p.load.size)
		if err != nil || len(b.Readings) == 0 {
			return 0, err
		}
		b.Collector, b.Epoch = p.cfg.ID, epoch
		out = append(out, b)
		return b.FirstSeq + uint64(len(b.Readings)), nil
	}
	for _, h := range p.holes {
		w := p.waits[h[0]]
		if time.Now().Before(w.until) {
			continue
		}
		w.next = min(2*w.next, longestStall)
		w.until = time.Now().Add(w.next)
		p.waits[h[0]] = w
		for from := h[0]; from != 0 && from <= h[1] && len(out) < parallel; {
			var err error
			if from, err = add(from, h[1]); err != nil {
				return nil, err
			}
		}
	}
	if p.next == p.mark+1 {
		p.moved = time.Now() // the center's time to answer begins with what is sent now
	}
	// What was given up leaves a hole behind the watermark that may be wide.
	first, err := p.spool.first(ctx, p.mark+1)
	if err != nil {
		return nil, err
	}
	ahead := min(last, first-1+p.cfg.InFlight)
	for len(out) < parallel && p.next <= ahead {
		next, err := add(p.next, ahead)
		if err != nil {
			return nil, errors.Join(err, ctx.Err())
		}
		if next == 0 {
			break
		}
		p.next = next
	}
	if len(out) > 0 {
		out[0].Void = p.spool.Voids(p.next - 1)
	}
	p.spool.MarkSent(p.next - 1)
	return out, nil
}
