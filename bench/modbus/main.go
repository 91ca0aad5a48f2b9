// Command modbus compares what a read of 40 registers costs our client, the
// stock client of goburrow/modbus and a bare socket, on the same simulated
// meters in the same run. The meters live in a process of their own, so that
// the CPU time counted is the client's alone.
//
//	go -C bench run ./modbus [-reads 40000] [-rounds 7] [-meters 50]
//	go -C bench run ./modbus -every 1s -meters 2000 -reads 20000 -rounds 3
//
// With -every each meter is read on a schedule, staggered, as a collector
// does; without it, in a closed loop.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"time"
)

func main() {
	reads := flag.Int("reads", 40000, "reads of each client in one round")
	rounds := flag.Int("rounds", 7, "rounds; the clients take turns in each")
	meters := flag.Int("meters", 50, "meters, each with its own port and connection")
	every := flag.Duration("every", 0, "interval of each meter's reads; 0: as fast as it answers")
	serve := flag.Bool("serve", false, "be the meters (used by the command itself)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	if *serve {
		err = serveMeters(ctx, *meters, os.Stdout)
	} else {
		err = compare(ctx, *meters, *reads, *rounds, *every)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// contestant is one way to read.
type contestant struct {
	name string
	open func(ctx context.Context, address string) (reader, error)
}

// reader reads 40 registers of one meter, and closes its connection.
type reader struct {
	read  func() error
	close func()
}

func compare(ctx context.Context, meters, reads, rounds int, every time.Duration) error {
	addresses, stop, err := startMeters(ctx, meters)
	if err != nil {
		return err
	}
	defer stop()
	contestants := []contestant{{"bare socket", bare}, {"phutai", ours}, {"goburrow stock", stock}}
	results := make([][]result, len(contestants))
	for round := range rounds + 1 {
		for i := range contestants {
			at := (i + round) % len(contestants) // nobody is always first
			r, err := run(ctx, contestants[at], addresses, reads, every)
			if err != nil {
				return fmt.Errorf("%s: %w", contestants[at].name, err)
			}
			if round > 0 { // the first one warms up
				results[at] = append(results[at], r)
			}
		}
	}
	fmt.Printf("%d meters, %d reads of 40 registers a round, medians of %d rounds, every %v\n", meters, reads, rounds, every)
	fmt.Printf("%-16s %20s %10s %11s %14s %7s %14s\n", "client", "CPU s / 1000 reads", "reads / s", "CPU : bare", "allocs / read", "late", "heap KB/meter")
	for i, c := range contestants {
		var cpu, rate, ratio, allocs, late, heap []float64
		for round, r := range results[i] {
			cpu = append(cpu, r.cpu.Seconds()*1000/float64(reads))
			rate = append(rate, float64(reads)/r.wall.Seconds())
			ratio = append(ratio, r.cpu.Seconds()/results[0][round].cpu.Seconds())
			allocs = append(allocs, float64(r.allocs)/float64(reads))
			late = append(late, float64(r.late))
			heap = append(heap, float64(r.heap)/float64(meters)/1024)
		}
		fmt.Printf("%-16s %20.4f %10.0f %11.2f %14.2f %7.0f %14.1f\n",
			c.name, median(cpu), median(rate), median(ratio), median(allocs), median(late), median(heap))
	}
	return nil
}

func median(xs []float64) float64 {
	slices.Sort(xs)
	return xs[len(xs)/2]
}

// startMeters runs this binary again as the meters and reads their addresses.
func startMeters(ctx context.Context, meters int) (addresses []string, stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	cmd := exec.CommandContext(ctx, self, "-serve", fmt.Sprint("-meters=", meters))
	cmd.Stderr = os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	stop = func() {
		_ = cmd.Process.Signal(os.Interrupt) // it may have ended already
		_ = cmd.Wait()
	}
	lines := bufio.NewScanner(out)
	for len(addresses) < meters && lines.Scan() {
		addresses = append(addresses, strings.TrimSpace(lines.Text()))
	}
	if len(addresses) < meters {
		stop()
		return nil, nil, fmt.Errorf("the meters gave %d of %d addresses", len(addresses), meters)
	}
	return addresses, stop, nil
}
