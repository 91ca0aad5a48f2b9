package fault

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"phutai/db"
	"phutai/internal/lossless"
)

// How long after its time the gap audit says why a reading is missing, by the
// installation's clock: its grace, and a few rounds.
const explained = 6*time.Minute + 3*time.Minute

// Rest lets the installation come to rest once all harm is over: what was polled
// until now arrives, and what was not is explained. Then it stops all of it, in
// the order in which data flows.
func (in *Installation) Rest() (settled time.Time, err error) {
	settled = in.Clock.Now()
	if err := in.Start(); err != nil {
		return settled, err
	}
	wait := time.Duration(float64(explained+2*in.Setting.Every) / in.Clock.Speed)
	time.Sleep(wait) // the one thing to wait for is time itself
	if err := in.profilesRead(settled, 3*time.Minute); err != nil {
		return settled, err
	}
	return settled, in.StopEmpty()
}

// profilesRead waits until the load profiles are read: a meter that has long not
// answered is asked less often.
func (in *Installation) profilesRead(settled time.Time, within time.Duration) error {
	if in.Setting.Depth == 0 {
		return nil
	}
	spool, err := db.OpenToRead(in.spoolFile())
	if err != nil {
		return err
	}
	defer spool.Close()
	for end := time.Now().Add(within); ; time.Sleep(200 * time.Millisecond) {
		left, err := lossless.Behind(in.t.Context(), spool, in.Province, settled)
		if err != nil || len(left) == 0 {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("the load profiles of %v are not read %s after all harm was over\n%s", left, within, in.Collector.tail(8))
		}
	}
}

// StopEmpty stops the collector once its spool is empty, and then the others. For
// that it takes the collector's place with one that hardly polls.
func (in *Installation) StopEmpty() error {
	if err := in.Collector.Stop(); err != nil {
		return err
	}
	in.Collector.orders = in.emptying
	for {
		left, err := in.Spooled()
		if err != nil {
			return err
		}
		if left == 0 {
			break
		}
		if err := in.Collector.Start(); err != nil {
			return err
		}
		if err := errors.Join(in.Arrived(2*time.Minute), in.Collector.Stop()); err != nil {
			return err
		}
	}
	if in.Copied != nil {
		if err := in.Copied(); err != nil {
			return err
		}
	}
	return errors.Join(in.Center.Stop(), in.Broker.process().Stop())
}

// Arrived waits until the spool is empty.
func (in *Installation) Arrived(within time.Duration) error {
	spool, err := db.OpenToRead(in.spoolFile())
	if err != nil {
		return err
	}
	defer spool.Close()
	for end := time.Now().Add(within); ; time.Sleep(10 * time.Millisecond) {
		n, err := spooled(spool)
		if err != nil || n == 0 {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("%d readings still lie in the spool after %s\n%s\n%s", n, within, in.Collector.tail(8), in.Center.tail(8))
		}
		if !in.Collector.Running() || !in.Center.Running() {
			return fmt.Errorf("a process has ended by itself\n%s\n%s", in.Collector.tail(8), in.Center.tail(8))
		}
	}
}

// Spooled counts the readings in the spool.
func (in *Installation) Spooled() (int, error) {
	spool, err := db.OpenToRead(in.spoolFile())
	if err != nil {
		return 0, err
	}
	n, err := spooled(spool)
	return n, errors.Join(err, spool.Close())
}

func spooled(spool *db.DB) (n int, err error) {
	err = spool.Read.QueryRowContext(context.Background(), `SELECT count(*) FROM spool`).Scan(&n)
	return n, err
}

// Begun waits until the first readings have gone the whole way.
func (in *Installation) Begun() {
	in.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		n, err := in.Stored()
		if err != nil {
			in.t.Fatal(err)
		}
		if n > 0 {
			return
		}
		if time.Now().After(end) {
			in.t.Fatal("nothing has arrived within a minute")
		}
	}
}

// Stored counts what the journal holds.
func (in *Installation) Stored() (n int, err error) {
	if _, err := os.Stat(in.journalFile()); err != nil {
		return 0, nil // the center is still to make it
	}
	journal, err := db.OpenToRead(in.journalFile())
	if err != nil {
		return 0, err
	}
	err = journal.Read.QueryRowContext(context.Background(), `SELECT (SELECT count(*) FROM reading) + (SELECT count(*) FROM absence)`).Scan(&n)
	if err != nil && strings.Contains(err.Error(), "no such table") {
		err = nil
	}
	return n, errors.Join(err, journal.Close())
}

// caughtUp waits until as few readings wait as do with nothing in the way: those
// of the last few seconds. It gives the time from begun to the first that arrived,
// which is that of the next try to connect, and to this.
func (in *Installation) caughtUp(begun time.Time, waited int) (first, all time.Duration, err error) {
	spool, err := db.OpenToRead(in.spoolFile())
	if err != nil {
		return 0, 0, err
	}
	defer spool.Close()
	for end := begun.Add(5 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		n, err := spooled(spool)
		if err != nil {
			return 0, 0, err
		}
		if n < waited && first == 0 {
			first = time.Since(begun)
		}
		if n <= waited/100 {
			return first, time.Since(begun), nil
		}
		waited = max(waited, n)
		if time.Now().After(end) {
			return 0, 0, fmt.Errorf("%d of %d readings still wait", n, waited)
		}
	}
}

func (in *Installation) spoolFile() string   { return filepath.Join(in.Setting.Data, "spool.db") }
func (in *Installation) journalFile() string { return filepath.Join(in.Setting.Center, "journal.db") }

// Judge lets the installation come to rest, and holds what it has left against
// the truth. It prints the row: what was done, and what was found.
func (in *Installation) Judge(did string, args ...any) lossless.Verdict {
	in.t.Helper()
	did = fmt.Sprintf(did, args...)
	settled, err := in.Rest()
	if err != nil {
		in.t.Fatalf("%s: %v", did, err)
	}
	return in.judge(did, settled)
}

func (in *Installation) judge(did string, settled time.Time) lossless.Verdict {
	in.t.Helper()
	found, err := in.found(settled)
	if err = errors.Join(err, found.Err(), in.grown()); err != nil {
		in.t.Errorf("%s: %v", did, err)
	}
	in.print(did, found)
	return found
}

// found holds the files against the truth.
func (in *Installation) found(settled time.Time) (found lossless.Verdict, err error) {
	c, err := lossless.Open(in.t.Context(), lossless.Evidence{
		Province: in.Province, Spool: in.spoolFile(), Journal: in.journalFile(), Start: in.Clock.Origin, End: in.Clock.Now(),
		Settled: settled, Every: in.Setting.Every, Depth: in.Setting.Depth, Slowest: time.Duration(15*in.Clock.Speed) * time.Second,
	})
	if err != nil {
		return found, err
	}
	defer c.Close()
	return c.Judge(in.t.Context())
}

// mostMemory bounds what collector and center may ever have had, in bytes: well above
// what the province of a row needs, and below what a queue without an end takes.
const mostMemory = 256 << 20

// grown tells which of them had more.
func (in *Installation) grown() error {
	var all []error
	for _, p := range []*process{in.Collector, in.Center} {
		if p.Peak > mostMemory {
			all = append(all, fmt.Errorf("%s had %d MB, more than %d", p.name, p.Peak>>20, mostMemory>>20))
		}
	}
	return errors.Join(all...)
}

// print shows a row of the suite, and adds it to the file that
// PHUTAI_FAULT_REPORT names.
func (in *Installation) print(did string, found lossless.Verdict) {
	in.t.Helper()
	memory := fmt.Sprintf("collector %d MB, center %d MB", in.Collector.Peak>>20, in.Center.Peak>>20)
	in.t.Logf("\n  did    %s\n  found  %s\n  memory %s", did, found, memory)
	path := os.Getenv("PHUTAI_FAULT_REPORT")
	if path == "" {
		return
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		in.t.Error(err)
		return
	}
	defer f.Close()
	fmt.Fprintf(f, "| %s | %s | %s | %s |\n", strings.TrimPrefix(in.t.Name(), "Test"), did, found, memory)
}
