package collector_test

import (
	"fmt"
	"testing"

	"phutai/internal/lossy"
)

// errand is some work of a spool, the same each time but for its errors, which
// it counts.
func (l *life) errand() (errs int) {
	for _, f := range []func() error{
		func() error { return l.add(5) }, l.publish, func() error { return l.add(200) }, l.checkpoint, l.forget,
		func() error { return l.add(1) }, l.publish, l.renew, func() error { return l.add(30) }, l.checkpoint, func() error { return l.add(3) },
	} {
		if f() != nil {
			errs++
		}
	}
	return errs
}

// Each write and sync of a spool's work fails once, alone and with those after
// it: what was taken is there, and the spool goes on when the disk does. Without
// PHUTAI_FAULT_CUTS a third of the cases is tried.
func TestSpoolGoesOnAfterEachErrorOfItsDisk(t *testing.T) {
	calm := born(t, 1)
	before := calm.disk.Done()
	if errs := calm.errand(); errs > 0 {
		t.Fatalf("%d errors of a sound disk", errs)
	}
	steps := calm.disk.Done() - before
	refused, tried, stride := 0, 0, lossy.Stride(t)
	for _, how := range []lossy.Failure{lossy.NoSpace, lossy.Broken} {
		for _, many := range []int{1, 6} {
			for n := 1 + (many+int(how))%stride; n <= steps; n += stride {
				tried++
				t.Run(fmt.Sprintf("failure %d, %d from %d on", how, many, n), func(t *testing.T) {
					l := born(t, 1)
					begun := l.disk.Now()
					l.disk.Fail(n, many, how)
					errs := l.errand()
					if l.disk.Heal() == 0 {
						t.Fatal("nothing has failed")
					}
					refused += errs
					if err := l.add(7); err != nil {
						t.Errorf("when the disk is sound again: %v", err)
					}
					for from, many := range map[int]int{begun: 1 + lossy.Cuts(t, 0)/100, l.disk.Now(): 1} {
						if err := l.disk.Cut(from, many, uint64(n), l.judge); err != nil {
							t.Error(err)
						}
					}
				})
			}
		}
	}
	t.Logf("a failure at one of %d writes and syncs, %d times: %d calls gave an error", steps, tried, refused)
	if refused < tried {
		t.Error("a failure was passed over in silence")
	}
}
