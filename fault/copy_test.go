package fault

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"phutai/internal/servertest"
)

// InfluxDB is away for ten minutes of the clock and more, in which an alarm is
// raised all the same; then it is back, and its token is revoked: the writer
// stops and says so, and goes on when it has another. Nothing is missing there.
func TestInfluxAwayAndTokenRevoked(t *testing.T) {
	t.Parallel()
	server := servertest.NewInflux(t)
	in := Install(t, Setting{More: func(in *Installation) string {
		return fmt.Sprintf("  influx: {url: %q, org: %s, bucket: %s, token_file: %s}\n", server.URL, server.Org, server.Bucket, in.token(server.Token))
	}})
	down := in.Clock.Now()
	server.Kill() // before any alarm can be raised
	in.Begun()
	var raised alarm
	in.until("an alarm that is raised meanwhile", 2*time.Minute, func() (bool, error) {
		all, err := in.alarms()
		i := slices.IndexFunc(all, func(a alarm) bool { return a.RaisedAt.After(down) })
		if i >= 0 {
			raised = all[i]
		}
		return i >= 0, err
	})
	in.until("ten minutes", time.Minute, func() (bool, error) { return in.Clock.Now().Sub(down) >= 10*time.Minute, nil })
	said := in.awaitTrouble("influx", true)
	away := in.Clock.Now().Sub(down).Round(time.Minute)
	server.Start()
	in.awaitTrouble("influx", false)

	server.Revoke()
	refused := in.awaitTrouble("influx", true)
	time.Sleep(2 * time.Second)
	in.token(server.NewToken())
	in.awaitTrouble("influx", false)
	copied := 0
	in.Copied = func() (err error) {
		copied, err = in.awaitCopy(server, 2*time.Minute)
		return err
	}
	in.Judge("InfluxDB killed for %s of the clock (/readyz: %s); the %s of %s was raised %s after that; back, then its token revoked (/readyz: %s), then another given",
		away, said, raised.Kind, raised.Transformer, raised.RaisedAt.Sub(down).Round(time.Second), refused)
	t.Logf("all %d readings of the journal are in InfluxDB", copied)
}

// awaitTrouble waits until /readyz names a part, or no more, and gives its words.
func (in *Installation) awaitTrouble(part string, wanted bool) (words string) {
	in.t.Helper()
	in.until(fmt.Sprintf("trouble of %s: %v", part, wanted), 90*time.Second, func() (bool, error) {
		all, err := in.trouble()
		i := slices.IndexFunc(all, func(p string) bool { return strings.Contains(strings.ToLower(p), part) })
		if i >= 0 {
			words = all[i]
		}
		return (i >= 0) == wanted, err
	})
	return words
}

// VictoriaMetrics says yes to lines that it loses when it is killed. They are
// written again.
func TestVictoriaKilled(t *testing.T) {
	t.Parallel()
	server := servertest.NewVictoria(t)
	in := Install(t, Setting{More: func(*Installation) string {
		return fmt.Sprintf("  victoria: {url: %q, settle: 15s}\n", server.URL)
	}})
	in.Begun()
	const times = 3
	for range times {
		time.Sleep(4 * time.Second)
		server.Kill()
		time.Sleep(time.Second)
		server.Start()
	}
	copied := 0
	in.Copied = func() (err error) {
		copied, err = in.awaitCopy(server, 3*time.Minute)
		return err
	}
	in.Judge("VictoriaMetrics killed by SIGKILL %d times while it was written to", times)
	t.Logf("all %d readings of the journal are in VictoriaMetrics", copied)
}
