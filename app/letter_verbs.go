package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"phutai/db"
	"phutai/store"
)

// LetterOptions are the flags of the verbs about dead letters.
type LetterOptions struct {
	Config string
	Letter []int64 // numbers
	Reason string  // all with this reason instead
	All    bool    // all instead
	Retry  bool    // of an order: take in again; otherwise drop
	Lang   string
	JSON   bool
}

// Validate wants letters, a reason or all.
func (o LetterOptions) Validate() error {
	ways := 0
	for _, way := range []bool{len(o.Letter) > 0, o.Reason != "", o.All} {
		if way {
			ways++
		}
	}
	if ways != 1 {
		return errors.New("name the letters by their numbers, or give --reason, or --all")
	}
	return nil
}

// letterRecord is a letter as JSON.
type letterRecord struct {
	ID        int64     `json:"id"`
	FirstSeen time.Time `json:"first_seen"`
	LastSeen  time.Time `json:"last_seen"`
	Times     int       `json:"times"`
	Collector string    `json:"collector"`
	Reason    string    `json:"reason"`
	Detail    string    `json:"detail"`
	Retryable bool      `json:"retryable"`
	WhyNot    string    `json:"why_not,omitempty"`
	Ordered   string    `json:"ordered,omitempty"`
	Payload   string    `json:"payload,omitempty"`
	Base64    []byte    `json:"payload_base64,omitempty"` // where it is no text
}

func recordOf(d *store.DeadLetter) letterRecord {
	r := letterRecord{
		ID: d.ID, FirstSeen: d.FirstSeen, LastSeen: d.LastSeen, Times: d.Times, Collector: string(d.Collector),
		Reason: d.Reason, Detail: d.Detail, Retryable: true, Ordered: d.Ordered,
	}
	if why := d.Retryable(); why != nil {
		r.Retryable, r.WhyNot = false, why.Error()
	}
	if utf8.Valid(d.Payload) {
		r.Payload = string(d.Payload)
	} else {
		r.Base64 = d.Payload
	}
	return r
}

// openLetters opens the dead letters of an installation to be read.
func openLetters(ctx context.Context, config string) (Config, *store.Letters, func() error, error) {
	cfg, err := Load(config)
	if err != nil {
		return cfg, nil, nil, err
	}
	d, err := db.OpenToRead(filepath.Join(cfg.Data, journalFile))
	if err != nil {
		return cfg, nil, nil, err
	}
	l, err := store.OpenLetters(ctx, d)
	if err != nil {
		return cfg, nil, nil, errors.Join(err, d.Close())
	}
	return cfg, l, d.Close, nil
}

// ListLetters prints the dead letters, also while the program runs.
func ListLetters(ctx context.Context, opt LetterOptions, out io.Writer) (err error) {
	cfg, l, closeIt, err := openLetters(ctx, opt.Config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeIt()) }()
	if opt.JSON {
		all := []letterRecord{}
		err := l.Each(ctx, func(d store.DeadLetter) error {
			all = append(all, recordOf(&d))
			return nil
		})
		return errors.Join(err, printJSON(out, all))
	}
	zone, err := time.LoadLocation(cfg.Timezone)
	if err != nil {
		return fmt.Errorf("time zone: %w", err)
	}
	words := letterWords(opt.Lang)
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	n := 0
	err = l.Each(ctx, func(d store.DeadLetter) error {
		if n++; n == 1 {
			fmt.Fprintln(w, words.header)
		}
		state := words.can
		switch {
		case d.Ordered != "":
			state = words.ordered + d.Ordered
		case d.Retryable() != nil:
			state = words.cannot
		}
		_, err := fmt.Fprintf(w, "%d\t%s\t%d\t%s\t%s\t%s\t%s\n", d.ID, d.LastSeen.In(zone).Format("2006-01-02 15:04"), d.Times, d.Collector, d.Reason, state, oneLine(d.Detail))
		return err
	})
	if err := errors.Join(err, w.Flush()); err != nil {
		return err
	}
	shed, expired, err := l.Shed(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, words.total+"\n", n, shed, expired)
	return err
}

// ShowLetter prints one dead letter with all that was received, also while the
// program runs.
func ShowLetter(ctx context.Context, opt LetterOptions, out io.Writer) (err error) {
	_, l, closeIt, err := openLetters(ctx, opt.Config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeIt()) }()
	d, err := l.Get(ctx, opt.Letter[0])
	if err != nil {
		return err
	}
	return printJSON(out, recordOf(&d))
}

// OrderLetters has dead letters retried or dropped. The one process that writes
// the journal does it: the running center, or the next one that starts.
func OrderLetters(ctx context.Context, opt LetterOptions, out io.Writer) (err error) {
	cfg, err := Load(opt.Config)
	if err != nil {
		return err
	}
	path := filepath.Join(cfg.Data, journalFile)
	words := letterWords(opt.Lang)
	open, when := db.OpenBeside, words.now
	unlock, err := lockFolder(cfg.Data, Center)
	if err == nil {
		// Nobody has checked the file since its owner stopped.
		open, when = openSound, words.later
		defer func() { err = errors.Join(err, unlock()) }()
	} else if _, running := errors.AsType[*runningError](err); !running {
		return err
	}
	d, err := open(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	l, err := store.OpenLetters(ctx, d)
	if err != nil {
		return err
	}
	var orders []store.Order
	err = l.Each(ctx, func(d store.DeadLetter) error {
		named := slices.Contains(opt.Letter, d.ID)
		meant := named || opt.All || opt.Reason != "" && d.Reason == opt.Reason
		if meant && (named || !opt.Retry || d.Retryable() == nil) {
			orders = append(orders, store.Order{Letter: d.ID, Retry: opt.Retry})
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, id := range opt.Letter {
		if !slices.ContainsFunc(orders, func(o store.Order) bool { return o.Letter == id }) {
			return fmt.Errorf("there is no dead letter %d: phutai store deadletters list shows them", id)
		}
	}
	if err := l.Give(ctx, time.Now(), orders...); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, words.given[opt.Retry]+when+"\n", len(orders))
	return err
}

// openSound opens an existing file after a look through it.
func openSound(ctx context.Context, path string) (*db.DB, error) {
	if err := db.Check(ctx, path, nil); err != nil {
		return nil, err
	}
	return db.OpenBeside(ctx, path)
}

func printJSON(out io.Writer, x any) error {
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(x)
}

// oneLine cuts a text for a table.
func oneLine(s string) string {
	const most = 100
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}
