package line

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestLimiterSpacesDialsAndBoundsThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter(3, 10)
		start := time.Now()
		var mu sync.Mutex
		var begun []time.Duration
		inside, most := 0, 0
		var wg sync.WaitGroup
		for range 12 {
			wg.Go(func() {
				release, err := l.acquire(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				defer release()
				mu.Lock()
				begun = append(begun, time.Since(start))
				inside++
				most = max(most, inside)
				mu.Unlock()
				time.Sleep(time.Second) // a slow dial, on the bubble's clock
				mu.Lock()
				inside--
				mu.Unlock()
			})
		}
		wg.Wait()
		if most != 3 {
			t.Errorf("at most %d at once, want 3", most)
		}
		for i := 1; i < len(begun); i++ {
			if gap := begun[i] - begun[i-1]; gap < 100*time.Millisecond {
				t.Errorf("dial %d began %v after the one before, want at least 100ms", i, gap)
			}
		}
		if took := time.Since(start); took < 4*time.Second || took > 5*time.Second {
			t.Errorf("12 dials of 1 s, three at once, took %v", took)
		}
	})
}
