package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/user"
	"path/filepath"
	"strings"
	"time"

	"phutai/db"
	"phutai/fleet"
	"phutai/grid"
	"phutai/store"
)

// RecomputeDays has the peaks and sums by day worked out again from all derived
// rows that are kept. Days of which such rows are gone stay as they are.
func RecomputeDays(ctx context.Context, config string, out io.Writer) (err error) {
	cfg, err := Load(config)
	if err != nil {
		return err
	}
	if err := finishedRestore(cfg.Data); err != nil {
		return err
	}
	file, err := db.OpenBeside(ctx, filepath.Join(cfg.Data, journalFile))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := store.RecomputeDays(ctx, file); err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, "the running program works all days out again beside its other work; one that is stopped does so at its next start")
	return err
}

// RecomputeOptions say of what figures are to be worked out again: of one
// transformer, of a unit and those below it, or of all.
type RecomputeOptions struct {
	Config      string
	Transformer string
	Unit        string
	From, To    string // days in the configured zone, or moments in RFC 3339; empty: ever, open
}

// Recompute writes an order down for the owner of the journal to work figures out
// again by the register as it is known when that is done.
func Recompute(ctx context.Context, o RecomputeOptions, out io.Writer) (err error) {
	cfg, register, closeIt, err := openRegister(ctx, o.Config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeIt()) }()
	zone, err := time.LoadLocation(cfg.Timezone)
	if err != nil {
		return fmt.Errorf("time zone: %w", err)
	}
	var from, to time.Time
	if o.From != "" {
		if from, err = moment("from", o.From, zone); err != nil {
			return err
		}
	}
	if o.To != "" {
		if to, err = moment("to", o.To, zone); err != nil {
			return err
		}
		if !from.Before(to) {
			return fmt.Errorf("--from %s is not before --to %s", o.From, o.To)
		}
	}
	set, err := register.Export(ctx, time.Time{})
	if err != nil {
		return err
	}
	all := asked(o, set, register.View(time.Now()), from, to)
	if len(all) == 0 {
		return fmt.Errorf("the register has no metering point for that%s; phutai fleet list shows what there is", forWhat(o))
	}
	file, err := db.OpenBeside(ctx, filepath.Join(cfg.Data, journalFile))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	order := store.Again{By: whoAmI(), Why: "ordered by hand" + forWhat(o), GivenAt: time.Now()}
	if err := store.OrderAgain(ctx, file, order, all); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "ordered for %d stretches of metering points; the running program works them out again beside its other work, one that is stopped at its next start\n", len(all))
	return err
}

// asked gives the points that an order is about.
func asked(o RecomputeOptions, set *fleet.Set, now *fleet.View, from, to time.Time) []store.Stretch {
	m := meteredBy(set)
	var all []store.Stretch
	switch {
	case o.Transformer != "":
		all = m.points(fleet.Transformers, o.Transformer, from, to)
	case o.Unit != "":
		for i := range set.Substations {
			s := &set.Substations[i]
			since, until, ok := overlap(s.From, s.To, from, to)
			if ok && (string(s.Body.Unit) == o.Unit || now.Within(s.Body.Unit, grid.UnitID(o.Unit))) {
				all = append(all, m.points(fleet.Substations, string(s.Body.ID), since, until)...)
			}
		}
	default:
		for i := range set.Points {
			all = append(all, store.Stretch{Point: set.Points[i].Body.ID, From: from, To: to})
		}
	}
	return merged(all)
}

// forWhat words what an order is about.
func forWhat(o RecomputeOptions) string {
	var b strings.Builder
	for _, f := range [][2]string{{"transformer", o.Transformer}, {"unit", o.Unit}, {"from", o.From}, {"to", o.To}} {
		if f[1] != "" {
			b.WriteString(", " + f[0] + " " + f[1])
		}
	}
	return b.String()
}

// whoAmI names the person who gives an order.
func whoAmI() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "somebody"
}
