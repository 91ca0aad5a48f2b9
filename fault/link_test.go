package fault

import (
	"testing"
	"time"
)

// suffer harms both links for a while.
func suffer(t *testing.T, in *Installation, d time.Duration, harm ...Harm) {
	t.Helper()
	for _, l := range []*Link{in.South, in.North} {
		heal, err := l.Suffer(harm...)
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := heal(); err != nil {
				t.Error(err)
			}
		}()
	}
	time.Sleep(d)
}

// Each connection is ended by RST, with what is in flight, again and again. The
// first resets hit a spool that has waited for its center, so that as much is in
// flight as may be.
func TestResets(t *testing.T) {
	t.Parallel()
	in := Install(t, Setting{})
	in.Begun()
	if err := in.Center.Kill(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(6 * time.Second)
	waiting, err := in.Spooled()
	if err != nil {
		t.Fatal(err)
	}
	if waiting < 200 {
		t.Fatalf("only %d readings wait: nothing would be in flight", waiting)
	}
	heal, err := in.South.Suffer(Reset(60)...)
	if err != nil {
		t.Fatal(err)
	}
	if err := in.Center.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(6 * time.Second)
	if err := heal(); err != nil {
		t.Fatal(err)
	}
	suffer(t, in, 6*time.Second, Reset(700)...)
	in.Judge("both links reset by RST again and again for 12 s, at first with %d readings waiting behind them", waiting)
}

// All that is sent disappears, and no connection ends: half-open TCP. What comes
// after the hole begins in the middle of a packet.
func TestBlackholes(t *testing.T) {
	t.Parallel()
	in := Install(t, Setting{})
	in.Begun()
	for range 3 {
		suffer(t, in, 3*time.Second, Blackhole()...)
		time.Sleep(2 * time.Second)
	}
	in.Judge("three times 3 s in which both links swallowed all that was sent, connections left open")
}

// The other side of a connection is gone, and nobody was told: the link never
// carries anything again, until its user gives it up.
func TestHalfOpen(t *testing.T) {
	t.Parallel()
	in := Install(t, Setting{})
	in.Begun()
	if _, err := in.Broker.process().Pause(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(4 * time.Second)
	// Its sockets stay, as those of a machine that lost its power do to others.
	if err := in.Broker.process().Kill(); err != nil {
		t.Fatal(err)
	}
	suffer(t, in, 2*time.Second, Blackhole()...)
	in.Judge("the broker stood still for 4 s with its connections open, then was gone, with the links swallowing its farewell")
}

// A line of four kilobytes a second with a second of delay each way.
func TestSlowLinks(t *testing.T) {
	t.Parallel()
	in := Install(t, Setting{})
	in.Begun()
	suffer(t, in, 12*time.Second, Slow(4, 1000)...)
	in.Judge("both links at 4 kB/s and 1 s of delay for 12 s")
}

// The link is away altogether, twice.
func TestOutages(t *testing.T) {
	t.Parallel()
	in := Install(t, Setting{})
	in.Begun()
	for range 2 {
		in.South.Cut()
		time.Sleep(3 * time.Second)
		in.North.Cut()
		time.Sleep(time.Second)
		if err := in.South.Mend(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		if err := in.North.Mend(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
	}
	in.Judge("twice: the collector's link away for 4 s, the center's for 3 s, one of them together")
}

// Processes stand still and go on, as they do on a machine without memory.
func TestStandstills(t *testing.T) {
	t.Parallel()
	in := Install(t, Setting{})
	in.Begun()
	for _, p := range []*process{in.Center, in.Broker.process(), in.Collector} {
		time.Sleep(time.Second)
		goOn, err := p.Pause()
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(4 * time.Second)
		if err := goOn(); err != nil {
			t.Fatal(err)
		}
	}
	in.Judge("center, broker and collector each stopped for 4 s by SIGSTOP")
}
