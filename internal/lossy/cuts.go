package lossy

import (
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"
)

// Cuts is how many power cuts a test makes: few, or what PHUTAI_FAULT_CUTS says.
func Cuts(t testing.TB, few int) int {
	t.Helper()
	if n := asked(t); n > 0 {
		return n
	}
	return few / slowness
}

// Stride is how far apart the operations lie that a test lets fail one after the
// other, in runs of their own: each of them where PHUTAI_FAULT_CUTS is set.
func Stride(t testing.TB) int {
	t.Helper()
	if asked(t) > 0 {
		return 1
	}
	return 3 * slowness
}

// asked is what PHUTAI_FAULT_CUTS says, zero where it is not set.
func asked(t testing.TB) int {
	t.Helper()
	text := os.Getenv("PHUTAI_FAULT_CUTS")
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("PHUTAI_FAULT_CUTS=%s: give a number from 1 on", text)
	}
	return n
}

// Seed gives the seed of a test's luck: 1, or another one each time where
// PHUTAI_FAULT_CUTS asks for many cuts, or what PHUTAI_FAULT_SEED says. It is in
// the test's log.
func Seed(t testing.TB) uint64 {
	t.Helper()
	seed := uint64(1)
	if asked(t) > 0 {
		seed = uint64(time.Now().UnixNano())
	}
	if text := os.Getenv("PHUTAI_FAULT_SEED"); text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatalf("PHUTAI_FAULT_SEED=%s: %v", text, err)
		}
		seed = n
	}
	t.Logf("PHUTAI_FAULT_SEED=%d", seed)
	return seed
}

// Cut cuts the power so many times at random moments after from, and has check
// look at the image of each, in a folder of its own that goes afterwards. It
// ends with the first cut of which check gives an error, and returns that.
func (d *Disk) Cut(from, many int, seed uint64, check func(dir string, moment int) error) error {
	luck := rand.New(rand.NewPCG(seed, 0))
	moments := make([]int, many)
	for i := range moments {
		moments[i] = from + luck.IntN(d.Now()-from+1)
	}
	slices.Sort(moments)
	r := d.Replay()
	for _, moment := range moments {
		dir, err := os.MkdirTemp(d.t.TempDir(), "")
		if err != nil {
			return err
		}
		r.To(moment)
		if err = r.Image(dir, luck.Uint64()); err == nil {
			err = check(dir, moment)
		}
		if err != nil {
			return &CutError{moment, err}
		}
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	return nil
}

// CutError says at which moment a cut broke a promise.
type CutError struct {
	Moment int
	Err    error
}

// Error names the moment.
func (e *CutError) Error() string {
	return "power lost after operation " + strconv.Itoa(e.Moment) + ": " + e.Err.Error()
}

// Unwrap gives what was broken.
func (e *CutError) Unwrap() error { return e.Err }
