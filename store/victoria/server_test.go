package victoria_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/grid"
	"phutai/internal/servertest"
	"phutai/store"
	"phutai/store/lineproto"
	"phutai/store/storetest"
	"phutai/store/victoria"
)

// copied is a journal that is copied into a real VictoriaMetrics.
type copied struct {
	t       testing.TB
	server  *servertest.Victoria
	journal *store.Journal
	config  victoria.Config
	stop    func()
}

func newCopied(t testing.TB) *copied {
	t.Helper()
	c := &copied{t: t, server: servertest.NewVictoria(t), journal: storetest.NewJournal(t), config: victoria.DefaultConfig()}
	c.config.URL, c.config.Retry = c.server.URL, 10*time.Millisecond
	// What it flushes every second or so is on its disk by then.
	c.config.Settle = 5 * time.Second
	c.start()
	return c
}

func (c *copied) start() {
	w := victoria.New(c.config, c.journal, lineproto.Parts{Places: storetest.Nowhere{}, Clock: grid.RealClock{}})
	c.stop = storetest.Start(c.t, w.Run)
}

func (c *copied) readings(id grid.PointID, source grid.Source) ([]storetest.Sample, error) {
	return samples(c.server.Samples("reading", map[string]string{"point": lineproto.TagText(string(id)), "source": source.String()}))
}

func samples(found []servertest.Sample, err error) (out []storetest.Sample, _ error) {
	for _, s := range found {
		out = append(out, storetest.Sample(s))
	}
	return out, err
}

func (c *copied) put(rs ...grid.Reading) {
	c.t.Helper()
	if _, err := c.journal.Commit(c.t.Context(), store.Entry{Readings: rs}); err != nil {
		c.t.Fatal(err)
	}
}

// all waits until these readings of A are in the database, and no others.
func (c *copied) all(rs []grid.Reading) {
	c.t.Helper()
	var want []storetest.Sample
	for i := range rs {
		want = append(want, storetest.SamplesOf(&rs[i])...)
	}
	for end := time.Now().Add(90 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		have, err := c.readings("A", grid.Instant)
		diff := cmp.Diff(want, have)
		if diff == "" && err == nil {
			return
		}
		if time.Now().After(end) {
			c.t.Fatalf("in the database (%v; -want +got):\n%s", err, diff)
		}
	}
}

func TestVictoriaMetricsIsAStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Subject {
		c := newCopied(t)
		long := make([]byte, 1100)
		for i := range long {
			long[i] = 'x'
		}
		refused := storetest.Reading(grid.PointID(long), 2000, 7)
		return storetest.Subject{
			Journal:  func() storetest.Journal { return c.journal },
			Readings: c.readings,
			Loadings: func(id grid.TransformerID) ([]storetest.Sample, error) {
				return samples(c.server.Samples("loading", map[string]string{"transformer": lineproto.TagText(string(id))}))
			},
			Kill:    func() { c.server.Kill(); c.server.Start() },
			Refused: &refused,
			Appends: true,
		}
	})
}

// A kill right after each portion was taken is what loses data of this server.
func TestNothingIsLostWhenVictoriaMetricsIsKilledRightAfterItTookLines(t *testing.T) {
	c := newCopied(t)
	var rs []grid.Reading
	for round := range 3 {
		for range 50 {
			r := storetest.Reading("A", len(rs), float64(len(rs)))
			rs = append(rs, r)
			c.put(r)
		}
		storetest.AwaitCopied(t, c.journal, "victoria")
		c.server.Kill()
		if round == 1 { // and we are started again while it is away
			c.stop()
			c.start()
		}
		c.server.Start()
	}
	c.all(rs)
}
