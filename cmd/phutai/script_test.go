package main

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the scripts start this test binary under the name phutai.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"phutai": main, "phutai-stuck": stuck})
}

// TestScripts runs the command line as people do. Besides testscript's own
// commands the scripts have:
//
//	code N phutai …     run it and want exit code N
//	until RE phutai …   run it again and again until it succeeds and prints RE
//	take VAR FILE RE    wait until FILE has RE, and keep its group in $VAR
//	damage FILE         overwrite a piece of FILE as a failing disk does
//
// and $AGO and $AHEAD, an hour before and after now, and $CLOSED, an address at
// which nothing listens.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               surroundings,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"code":  code,
			"until": until,
			"take":  take,

			"damage": damage,
		},
	})
}

func surroundings(env *testscript.Env) error {
	hour := time.Now().UTC().Truncate(time.Hour)
	env.Setenv("AGO", hour.Add(-time.Hour).Format(time.RFC3339))
	env.Setenv("AHEAD", hour.Add(time.Hour).Format(time.RFC3339))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	env.Setenv("CLOSED", l.Addr().String())
	return l.Close()
}

func code(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N command...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var ended *exec.ExitError
		if !errors.As(err, &ended) {
			ts.Fatalf("%v", err)
		}
		got = ended.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: until REGEXP command...")
	}
	want := pattern(ts, args[0])
	wait(ts, "no success that prints "+args[0], func() bool {
		return ts.Exec(args[1], args[2:]...) == nil && want.MatchString(ts.ReadFile("stdout"))
	})
}

func take(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: take VAR FILE REGEXP")
	}
	want, path := pattern(ts, args[2]), ts.MkAbs(args[1])
	wait(ts, "no "+args[2]+" in "+args[1], func() bool {
		text, err := os.ReadFile(path)
		m := want.FindSubmatch(text)
		if err != nil || len(m) < 2 {
			return false
		}
		ts.Setenv(args[0], string(m[1]))
		return true
	})
}

// damage spoils the head of the third page of a database.
func damage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: damage FILE")
	}
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_WRONLY, 0)
	ts.Check(err)
	_, err = f.WriteAt([]byte("\xff this is no page of a database"), 2*4096)
	ts.Check(errors.Join(err, f.Close()))
}

func pattern(ts *testscript.TestScript, s string) *regexp.Regexp {
	re, err := regexp.Compile("(?m)" + s)
	ts.Check(err)
	return re
}

// wait polls because what it waits for happens in another process.
func wait(ts *testscript.TestScript, otherwise string, done func() bool) {
	const within, every = 100 * time.Second, 50 * time.Millisecond
	for end := time.Now().Add(within); !done(); time.Sleep(every) {
		if time.Now().After(end) {
			ts.Fatalf("%s within %s", otherwise, within)
		}
	}
}
