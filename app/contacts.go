package app

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"phutai/fleet"
	"phutai/grid"
)

// contacts tells how the metered points that the register holds now stand with
// their collectors; those it holds no longer are nobody's worry. A collector
// says of each attempt how it went. Where it says nothing at all, because its
// process, its machine or the way from there is dead, or because it was never
// started, the point counts as missed from here.
type contacts struct {
	journal  heardOf
	register *fleet.Register
	clock    grid.Clock
	main     grid.CollectorID // polls the meters that name no collector
	every    time.Duration    // between polls of a meter that does not say
	after    time.Duration    // no point counts as missed before
	misses   int              // so many make a comms loss

	mu   sync.Mutex                 // guards seen
	seen map[grid.PointID]time.Time // since when each point has been watched
}

// heardOf gives what has arrived of each point.
type heardOf interface {
	Contacts(ctx context.Context) []grid.Contact
}

// lateMargin is how much later than its interval a poll may arrive: a line may
// be busy with others, and a batch waits for more.
const lateMargin = 2 * time.Minute

func newContacts(journal heardOf, register *fleet.Register, clock grid.Clock, cfg *Config) *contacts {
	return &contacts{
		journal: journal, register: register, clock: clock, main: cfg.Collector.ID, every: cfg.Collector.Every,
		after: cfg.Alerting.Comms.After, misses: cfg.Alerting.Comms.Misses, seen: map[grid.PointID]time.Time{},
	}
}

// Contacts gives them, in no order.
func (c *contacts) Contacts(ctx context.Context) ([]grid.Contact, error) {
	now := c.clock.Now()
	view := c.register.View(now)
	known := map[grid.PointID]grid.Contact{}
	for _, k := range c.journal.Contacts(ctx) {
		known[k.Point] = k
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([]grid.Contact, 0, len(known))
	metered := make(map[grid.PointID]bool, len(c.seen))
	for m := range view.Meters() {
		metered[m.Point] = true
		since, watched := c.seen[m.Point]
		if !watched {
			since = now
			c.seen[m.Point] = now
		}
		k := known[m.Point]
		k.Point = m.Point
		out = append(out, c.judge(k, &m, since, now))
	}
	maps.DeleteFunc(c.seen, func(p grid.PointID, _ time.Time) bool { return !metered[p] })
	return out, nil
}

// judge adds misses to a contact of which nothing has arrived for too long. It
// counts from since at the earliest: what a program that was stopped has not
// heard says nothing of the meters.
func (c *contacts) judge(k grid.Contact, m *grid.Meter, since, now time.Time) grid.Contact {
	for _, news := range []time.Time{k.LastGood, k.LastTry} {
		if news.After(since) {
			since = news
		}
	}
	every := m.Every
	if every == 0 {
		every = c.every
	}
	if now.Sub(since) < max(2*every+lateMargin, c.after) {
		return k
	}
	if k.LastTry.IsZero() {
		k.LastTry = since // a silence has to begin somewhere
	}
	from := m.Collector
	if from == "" {
		from = c.main
	}
	k.Misses, k.Missing = max(k.Misses, c.misses), grid.Late
	k.Detail = fmt.Sprintf("nothing has come from collector %s since %s", from, since.UTC().Format(time.RFC3339))
	return k
}
