package fault

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"
)

var (
	kills = flag.Int("kills", 30, "how many processes TestKills kills")
	seed  = flag.Uint64("seed", 20260625, "of all chance in the suite")
	long  = flag.Bool("long", false, "each row in its long form")
)

func TestMain(m *testing.M) {
	RunRole()
	os.Exit(m.Run())
}

// chance gives the random numbers of one row.
func chance(row uint64) *rand.Rand { return rand.New(rand.NewPCG(*seed, row)) }

// between gives a random span.
func between(r *rand.Rand, least, most time.Duration) time.Duration {
	return least + time.Duration(r.Int64N(int64(most-least)))
}

// Collector, broker and center are killed by SIGKILL at random moments, also
// while they start, also two at a time.
func TestKills(t *testing.T) {
	in := Install(t, Setting{})
	r := chance(1)
	victims := []*process{in.Collector, in.Broker.process(), in.Center}
	count := map[string]int{}
	begun := time.Now()
	for i := range *kills {
		if i%50 == 49 {
			t.Logf("%d kills after %s", i+1, time.Since(begun).Round(time.Second))
		}
		time.Sleep(moment(r, i))
		v := living(r, victims)
		if err := v.Kill(); err != nil {
			t.Fatalf("kill %d of seed %d: %v\n%s", i+1, *seed, err, v.tail(20))
		}
		count[v.name]++
		second := i+1 < *kills && !slices.ContainsFunc(victims, func(p *process) bool { return p != v && !p.Running() })
		if second && r.IntN(4) == 0 {
			continue // it stays dead until after the next kill
		}
		time.Sleep(between(r, 0, 300*time.Millisecond))
		if err := in.restart(victims); err != nil {
			t.Fatal(err)
		}
	}
	in.Judge("%d SIGKILLs in %s, seed %d: collector %d, broker %d, center %d", *kills, time.Since(begun).Round(time.Second), *seed,
		count["collect"], count["broker"], count["center"])
}

// living chooses one of those that run, of which there is one at least.
func living(r *rand.Rand, all []*process) *process {
	for {
		if p := all[r.IntN(len(all))]; p.Running() {
			return p
		}
	}
}

// moment is how long to wait for kill i: each third one comes while a process
// starts.
func moment(r *rand.Rand, i int) time.Duration {
	if i%3 == 0 {
		return between(r, 20*time.Millisecond, 500*time.Millisecond)
	}
	return between(r, 300*time.Millisecond, 2500*time.Millisecond)
}

// restart starts all that does not run, without waiting for it.
func (in *Installation) restart(all []*process) error {
	for _, p := range all {
		if err := p.Start(); err != nil {
			return fmt.Errorf("start again: %w", err)
		}
	}
	return nil
}
