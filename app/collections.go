package app

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"phutai/fleet"
	"phutai/grid"
	"phutai/store"
	"phutai/store/lineproto"
	"phutai/web"
)

// collections sums the gap audit's accounts up by unit and day, for pages that ask
// again and again.
type collections struct {
	journal  *store.Journal
	register *fleet.Register
	zone     *time.Location
	clock    grid.Clock

	mu   sync.Mutex // guards kept
	kept map[int64]keptDay
}

// keptDay is a day as it was at a moment, in real time.
type keptDay struct {
	at    time.Time
	units []web.UnitCollection
}

// The sums of a day are worked out anew after a while, and no more of them are kept
// than pages show.
const (
	keepDayFor = 30 * time.Second
	mostDays   = 64
)

func newCollections(j *store.Journal, r *fleet.Register, zone *time.Location, clock grid.Clock) *collections {
	return &collections{journal: j, register: r, zone: zone, clock: clock, kept: map[int64]keptDay{}}
}

// UnitsOn gives the account of each unit that has metering points on the local day
// that begins at day, under the names of that day.
func (c *collections) UnitsOn(ctx context.Context, day time.Time) ([]web.UnitCollection, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := day.UnixMilli()
	if k, ok := c.kept[key]; ok && time.Since(k.at) < keepDayFor {
		return k.units, nil
	}
	accounts, err := c.journal.CollectionDay(ctx, day)
	if err != nil {
		return nil, err
	}
	if len(c.kept) >= mostDays {
		clear(c.kept)
	}
	units := byUnit(c.register.View(day), accounts)
	c.kept[key] = keptDay{time.Now(), units}
	return units, nil
}

// Accounts gives the account of each unit on the last days, today among them, for the
// writers of other databases.
func (c *collections) Accounts(ctx context.Context, days int) (out []lineproto.Account, err error) {
	y, m, d := c.clock.Now().In(c.zone).Date()
	for i := range days {
		day := time.Date(y, m, d-days+1+i, 0, 0, 0, 0, c.zone).UTC()
		units, err := c.UnitsOn(ctx, day)
		if err != nil {
			return nil, err
		}
		for _, u := range units {
			out = append(out, lineproto.Account{Unit: u.Unit.ID, Day: day, Points: u.Points, Collection: u.Collection})
		}
	}
	return out, nil
}

func byUnit(view *fleet.View, accounts map[grid.PointID]grid.Collection) []web.UnitCollection {
	sums := map[grid.UnitID]*web.UnitCollection{}
	for p := range view.Points() {
		sub, _ := view.Substation(p.Substation)
		u := sums[sub.Unit]
		if u == nil {
			unit, _ := view.Unit(sub.Unit)
			unit.ID = sub.Unit
			u = &web.UnitCollection{Unit: unit}
			sums[sub.Unit] = u
		}
		u.Points++
		if accounts[p.ID].Received == 0 {
			u.Silent++
		}
		u.Collection = u.Plus(accounts[p.ID])
	}
	out := make([]web.UnitCollection, 0, len(sums))
	for _, u := range sums {
		out = append(out, *u)
	}
	slices.SortFunc(out, func(a, b web.UnitCollection) int { return cmp.Compare(a.Unit.ID, b.Unit.ID) })
	return out
}
