package store

import (
	"context"
	"fmt"
	"time"

	"phutai/grid"
	"phutai/store/pack"
)

// Contacts gives how each point stands with its collector, for the points that
// were heard of at all, in no order. A row of the load profile counts by the
// time when it was polled, so history that is read later is no news of today.
func (j *Journal) Contacts(context.Context) []grid.Contact {
	j.mu.RLock()
	defer j.mu.RUnlock()
	out := make([]grid.Contact, 0, len(j.contacts))
	for _, c := range j.contacts {
		out = append(out, *c)
	}
	return out
}

// noteContacts works the readings and absences of one commit into the
// contacts. It gives the points whose misses have to be counted anew, because
// something arrived out of order.
func (j *Journal) noteContacts(readings, absences []grid.Reading) map[grid.PointID]bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	recount := map[grid.PointID]bool{}
	for i := range readings {
		r := &readings[i]
		c := j.contact(r.Point)
		if !heardAt(r).After(c.LastGood) {
			continue
		}
		late := c.Misses > 0 && heardAt(r).Before(c.LastTry)
		answered(c, r)
		if late {
			recount[r.Point] = true
		}
	}
	for i := range absences {
		r := &absences[i]
		if !failedTry(r) {
			continue
		}
		c := j.contact(r.Point)
		if r.At.Before(c.LastTry) && r.At.After(c.LastGood) {
			recount[r.Point] = true
		}
		missed(c, r)
	}
	return recount
}

// contact gives the contact of a point, made if need be; the caller holds mu.
func (j *Journal) contact(point grid.PointID) *grid.Contact {
	c := j.contacts[point]
	if c == nil {
		c = &grid.Contact{Point: point}
		j.contacts[point] = c
	}
	return c
}

// heardAt is when the meter spoke, by the collector's clock.
func heardAt(r *grid.Reading) time.Time {
	if r.Source == grid.Instant {
		return r.At
	}
	return r.PolledAt
}

// failedTry tells whether an absence is an attempt that the meter did not
// answer. Absent rows of the load profile are found by asking a meter that
// answers, or speak of intervals long past. What was not polled is no attempt.
func failedTry(r *grid.Reading) bool {
	return r.Source == grid.Instant && r.Missing != grid.NotPolled
}

func answered(c *grid.Contact, r *grid.Reading) {
	at := heardAt(r)
	c.LastGood = at
	if r.ClockKnown {
		c.ClockKnown, c.ClockOffset = true, r.ClockOffset
	}
	if !at.Before(c.LastTry) {
		c.LastTry, c.Misses, c.Missing, c.Detail = at, 0, grid.NoReason, ""
	}
}

func missed(c *grid.Contact, r *grid.Reading) {
	if !r.At.After(c.LastTry) {
		return
	}
	c.LastTry, c.Missing, c.Detail = r.At, r.Missing, r.Detail
	if r.At.After(c.LastGood) {
		c.Misses++
	}
}

// contactOf works a contact out from the tables.
func (j *Journal) contactOf(ctx context.Context, point grid.PointID) (*grid.Contact, error) {
	number, ok := j.points.number(point)
	if !ok {
		return &grid.Contact{Point: point}, nil
	}
	c := &grid.Contact{Point: point}
	j.mu.RLock()
	for _, source := range []grid.Source{grid.Profile, grid.Instant} {
		if r, ok := j.latest[pointSource{point, source}]; ok && heardAt(&r).After(c.LastGood) {
			answered(c, &r)
		}
	}
	j.mu.RUnlock()
	lo, hi := pack.Range(number, grid.Instant, c.LastGood.Add(time.Millisecond), farFuture)
	newest, err := j.absences(ctx, "key >= ? AND key < ? AND reason <> ? ORDER BY key DESC", lo, hi, int64(grid.NotPolled))
	if err != nil {
		return nil, fmt.Errorf("count misses of %s: %w", point, err)
	}
	if len(newest) > 0 {
		r := &newest[0]
		c.LastTry, c.Missing, c.Detail = r.At, r.Missing, r.Detail
		c.Misses = len(newest)
		if len(newest) == chunk {
			err := j.db.Read.QueryRowContext(ctx, "SELECT count(*) FROM absence WHERE key >= ? AND key < ? AND reason <> ?", lo, hi, int64(grid.NotPolled)).Scan(&c.Misses)
			if err != nil {
				return nil, fmt.Errorf("count misses of %s: %w", point, err)
			}
		}
	}
	return c, nil
}

func (j *Journal) loadContacts(ctx context.Context) error {
	for _, point := range j.points.all() {
		c, err := j.contactOf(ctx, point)
		if err != nil {
			return err
		}
		j.contacts[point] = c
	}
	return nil
}
