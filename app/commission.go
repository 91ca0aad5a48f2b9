package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"

	"phutai/fleet"
	"phutai/grid"
	"phutai/line"
	"phutai/meter"
)

// CommissionOptions say which meters are asked: those that came to stand where
// they stand on a day or after it, or became known then.
type CommissionOptions struct {
	Config  string
	Since   string        // a day (YYYY-MM-DD) in the configured zone
	Timeout time.Duration // for one meter
	Lang    string        // vi or en
}

// linesAtATime bounds the connections of a commissioning.
const linesAtATime = 32

// commissioned is what one poll of a new meter tells.
type commissioned struct {
	meter  grid.Meter
	asked  error // why not all of it came
	sample grid.Sample
	doubts []string
}

// Commission asks each new meter once, and prints whether it is reached, read
// and plausible, or why not. One that is not all of it makes an error.
func Commission(ctx context.Context, o CommissionOptions, out io.Writer) (err error) {
	cfg, r, closeIt, err := openRegister(ctx, o.Config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeIt()) }()
	rules, err := rules(&cfg)
	if err != nil {
		return err
	}
	since, err := time.ParseInLocation(time.DateOnly, o.Since, rules.Zone)
	if err != nil {
		return fmt.Errorf("--since %q: write a day as 2026-06-01", o.Since)
	}
	now := time.Now()
	view := r.View(now)
	before, err := r.AsOf(ctx, now, since.Add(-time.Millisecond))
	if err != nil {
		return err
	}
	c := commissioning{cfg: &cfg, view: view, words: commissionWordsOf(o.Lang), timeout: o.Timeout}
	if c.profiles, err = loadProfiles(&cfg); err != nil {
		return err
	}
	all := c.ask(ctx, newMeters(view, before, since))
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return c.tell(out, all)
}

// newMeters gives the meters that stand where they stand since then, or of which
// that was not known before.
func newMeters(now, before *fleet.View, since time.Time) []grid.Meter {
	var all []grid.Meter
	for m := range now.Meters() {
		old, known := before.Meter(m.Point)
		if at := now.Since(m.ID); !known || old.ID != m.ID || !at.IsZero() && !at.Before(since) {
			all = append(all, m)
		}
	}
	return all
}

// commissioning asks meters by what an installation knows.
type commissioning struct {
	cfg      *Config
	view     *fleet.View
	profiles *meter.Profiles
	words    *commissionWords
	timeout  time.Duration
}

// ask polls the meters, one at a time on each line, and gives what they told in
// the same order.
func (c *commissioning) ask(ctx context.Context, meters []grid.Meter) []commissioned {
	all := make([]commissioned, len(meters))
	onLine := map[string][]int{}
	for i, m := range meters {
		all[i].meter = m
		onLine[m.Line] = append(onLine[m.Line], i)
	}
	var g errgroup.Group
	g.SetLimit(linesAtATime)
	for address, on := range onLine {
		g.Go(func() error {
			bus := sync.OnceValues(func() (*meter.Bus, error) {
				l, err := line.Open(address, line.Options{})
				if err != nil {
					return nil, err
				}
				return meter.NewBus(l), nil
			})
			for _, i := range on {
				if ctx.Err() == nil {
					c.poll(ctx, bus, &all[i])
				}
			}
			if b, err := bus(); err == nil {
				_ = b.Close() // the values are in hand
			}
			return nil
		})
	}
	_ = g.Wait() // what went wrong stands beside each meter
	return all
}

func (c *commissioning) poll(ctx context.Context, bus func() (*meter.Bus, error), to *commissioned) {
	profile, ok := c.profiles.Get(to.meter.Profile)
	if !ok {
		to.asked = fmt.Errorf("there is no meter profile %q", to.meter.Profile)
		return
	}
	password, err := secretFolder(c.cfg.Secrets).Secret(to.meter.Secret)
	if err != nil {
		to.asked = err
		return
	}
	b, err := bus()
	if err != nil {
		to.asked = err
		return
	}
	device, err := meter.Open(b, profile, to.meter, password)
	if err != nil {
		to.asked = err
		return
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	to.sample, to.asked = device.Poll(ctx)
	at := time.Now()
	_ = device.Release(ctx) // a meter that does not say goodbye loses nothing
	if to.sample.Values.Len() > 0 {
		to.doubts = c.doubts(to, at)
	}
}

// tell prints a line a meter, and the sums.
func (c *commissioning) tell(out io.Writer, all []commissioned) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	if len(all) > 0 {
		fmt.Fprintln(w, strings.Join(c.words.head[:], "\t"))
	}
	reached, read, plausible := 0, 0, 0
	for i := range all {
		x := &all[i]
		point, _ := c.view.Point(x.meter.Point)
		station, _ := c.view.Substation(point.Substation)
		state, why := c.words.plausible, ""
		switch {
		case x.sample.Values.Len() == 0 && meter.Reason(x.asked) == grid.NoRoute:
			state, why = c.words.notReached, inWords(x.asked)
		case x.sample.Values.Len() == 0:
			reached++
			state, why = c.words.notRead, inWords(x.asked)
		case len(x.doubts) > 0:
			reached, read = reached+1, read+1
			state, why = c.words.doubtful, strings.Join(x.doubts, "; ")
		default:
			reached, read, plausible = reached+1, read+1, plausible+1
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", shown(string(x.meter.Point)), shown(string(x.meter.ID)), shown(station.Name), state, why)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, c.words.sum, len(all), reached, read, plausible); err != nil {
		return err
	}
	if plausible < len(all) {
		return fmt.Errorf("%d of %d meters are not fit for service yet: see why beside each", len(all)-plausible, len(all))
	}
	return nil
}
