package lineproto_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/grid"
	"phutai/store/lineproto"
)

// ledger gives one unit's accounts of the last days; today's has one more each time.
type ledger struct{ asked []int }

func (l *ledger) Accounts(_ context.Context, days int) (out []lineproto.Account, err error) {
	l.asked = append(l.asked, days)
	if len(l.asked) == 2 {
		return nil, errors.New("the disk is busy")
	}
	for i := range days {
		a := lineproto.Account{Unit: "PD 06,00", Day: noon.AddDate(0, 0, i-days+1), Points: 40, Collection: grid.Collection{Due: 100, Received: 98, Explained: 1}}
		if i == days-1 {
			a.Due, a.Received = 10, len(l.asked)
		}
		out = append(out, a)
	}
	return append(out, lineproto.Account{Unit: "empty", Day: noon}), nil
}

func TestAccountsAreWrittenAsTheyChangeAndAllEachHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, l := &database{answer: func(int, []string) error { return nil }, since: time.Now()}, &ledger{}
		w := lineproto.New(lineproto.Name{Cursor: "test"}, lineproto.DefaultPace(), d,
			lineproto.Parts{Feed: &feed{}, Places: district{}, Accounts: l, Clock: grid.RealClock{}})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- w.Run(ctx) }()
		time.Sleep(61 * time.Minute)
		synctest.Wait()
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if want := append(slices.Concat([]int{31}, slices.Repeat([]int{3}, 11)), 31); cmp.Diff(want, l.asked) != "" {
			t.Errorf("asked for %v days", l.asked)
		}
		if got, want := len(d.lines), 31+10+31; got != want { // one round failed
			t.Errorf("%d lines, want %d", got, want)
		}
		if want := `collection,unit=PD\ 06\,00 due=10i,received=13i,points=40i `; !strings.HasPrefix(d.lines[len(d.lines)-1], want) {
			t.Errorf("last line %q", d.lines[len(d.lines)-1])
		}
	})
}
