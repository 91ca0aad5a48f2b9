package main

import (
	"bufio"
	"errors"
	"fmt"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// stuck is a program that never gets to its end once it is asked to stop.
func stuck() {
	ctx, stop := untilAsked()
	defer stop()
	fmt.Println("running")
	<-ctx.Done()
	for {
		fmt.Println("stopping")
		time.Sleep(10 * time.Millisecond)
	}
}

func TestSecondInterruptKills(t *testing.T) {
	path, err := exec.LookPath("phutai-stuck")
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), path)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(20*time.Second, func() { _ = c.Process.Kill() })
	defer timer.Stop()
	said := bufio.NewScanner(out)
	for stops := 0; said.Scan(); {
		// The handler is taken away beside the first word of stopping.
		if said.Text() == "running" || stops < 100 {
			if said.Text() == "stopping" {
				stops++
			}
			if err := c.Process.Signal(syscall.SIGINT); err != nil {
				break
			}
		}
	}
	err = c.Wait()
	var ended *exec.ExitError
	if !errors.As(err, &ended) || ended.Sys().(syscall.WaitStatus).Signal() != syscall.SIGINT {
		t.Errorf("ended with %v, want a death by the interrupt", err)
	}
}
