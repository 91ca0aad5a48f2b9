package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"phutai/db"
	"phutai/store"
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
//	bury FILE POINT     put dead letters into a journal: 1 a message, 2 a reading of POINT, 3 a garbled one, 4 an old reading of nobody
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
			"bury":   bury,
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

func bury(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: bury FILE POINT")
	}
	d, err := db.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	j, err := store.OpenJournal(context.Background(), d, nil)
	ts.Check(err)
	at, err := time.Parse(time.RFC3339, ts.Getenv("AGO"))
	ts.Check(err)
	reading := func(point, power string) []byte {
		return fmt.Appendf(nil, `{"Point":%q,"Source":"instant","At":%q,"Values":{"p":%q}}`, point, at.Add(10*time.Minute).Format(time.RFC3339), power)
	}
	err = j.Bury(context.Background(),
		store.DeadLetter{Kind: store.LetterMessage, FirstSeen: at, Collector: "main", Reason: "poison", Detail: "payload cannot be decoded", Payload: []byte("{\xff")},
		store.DeadLetter{Kind: store.LetterReading, FirstSeen: at, Collector: "main", Reason: "no-ratio", Detail: "add the point", Payload: reading(args[1], "1.25")},
		store.DeadLetter{Kind: store.LetterGarbled, FirstSeen: at, Collector: "main", Reason: "poison", Detail: "a figure as text", Payload: reading(args[1], "2")},
		store.DeadLetter{FirstSeen: at, Collector: "main", Reason: "no-ratio", Detail: "add the point", Payload: reading("NOBODY", "3")})
	ts.Check(errors.Join(err, d.Close()))
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
