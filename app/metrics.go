package app

import (
	"context"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"phutai/alerting"
	"phutai/grid"
	"phutai/store/lineproto"
)

// metrics is the handler of /metrics. Figures are read when asked for, from the
// same counts that the pages show.
func (c *center) metrics() http.Handler {
	reg := prometheus.NewRegistry()
	counter := func(name, help string, f func() float64) {
		reg.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "phutai_" + name, Help: help}, f))
	}
	gauge := func(name, help string, f func() float64) {
		reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "phutai_" + name, Help: help}, f))
	}
	counter("ingested_readings_total", "Readings received, repeated ones included.", func() float64 { return float64(c.ingester.Stats().Readings) })
	counter("ingested_dead_letters_total", "Messages and readings that could not be stored.", func() float64 { return float64(c.ingester.Stats().Dead) })
	counter("ingester_commits_total", "Commits to the journal.", func() float64 { return float64(c.ingester.Stats().Commits) })
	counter("alarms_raised_total", "Alarm episodes raised.", func() float64 { return float64(c.alarmStats().Raised) })
	counter("pages_sent_total", "Pages that a channel has taken.", func() float64 { return float64(c.alarmStats().Sent) })
	gauge("journal_readings", "Readings in the journal.", func() float64 { return float64(c.journal.Count().Readings) })
	gauge("journal_absences", "Stated absences in the journal.", func() float64 { return float64(c.journal.Count().Absences) })
	gauge("journal_dead_letters", "Dead letters that wait for a person.", func() float64 { return float64(c.journal.Count().DeadLetters) })
	counter("journal_dead_letters_shed_total", "Dead letters that there was no room for.", func() float64 { return float64(c.journal.Count().Shed) })
	for _, w := range c.writers {
		counter(w.Name().Cursor+"_lines_total", "Lines that "+w.Name().Title+" has taken, repeated ones included.", func() float64 { return float64(w.Stats().Written) })
		counter(w.Name().Cursor+"_refused_total", "Lines put with the dead letters instead.", func() float64 { return float64(w.Stats().Refused) })
		gauge(w.Name().Cursor+"_behind", "Commits of the journal that "+w.Name().Title+" has still to get.", func() float64 { return c.behind(w.Name()) })
	}
	gauge("broker_connected", "1 while the center is connected to the broker.", func() float64 { return oneIf(c.link.Connected()) })
	gauge("alarms_standing", "Alarms that stand or wait for an acknowledgement.", func() float64 {
		standing, _ := c.alarms.List(context.Background())
		return float64(len(standing))
	})
	counter("backfill_commands_total", "Commands to read a load profile once more.", func() float64 { return float64(c.audit.Stats().Commands) })
	counter("gaps_explained_total", "Absences that the gap audit has stated.", func() float64 { return float64(c.audit.Stats().Explained) })
	gauge("recompute_left", "Stretches of points of which figures are still to be worked out again.", func() float64 { return float64(c.again.left.Load()) })
	gauge("journal_substitutes", "Readings that rules have made for rows that stay missing; journal_readings has them too.", func() float64 { return float64(c.journal.Count().Substitutes) })
	for name, f := range map[string]func(grid.Collection) int{
		"due": func(x grid.Collection) int { return x.Due }, "received": func(x grid.Collection) int { return x.Received },
		"explained": func(x grid.Collection) int { return x.Explained },
	} {
		gauge("collection_"+name, "Polls and load profile rows "+name+" over store.audit.depth, as far as it has been looked at.",
			func() float64 { return float64(f(c.audit.Total(c.clock.Now().Add(-c.auditing.Depth)))) })
	}
	gauge("meters_clock_off", "Meters whose clock was off by more than store.audit.clock_off when last compared.", func() float64 {
		n := 0
		known, _ := c.contacts.Contacts(context.Background())
		for _, k := range known {
			if k.ClockKnown && k.ClockOffset.Abs() > c.auditing.ClockOff {
				n++
			}
		}
		return float64(n)
	})
	gauge("clock_seconds", "What the program's clock shows, in Unix seconds; scaled in a demo.", func() float64 { return float64(c.clock.Now().Unix()) })
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return promhttp.HandlerFor(reg, promhttp.HandlerOpts{})
}

// alarmStats gives the counts, zero where state.db cannot be read: /readyz says
// so then.
func (c *center) alarmStats() alerting.Stats {
	stats, err := c.alarms.Stats(context.Background())
	c.health.report("state", err)
	return stats
}

// behind gives how many commits the slower of a writer's places has still to read.
func (c *center) behind(name lineproto.Name) float64 {
	behind, err := c.journal.Behind(context.Background())
	c.health.report("journal", err)
	most := int64(0)
	for _, cursor := range name.Cursors() {
		most = max(most, behind[cursor])
	}
	return float64(most)
}

func oneIf(ok bool) float64 {
	if ok {
		return 1
	}
	return 0
}
