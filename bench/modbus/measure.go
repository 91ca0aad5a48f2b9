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
	late      int    // reads that ended after the next one was due
	heap      uint64 // bytes of heap and stacks that the open readers hold
}

// run lets one goroutine for each meter read, in a closed loop or, with every,
// on a staggered schedule. Dialling is not counted.
func run(ctx context.Context, c contestant, addresses []string, reads int, every time.Duration) (result, error) {
	empty := held()
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
	late := make([]int, len(readers))
	heap := held() - min(held(), empty)
	before, beforeAllocs := cpuTime(), mallocs()
	start := time.Now()
	var wg sync.WaitGroup
	for i, r := range readers {
		n := reads / len(readers)
		if i < reads%len(readers) {
			n++
		}
		due := start.Add(every * time.Duration(i) / time.Duration(len(readers)))
		wg.Go(func() {
			for range n {
				if every > 0 {
					time.Sleep(time.Until(due))
					due = due.Add(every)
				}
				if errs[i] = r.read(); errs[i] != nil {
					return
				}
				if every > 0 && time.Now().After(due) {
					late[i]++
				}
			}
		})
	}
	wg.Wait()
	res := result{cpu: cpuTime() - before, wall: time.Since(start), allocs: mallocs() - beforeAllocs, heap: heap}
	for _, n := range late {
		res.late += n
	}
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

// held is the memory in use after a collection.
func held() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}
