package app

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"phutai/alerting"
	"phutai/alerting/notify"
	"phutai/cases"
	"phutai/db"
	"phutai/fleet"
	"phutai/grid"
	"phutai/loading"
	"phutai/meter"
	"phutai/mqtt"
	"phutai/store"
	"phutai/web"
)

// center is the role that takes readings in, judges them and shows them.
type center struct {
	clock    grid.Clock
	keep     store.Keep
	register *fleet.Register
	stations *stations
	journal  *store.Journal
	ingester *store.Ingester
	audit    *store.Audit
	auditing store.AuditConfig
	contacts *contacts
	writers  []storeWriter // empty: SQLite alone
	loading  *loading.Writer
	days     *store.Days
	cases    *cases.Book
	alarms   *alerting.Engine
	health   *health
	link     *mqtt.CenterLink
	plans    *plans
	web      *web.Server
	teller   *teller
	again    *corrections
	log      *zap.Logger
}

// newCenter builds the center in the order in which data flows through it. What
// it opens is closed by keep's owner.
func newCenter(ctx context.Context, cfg *Config, profiles *meter.Profiles, air loading.Air, passwords map[string]string, clock grid.Clock, care db.Care, log *zap.Logger, keep func(string, func() error)) (*center, error) {
	zone, err := time.LoadLocation(cfg.Timezone)
	if err != nil {
		return nil, fmt.Errorf("time zone: %w", err)
	}
	state, err := db.OpenWith(ctx, filepath.Join(cfg.Data, stateFile), care)
	if err != nil {
		return nil, err
	}
	keep("state", state.Close)
	c := &center{clock: clock, keep: cfg.Store.Keep, auditing: cfg.Store.Audit, log: log}
	if c.register, err = fleet.Open(ctx, state, clock.Now); err != nil {
		return nil, err
	}
	c.stations = newStations(c.register, clock)
	if c.cases, err = cases.Open(ctx, cases.Deps{DB: state, Register: doubtful{c.stations, zone}, Clock: clock, Log: log}); err != nil {
		return nil, err
	}

	file, err := db.OpenWith(ctx, filepath.Join(cfg.Data, journalFile), care)
	if err != nil {
		return nil, err
	}
	keep("journal", file.Close)
	if c.journal, err = store.OpenJournal(ctx, file, log); err != nil {
		return nil, err
	}
	c.journal.LimitLetters(cfg.Store.Keep.MostLetters)
	wire, err := linkConfig(cfg, centerUser, passwords)
	if err != nil {
		return nil, err
	}
	if c.link, err = mqtt.NewCenterLink(wire, log); err != nil {
		return nil, err
	}
	c.ingester = store.NewIngester(cfg.Store.Ingest, store.Parts{
		Journal: c.journal, Decode: listening(mqtt.DecodeBatch, c.cases), Ratios: c.register, Watermarks: c.link, Clock: clock, Log: log,
	})
	sums := newCollections(c.journal, c.register, zone, clock)
	if c.writers, err = newStoreWriters(ctx, cfg.Store, c.journal, c.stations, sums, clock, log); err != nil {
		return nil, err
	}
	c.plans = newPlans(c.register, clock, cfg.Collector.ID, c.link.PublishPlan, c.link.PlanRefused, log)
	c.health = newHealth(clock, c.link, c.ingester, c.writers, c.plans.polling)
	c.health.plans = c.plans.troubles

	handed := newHandover(c.journal, c.link.PublishBackFill)
	c.audit = store.NewAudit(cfg.Store.Audit, store.AuditParts{
		Journal: c.journal, Duties: &duties{register: c.register, profiles: profiles, cfg: &cfg.Collector}, Collectors: handed,
		Clock: clock, Zone: zone, Report: func(err error) { c.health.report("audit", err) }, Log: log,
	})
	c.link.OnReply(c.audit.Answer)

	c.contacts = newContacts(c.journal, c.register, clock, cfg)
	channels, err := notify.Channels(cfg.Alerting.Notify, log)
	if err != nil {
		return nil, err
	}
	c.alarms, err = alerting.Open(ctx, cfg.Alerting, alerting.Deps{
		DB: state, Places: c.stations, Contacts: c.contacts, Doubts: c.cases, Channels: channels, Clock: clock, Zone: zone, Log: log,
	})
	if err != nil {
		return nil, err
	}
	c.teller = newTeller(c.alarms.List, c.link.PublishAlarm, log)
	c.alarms.OnChange(c.teller.tell)
	if c.loading, err = loading.NewWriter(ctx, cfg.Loading, loading.Deps{
		Stations: c.stations, Air: air, Store: c.journal, Watcher: c.alarms, Clock: clock, Log: log,
	}); err != nil {
		return nil, err
	}

	c.days = store.NewDays(c.journal, zone, cfg.Store.Keep, clock)
	c.again = &corrections{
		register: c.register, stations: c.stations, journal: c.journal, loading: c.loading, days: c.days, keep: cfg.Store.Keep,
		every: cfg.Loading.Every, clock: clock, report: func(err error) { c.health.report("recompute", err) }, log: log,
	}
	c.link.OnReadings(func(ctx context.Context, from grid.CollectorID, payload []byte, ack func()) {
		// Only the end of the link or of the ingester keeps a message out; it then comes again.
		_ = c.ingester.Offer(ctx, store.Message{Collector: from, Payload: payload, Ack: ack})
	})
	c.link.OnConnect(c.onConnect)
	c.link.OnStatus(func(s mqtt.Status) {
		c.health.heard(s)
		handed.heard(s)
		if !s.Online {
			c.plans.left(s.Collector)
		} else {
			c.plans.heard(s.Collector, s.PlanVersion)
			c.ingester.Uses(store.Spool{Collector: s.Collector, Epoch: s.Epoch})
		}
	})

	c.web, err = web.New(cfg.Web, web.Deps{
		Fleet: c.stations, Loadings: c.journal, Contacts: c.contacts, Alarms: acknowledging{c.alarms, clock}, Days: c.days, Collected: c.audit, Units: sums, Made: c.journal,
		Health: c.health, Curves: &curves{c.journal, c.register.Known, c.journal, zone, clock}, Metrics: c.metrics(), Fold: fleet.Fold, Clock: clock,
		Cases: c.cases, CaseTable: caseTable{c.cases, c.stations, zone},
	}, log)
	return c, err
}

// Run takes in, derives, judges and shows until ctx ends.
func (c *center) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return c.web.Run(ctx) })
	g.Go(func() error { return c.takeIn(ctx) })
	g.Go(func() error { return c.journal.KeepTo(ctx, c.clock, c.keep) })
	g.Go(func() error { return c.plans.Run(ctx) })
	g.Go(func() error { return c.loading.Run(ctx) })
	g.Go(func() error { return c.alarms.Run(ctx) })
	g.Go(func() error {
		return c.journal.FollowMeasured(ctx, "loading", func(ctx context.Context, readings []grid.Reading) error {
			err := c.again.overtaken(ctx, readings)
			if err == nil {
				err = c.loading.Consume(ctx, readings)
			}
			c.health.report("loading", err)
			return err
		})
	})
	g.Go(func() error {
		return c.journal.Follow(ctx, "cases", func(ctx context.Context, readings []grid.Reading) error {
			err := c.cases.Consume(ctx, readings)
			c.health.report("cases", err)
			return err
		})
	})
	g.Go(func() error { return c.days.Run(ctx, func(err error) { c.health.report("days", err) }) })
	g.Go(func() error { return c.again.Run(ctx) })
	g.Go(func() error { return c.teller.Run(ctx) })
	g.Go(func() error { return c.audit.Run(ctx) })
	for _, w := range c.writers {
		g.Go(func() error { return w.Run(ctx) })
	}
	return g.Wait()
}

// takeIn takes readings in until ctx ends. The link outlives the ingester, which
// then acknowledges and announces its last commit.
func (c *center) takeIn(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	linked, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	g.Go(func() error { return c.link.Run(linked) })
	g.Go(func() error {
		defer hangUp()
		return c.ingester.Run(ctx)
	})
	return g.Wait()
}

// onConnect is called after each connect to the broker.
func (c *center) onConnect() {
	c.health.linked()
	c.ingester.Announce()
	c.teller.all()
}
