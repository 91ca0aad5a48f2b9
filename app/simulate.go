package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"phutai/grid"
	"phutai/sim"
)

// SimOptions are the flags of the sim verb.
type SimOptions struct {
	Out          string // folder for the register and the truth
	Transformers int
	Speed        float64
	For          time.Duration
}

// Simulate serves a simulated province of meters until ctx ends or the time is
// over, so that an installation can be tried against it. It writes the
// province's register as CSV files at its start, and what the meters showed as
// truth.csv at its end.
func Simulate(ctx context.Context, opt SimOptions, out io.Writer) error {
	origin := sim.Start().UTC()
	clock := grid.NewScaledClock(origin, opt.Speed)
	cfg := sim.Config{Transformers: opt.Transformers, Now: clock.Now}
	for _, p := range cfg.Validate() {
		return fmt.Errorf("%s: %s", p.Field, p.Text)
	}
	province := sim.New(cfg)
	if err := province.Listen(); err != nil {
		return err
	}
	folder := filepath.Join(opt.Out, "fleet")
	if err := registerOf(province.Fleet()).Write(folder, exampleRules()); err != nil {
		return errors.Join(err, province.Close())
	}
	if err := writeSecrets(filepath.Join(opt.Out, "secrets"), province.Secrets()); err != nil {
		return errors.Join(err, province.Close())
	}
	fmt.Fprintf(out, "%d meters listen; their register is in %s, their passwords in %s\n",
		len(province.Fleet().Meters), folder, filepath.Join(opt.Out, "secrets"))
	fmt.Fprintf(out, "their clock shows %s and runs %g times as fast as this machine's\n", origin.In(sim.Zone()).Format(time.DateTime), clock.Speed())
	if opt.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, opt.For)
		defer cancel()
	}
	g, running := errgroup.WithContext(ctx)
	g.Go(func() error { return province.Run(running) })
	if err := g.Wait(); err != nil {
		return err
	}
	truth := filepath.Join(opt.Out, "truth.csv")
	err := toFile(truth, io.Discard, func(w io.Writer) error { return province.WriteTruth(w, origin, clock.Now(), time.Minute) })
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "what they showed is in %s\n", truth)
	return err
}

func writeSecrets(dir string, secrets map[string][]byte) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("write passwords: %w", err)
	}
	for name, text := range secrets {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return fmt.Errorf("write passwords: %w", err)
		}
	}
	return nil
}
