package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"phutai/db"
	"phutai/fleet"
	"phutai/grid"
	"phutai/store"
	"phutai/thermal"
	"phutai/web"
)

// ExportOptions are the flags of the export verb.
type ExportOptions struct {
	Config      string
	Transformer string
	Feeder      string  // the sum of its transformers instead
	Least       float64 // of the rating that must report for a sum, %
	From, To    string  // days in the configured zone, or moments in RFC 3339
	Every       time.Duration
	AsOf        string // figures by the register as it was known at the end of this day, or at this moment; empty: now
	Output      string // a file, or - for out
	Lang        string
}

// Export writes one transformer's load curve, or a feeder's sum, as CSV, also while the program
// runs on the same files.
func Export(ctx context.Context, opt ExportOptions, out io.Writer) (err error) {
	cfg, register, closeIt, err := openRegister(ctx, opt.Config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeIt()) }()
	zone, err := time.LoadLocation(cfg.Timezone)
	if err != nil {
		return fmt.Errorf("time zone: %w", err)
	}
	from, err1 := moment("from", opt.From, zone)
	to, err2 := moment("to", opt.To, zone)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	if !from.Before(to) {
		return fmt.Errorf("--from %s is not before --to %s", opt.From, opt.To)
	}
	file, err := db.OpenToRead(filepath.Join(cfg.Data, journalFile))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	journal, err := store.OpenJournal(ctx, file, nil)
	if err != nil {
		return err
	}
	c := &curves{journal, register.Known, journal, zone, grid.RealClock{}}
	if opt.AsOf != "" {
		at, err := endOfMoment("as-of", opt.AsOf, zone)
		if err != nil {
			return err
		}
		then, err := newAsKnown(ctx, register, journal, at, cfg.Loading.Every)
		if err != nil {
			return err
		}
		c.known, c.loadings = func() *fleet.Known { return then.known }, then
	}
	return toFile(opt.Output, out, func(w io.Writer) error {
		if opt.Feeder != "" {
			return c.writeSum(ctx, w, grid.FeederID(opt.Feeder), web.CurveAsk{From: from, To: to, Every: opt.Every, Lang: opt.Lang}, opt.Least)
		}
		return c.WriteCurve(ctx, w, web.CurveAsk{Transformer: grid.TransformerID(opt.Transformer), From: from, To: to, Every: opt.Every, Lang: opt.Lang})
	})
}

// moment reads a day in zone, or a moment.
func moment(flag, s string, zone *time.Location) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.UTC(), nil
	}
	t, err := time.ParseInLocation(time.DateOnly, s, zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("--%s %q: write a day as 2026-06-01 or a moment as 2026-06-01T17:30:00+07:00", flag, s)
	}
	return t.UTC(), nil
}

// endOfMoment reads the end of a day in zone, or a moment.
func endOfMoment(flag, s string, zone *time.Location) (time.Time, error) {
	if day, err := time.ParseInLocation(time.DateOnly, s, zone); err == nil {
		return day.AddDate(0, 0, 1).Add(-time.Millisecond).UTC(), nil
	}
	return moment(flag, s, zone)
}

// toFile writes to a file that appears only when it is complete, or to out
// where path is "-".
func toFile(path string, out io.Writer, write func(io.Writer) error) error {
	if path == "-" {
		return write(out)
	}
	next := path + ".part"
	f, err := os.Create(next)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return errors.Join(err, os.Remove(next))
	}
	return os.Rename(next, path)
}

// Thermal computes the temperatures of a load curve (design section 6).
func Thermal(params, input, output string) error {
	settings, err := os.Open(params)
	if err != nil {
		return fmt.Errorf("parameters: %w", err)
	}
	defer settings.Close()
	p, err := thermal.ReadParams(settings)
	if err != nil {
		return fmt.Errorf("parameters %s: %w", params, err)
	}
	if _, err := thermal.New(p); err != nil {
		return fmt.Errorf("parameters %s: %w", params, err)
	}
	in, err := os.Open(input)
	if err != nil {
		return fmt.Errorf("input: %w", err)
	}
	defer in.Close()
	if a, err := in.Stat(); err == nil {
		if b, err := os.Stat(output); err == nil && os.SameFile(a, b) {
			return fmt.Errorf("output: %s is the input itself: name another file", output)
		}
	}
	return toFile(output, io.Discard, func(w io.Writer) error {
		if err := thermal.Run(p, in, w); err != nil {
			return fmt.Errorf("%s: %w", input, err)
		}
		return nil
	})
}
