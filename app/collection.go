package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"phutai/db"
	"phutai/fleet"
	"phutai/grid"
	"phutai/planning"
	"phutai/sheet"
	"phutai/store"
)

// CollectionOptions are the flags of the report of what was collected on a day.
type CollectionOptions struct {
	Config string
	Day    string // YYYY-MM-DD in the configured zone
	Output string // FILE.xlsx has all sheets, FILE.csv what is missing; -: the latter to out
	Lang   string
}

// ReportCollection writes how much of what was due on a day has come, by unit and point,
// and each missing interval with its reason, also while the program runs.
func ReportCollection(ctx context.Context, o CollectionOptions, out, progress io.Writer) (err error) {
	cfg, register, closeIt, err := openRegister(ctx, o.Config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeIt()) }()
	zone, err := time.LoadLocation(cfg.Timezone)
	if err != nil {
		return fmt.Errorf("time zone: %w", err)
	}
	day, err := time.ParseInLocation(time.DateOnly, o.Day, zone)
	if err != nil {
		return fmt.Errorf("--day %q: write a day as 2026-06-01", o.Day)
	}
	profiles, err := loadProfiles(&cfg)
	if err != nil {
		return err
	}
	duties, err := (&duties{register: register, profiles: profiles, cfg: &cfg.Collector}).Duties(ctx)
	if err != nil {
		return err
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
	span := store.Span{From: day.UTC(), To: day.AddDate(0, 0, 1).UTC(), Now: time.Now(), Grace: cfg.Store.Audit.Grace}
	points, err := collected(ctx, journal, register.View(day), duties, span)
	if err != nil {
		return err
	}
	sheets, err := planning.CollectionReport(planning.Lang(o.Lang), day, zone, points)
	if err != nil {
		return err
	}
	if strings.EqualFold(filepath.Ext(o.Output), ".xlsx") {
		err = sheet.WriteWorkbookFile(o.Output, tablesOf(sheets))
	} else {
		err = toFile(o.Output, out, func(w io.Writer) error { return writeGuarded(w, sheets[2]) })
	}
	if err != nil {
		return err
	}
	var sum grid.Collection
	for i := range points {
		sum = sum.Plus(points[i].All())
	}
	_, err = fmt.Fprintf(progress, "%s: %d points, %d of %d readings received, %d missing with a reason, %d still open\n",
		o.Day, len(points), sum.Received, sum.Due, sum.Explained, sum.Open())
	return err
}

// collected gives the account of each point that the register has on a day, by unit.
func collected(ctx context.Context, j *store.Journal, view *fleet.View, duties []store.Duty, s store.Span) ([]planning.Collected, error) {
	var out []planning.Collected
	for p := range view.Points() {
		c := planning.Collected{Point: p.ID, Substation: string(p.Substation)}
		sub, _ := view.Substation(p.Substation)
		unit, _ := view.Unit(sub.Unit)
		c.Unit, c.Feeder, c.Substation = cmp.Or(unit.Name, string(sub.Unit)), string(sub.Feeder), cmp.Or(sub.Name, c.Substation)
		m, _ := view.Meter(p.ID)
		c.Meter = m.ID
		i, found := slices.BinarySearchFunc(duties, p.ID, func(d store.Duty, id grid.PointID) int { return cmp.Compare(d.Point, id) })
		if found {
			sums, gaps, err := j.Account(ctx, &duties[i], s)
			if err != nil {
				return nil, err
			}
			c.Polls, c.Rows = sums[grid.Instant], sums[grid.Profile]
			for _, g := range gaps {
				c.Gaps = append(c.Gaps, planning.Gap{Source: g.Source, From: g.From, To: g.To, Readings: g.Readings, Reason: g.Reason, Detail: g.Detail})
			}
		}
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b planning.Collected) int {
		return cmp.Or(cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Point, b.Point))
	})
	return out, nil
}

func tablesOf(sheets []planning.Sheet) []sheet.Table {
	out := make([]sheet.Table, len(sheets))
	for i, s := range sheets {
		out[i] = sheet.Table{Name: s.Name, Header: s.Header, Numbers: s.Numbers}
		for _, cells := range s.Rows {
			out[i].Rows = append(out[i].Rows, sheet.Row{Cells: cells})
		}
	}
	return out
}

// writeGuarded writes a sheet as CSV for people: codes as text that no spreadsheet takes
// for a formula.
func writeGuarded(w io.Writer, s planning.Sheet) error {
	table := sheet.NewCSVWriter(w, sheet.CSVStyle{BOM: true})
	if err := table.Header(s.Header...); err != nil {
		return err
	}
	for _, cells := range s.Rows {
		row := make([]sheet.Cell, len(cells))
		for i, c := range cells {
			row[i] = sheet.Text(c)
		}
		if err := table.Write(row...); err != nil {
			return err
		}
	}
	return table.Flush()
}
