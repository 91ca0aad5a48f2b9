package main

import (
	"context"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// result is what one client used in one round.
type result struct {
	cpu, wall time.Duration
	allocs    uint64
}

// run lets one goroutine for each meter read in a closed loop. Dialling is not
// counted.
func run(ctx context.Context, c contestant, addresses []string, reads int) (result, error) {
	readers := make([]reader, 0, len(addresses))
	defer func() {
		for _, r := range readers {
			r.close()
		}
	}()
	for _, a := range addresses {
		r, err := c.open(ctx, a)
		if err != nil {
			return result{}, err
		}
		readers = append(readers, r)
		if err := r.read(); err != nil {
			return result{}, err
		}
	}
	errs := make([]error, len(readers))
	before, beforeAllocs := cpuTime(), mallocs()
	start := time.Now()
	var wg sync.WaitGroup
	for i, r := range readers {
		n := reads / len(readers)
		if i < reads%len(readers) {
			n++
		}
		wg.Go(func() {
			for range n {
				if errs[i] = r.read(); errs[i] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	res := result{cpu: cpuTime() - before, wall: time.Since(start), allocs: mallocs() - beforeAllocs}
	for _, err := range errs {
		if err != nil {
			return result{}, err
		}
	}
	return res, nil
}

// cpuTime is what this process has used, in user and system mode.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // the call is given nothing that can be wrong
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func mallocs() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Mallocs
}
