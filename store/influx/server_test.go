package influx_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/grid"
	"phutai/internal/servertest"
	"phutai/store"
	"phutai/store/influx"
	"phutai/store/lineproto"
	"phutai/store/storetest"
)

// copied is a journal that is copied into a real InfluxDB.
type copied struct {
	t       testing.TB
	server  *servertest.Influx
	journal *store.Journal
	config  influx.Config
	writer  *lineproto.Writer
	stop    func()
}

func newCopied(t testing.TB) *copied {
	t.Helper()
	c := &copied{t: t, server: servertest.NewInflux(t), journal: storetest.NewJournal(t), config: influx.DefaultConfig()}
	c.config.URL, c.config.Org, c.config.Bucket, c.config.Retry = c.server.URL, c.server.Org, c.server.Bucket, 10*time.Millisecond
	c.config.TokenFile = filepath.Join(t.TempDir(), "token")
	c.token(c.server.Token)
	c.writer = influx.New(c.config, lineproto.Parts{Feed: c.journal, Places: storetest.Nowhere{}, Clock: grid.RealClock{}})
	c.stop = storetest.Start(t, c.writer.Run)
	return c
}

// token gives the writer another token, as an administrator does.
func (c *copied) token(token string) {
	c.t.Helper()
	next := c.config.TokenFile + ".next"
	if err := os.WriteFile(next, []byte(token+"\n"), 0o600); err != nil {
		c.t.Fatal(err)
	}
	if err := os.Rename(next, c.config.TokenFile); err != nil {
		c.t.Fatal(err)
	}
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

// eventually waits until fine says yes.
func (c *copied) eventually(what string, fine func() bool) {
	c.t.Helper()
	for end := time.Now().Add(90 * time.Second); !fine(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			c.t.Fatalf("%s does not come to be; health says %+v", what, c.writer.Health())
		}
	}
}

// all waits until these readings of A are in the database, and no others.
func (c *copied) all(rs []grid.Reading) {
	c.t.Helper()
	var want, have []storetest.Sample
	for i := range rs {
		want = append(want, storetest.SamplesOf(&rs[i])...)
	}
	for end := time.Now().Add(90 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		var err error
		have, err = c.readings("A", grid.Instant)
		diff := cmp.Diff(want, have)
		if diff == "" && err == nil {
			return
		}
		if time.Now().After(end) {
			c.t.Fatalf("in the database (%v; -want +got):\n%s", err, diff)
		}
	}
}

func TestInfluxDBIsAStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Subject {
		c := newCopied(t)
		// A text in a field makes numbers in it a conflict, within its shard.
		refused := storetest.Reading("spoilt", -60*24*60, 7)
		c.server.Put(fmt.Sprintf("reading,point=other p=\"text\" %d\n", refused.At.UnixMilli()))
		return storetest.Subject{
			Journal:  func() storetest.Journal { return c.journal },
			Readings: c.readings,
			Loadings: func(id grid.TransformerID) ([]storetest.Sample, error) {
				return samples(c.server.Samples("loading", map[string]string{"transformer": lineproto.TagText(string(id))}))
			},
			Kill:    func() { c.server.Kill(); c.server.Start() },
			Refused: &refused,
		}
	})
}

func TestNothingIsLostWhileInfluxDBIsStopped(t *testing.T) {
	c := newCopied(t)
	var rs []grid.Reading
	more := func(n int) {
		for range n {
			r := storetest.Reading("A", len(rs), float64(len(rs)))
			rs = append(rs, r)
			c.put(r)
		}
	}
	more(10)
	c.all(rs)
	c.server.Kill()
	more(500)
	c.eventually("trouble", func() bool { return len(c.writer.Health()) > 0 })
	if h := c.writer.Health()[0]; h.Stopped || !strings.Contains(h.En, "by itself") {
		t.Errorf("health says %+v", h)
	}
	c.server.Start()
	more(10)
	c.all(rs)
	c.eventually("health", func() bool { return len(c.writer.Health()) == 0 })
}

func TestWriterGoesOnAfterItsTokenWasRevokedAndReplaced(t *testing.T) {
	c := newCopied(t)
	before, meanwhile := storetest.Reading("A", 0, 1), storetest.Reading("A", 5, 2)
	c.put(before)
	c.all([]grid.Reading{before})
	c.server.Revoke()
	c.put(meanwhile)
	c.eventually("stop", func() bool { return len(c.writer.Health()) > 0 })
	if h := c.writer.Health()[0]; !h.Stopped || !strings.Contains(h.Vi, "401") || !strings.Contains(h.En, "token_file") {
		t.Errorf("health says %+v", h)
	}
	c.all([]grid.Reading{before})
	if n := c.journal.Count().DeadLetters; n != 0 {
		t.Errorf("%d dead letters", n)
	}
	c.token(c.server.NewToken())
	c.all([]grid.Reading{before, meanwhile})
	c.eventually("health", func() bool { return len(c.writer.Health()) == 0 })
}
