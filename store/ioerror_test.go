package store_test

import (
	"fmt"
	"testing"

	"phutai/internal/lossy"
)

// again commits what the last group held until it succeeds, as the ingester does.
func (d *diary) again(before int) error {
	var err error
	for range 10 {
		group := d.parcels[before:]
		for i := range group {
			group[i].begun = d.disk.Now()
		}
		if err = d.commit(group); err == nil {
			return nil
		}
	}
	return err
}

// Each write and sync of a journal's work fails, alone and with those after it:
// the commit gives an error, the same group goes in when the disk is sound again,
// and nothing is lost or there twice. Without PHUTAI_FAULT_CUTS a third of the
// cases is tried.
func TestJournalGoesOnAfterEachErrorOfItsDisk(t *testing.T) {
	const groups = 6
	calm := begin(t, 1)
	before := calm.disk.Done()
	for range groups {
		if err := calm.group(); err != nil {
			t.Fatal(err)
		}
	}
	steps := calm.disk.Done() - before
	refused, tried, stride := 0, 0, lossy.Stride(t)
	for _, how := range []lossy.Failure{lossy.NoSpace, lossy.Broken} {
		for _, many := range []int{1, 6} {
			for n := 1 + (many+int(how))%stride; n <= steps; n += stride {
				tried++
				t.Run(fmt.Sprintf("failure %d, %d from %d on", how, many, n), func(t *testing.T) {
					d := begin(t, 1)
					begun := d.disk.Now()
					d.disk.Fail(n, many, how)
					for range groups {
						before := len(d.parcels)
						if err := d.group(); err != nil {
							refused++
							if err := d.again(before); err != nil {
								t.Fatalf("the disk is sound again, and still: %v", err)
							}
						}
					}
					if d.disk.Heal() == 0 {
						t.Fatal("nothing has failed")
					}
					for from, many := range map[int]int{begun: 1 + lossy.Cuts(t, 0)/100, d.disk.Now(): 1} {
						if err := d.disk.Cut(from, many, uint64(n), d.judge); err != nil {
							t.Error(err)
						}
					}
				})
			}
		}
	}
	t.Logf("a failure at one of %d writes and syncs, %d times: %d commits gave an error", steps, tried, refused)
	if refused < tried {
		t.Error("a failure was passed over in silence")
	}
}
