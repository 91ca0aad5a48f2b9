package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"phutai/db"
	"phutai/fleet"
	"phutai/line"
	"phutai/meter"
)

// rules tells the register what it must know of the rest of the house.
func rules(cfg *Config) (fleet.Rules, error) {
	zone, err := time.LoadLocation(cfg.Timezone)
	if err != nil {
		return fleet.Rules{}, fmt.Errorf("time zone: %w", err)
	}
	profiles, err := loadProfiles(cfg)
	if err != nil {
		return fleet.Rules{}, err
	}
	known := map[string]fleet.Profile{}
	for _, name := range profiles.Names() {
		p, _ := profiles.Get(name)
		seen := fleet.Profile{Address: p.DefaultAddress(), Protocol: string(p.Protocol)}
		if p.Protocol == meter.Modbus {
			seen.MaxAddress = modbusUnits
		}
		known[name] = seen
	}
	return fleet.Rules{Zone: zone, Profiles: known, Line: line.Normal, Secret: judgeSecretName}, nil
}

// modbusUnits is the highest unit id of a Modbus meter.
const modbusUnits = 247

// openRegister opens the register of an installation; close ends it.
func openRegister(ctx context.Context, path string) (cfg Config, r *fleet.Register, closeIt func() error, err error) {
	if cfg, err = Load(path); err != nil {
		return cfg, nil, nil, err
	}
	if err := finishedRestore(cfg.Data); err != nil {
		return cfg, nil, nil, err
	}
	state, err := db.OpenWith(ctx, filepath.Join(cfg.Data, stateFile), db.Care{Copies: db.Copies{Dir: cfg.Copies}})
	if err != nil {
		return cfg, nil, nil, err
	}
	if r, err = fleet.Open(ctx, state, nil); err != nil {
		return cfg, nil, nil, errors.Join(err, state.Close())
	}
	return cfg, r, state.Close, nil
}

// FleetImportOptions is what a register file is taken in with.
type FleetImportOptions struct {
	FleetSource
	DryRun       bool
	AllowRemoval bool
}

// FleetCheck reads a source and judges it against the register there is;
// nothing is imported. All problems are the error.
func FleetCheck(ctx context.Context, source FleetSource, out, progress io.Writer) error {
	return FleetImport(ctx, FleetImportOptions{FleetSource: source, DryRun: true}, out, progress)
}

// FleetImport takes a source in, all or nothing, and prints what that changes.
// On a terminal, progress shows how far the reading has come.
func FleetImport(ctx context.Context, o FleetImportOptions, out, progress io.Writer) (err error) {
	cfg, r, closeIt, err := openRegister(ctx, o.Config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeIt()) }()
	// The set keeps what is wrong with its cells: Import tells it together with
	// what is wrong between the rows.
	set, opt, err := o.read(&cfg, r, progress)
	if err != nil {
		return err
	}
	if err := tellNotes(out, set.Notes()); err != nil {
		return err
	}
	opt.DryRun, opt.Removal = o.DryRun, o.AllowRemoval
	diff, err := r.Import(ctx, set, opt)
	if _, refused := errors.AsType[*fleet.RemovalError](err); err != nil && !refused {
		return err
	}
	if err := tellChanges(out, &diff, opt.Rules.Zone); err != nil {
		return err
	}
	if err != nil {
		return fmt.Errorf("%w, see the lines that end in gone: if that is meant, import with --allow-removal", err)
	}
	if err := warnOfGaps(out, gapsOfSet(&cfg, set, time.Now())); err != nil {
		return err
	}
	what := "imported"
	switch {
	case diff.Empty():
		what = "the register says the same already"
	case o.DryRun:
		what = "nothing imported; it would be"
	}
	gone := diff.Count(fleet.Removed)
	_, err = fmt.Fprintf(out, "%s: %d rows sound; %s: %d new, %d changed, %d gone\n",
		o.Path, set.Len(), what, diff.Count(fleet.Added), diff.Count(fleet.Changed), gone)
	if err == nil && gone > 0 && o.DryRun && !o.AllowRemoval {
		_, err = fmt.Fprintln(out, "to import it, add --allow-removal: see the lines that end in gone")
	}
	return err
}

// FleetExport writes the whole register as a workbook or a folder of CSV files.
// AsOf is a day (YYYY-MM-DD): what was known at its end; empty: now.
func FleetExport(ctx context.Context, config, path, asOf string, out io.Writer) (err error) {
	cfg, r, closeIt, err := openRegister(ctx, config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeIt()) }()
	rules, err := rules(&cfg)
	if err != nil {
		return err
	}
	var known time.Time
	if asOf != "" {
		day, err := time.ParseInLocation(time.DateOnly, asOf, rules.Zone)
		if err != nil {
			return fmt.Errorf("--as-of %q: write a day as 2026-06-01", asOf)
		}
		known = day.AddDate(0, 0, 1).Add(-time.Millisecond)
	}
	set, err := r.Export(ctx, known)
	if err != nil {
		return err
	}
	if err := set.Write(path, rules); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%d rows written to %s\n", set.Len(), path)
	return err
}

// FleetList prints what stands where now, in lang (vi or en).
func FleetList(ctx context.Context, config, lang string, out io.Writer) (err error) {
	_, r, closeIt, err := openRegister(ctx, config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeIt()) }()
	return fleet.List(out, r.View(time.Now()), fleet.Lang(lang))
}
