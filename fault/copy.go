package fault

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"phutai/db"
	"phutai/grid"
	"phutai/internal/lossless"
	"phutai/internal/servertest"
	"phutai/store"
)

// database is a real one that the center copies its journal into.
type database interface {
	Samples(measurement string, tags map[string]string) ([]servertest.Sample, error)
}

// awaitCopy waits until the database holds each reading of the journal, and
// nothing else, and gives how many there are.
func (in *Installation) awaitCopy(d database, within time.Duration) (int, error) {
	file, err := db.OpenToRead(in.journalFile())
	if err != nil {
		return 0, err
	}
	defer file.Close()
	journal, err := store.OpenJournal(in.t.Context(), file, nil)
	if err != nil {
		return 0, err
	}
	n := 0
	for end := time.Now().Add(within); ; time.Sleep(500 * time.Millisecond) {
		if n, err = in.compare(journal, d); err == nil {
			return n, nil
		}
		if time.Now().After(end) {
			return n, fmt.Errorf("after %s: %w\n%s", within, err, in.Center.tail(8))
		}
	}
}

// compare holds the times of each series of readings against each other.
func (in *Installation) compare(journal *store.Journal, d database) (n int, err error) {
	for _, p := range in.Province.Fleet().Points {
		for _, source := range []grid.Source{grid.Instant, grid.Profile} {
			var want []time.Time
			err := journal.Series(in.t.Context(), p.ID, source, lossless.Ever[0], lossless.Ever[1], func(r grid.Reading) error {
				want = append(want, r.At)
				return nil
			})
			if err != nil {
				return n, err
			}
			samples, err := d.Samples("reading", map[string]string{"point": string(p.ID), "source": source.String()})
			if err != nil {
				return n, err
			}
			var got []time.Time
			for _, s := range samples {
				if s.Field == "ratio" { // which every reading has
					got = append(got, s.At)
				}
			}
			if n += len(want); !slices.EqualFunc(got, want, time.Time.Equal) {
				return n, fmt.Errorf("%s, %s: the database has %d readings, the journal %d", p.ID, source, len(got), len(want))
			}
		}
	}
	return n, nil
}

// token writes the file that the writer takes its token from, and gives its path.
func (in *Installation) token(text string) string {
	in.t.Helper()
	if err := in.secret("influx", text); err != nil {
		in.t.Fatal(err)
	}
	return filepath.Join(in.Dir, "secrets", "influx")
}

// alarm is one as the pages tell of it.
type alarm struct {
	Kind, Transformer string
	RaisedAt          time.Time `json:"raised_at"`
}

// alarms gives the alarms on load and temperature that stand.
func (in *Installation) alarms() ([]alarm, error) {
	var answer struct{ Load []alarm }
	err := in.page("/api/v1/alarms", &answer)
	return answer.Load, err
}

// trouble gives what is wrong by /readyz, in English.
func (in *Installation) trouble() (out []string, err error) {
	var answer struct {
		Problems []struct {
			Part string
			Text string `json:"text_en"`
		}
	}
	err = in.page("/readyz?lang=en", &answer)
	for _, p := range answer.Problems {
		out = append(out, p.Part+": "+p.Text)
	}
	return out, err
}

func (in *Installation) page(path string, into any) error {
	resp, err := (&http.Client{Timeout: 10 * time.Second}).Get("http://" + in.Pages + path)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.NewDecoder(resp.Body).Decode(into)
}

// until waits for what must come; what it waited for is said where it does not.
func (in *Installation) until(what string, within time.Duration, is func() (bool, error)) {
	in.t.Helper()
	for end := time.Now().Add(within); ; time.Sleep(100 * time.Millisecond) {
		ok, err := is()
		if ok && err == nil {
			return
		}
		if time.Now().After(end) {
			problems, _ := in.trouble()
			in.t.Fatalf("%s: not within %s (%v); /readyz says %q", what, within, errors.Join(err, os.ErrDeadlineExceeded), problems)
		}
	}
}
