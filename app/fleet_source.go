package app

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"phutai/fleet"
	"phutai/sheet"
)

// FleetSource is a register, or a list of another system, in files.
type FleetSource struct {
	Config, Path string
	Mapping      string // YAML file that says what the columns of a list are; empty: by the headers that are known
	Encoding     string // utf-8, tcvn3 or vni; empty: that of the mapping, else UTF-8
	Effective    string // a day (YYYY-MM-DD) in the configured zone; empty: now
}

// read reads the source, and gives what an import of it needs to know.
func (f *FleetSource) read(cfg *Config, r *fleet.Register, progress io.Writer) (*fleet.Set, fleet.ImportOptions, error) {
	rules, err := rules(cfg)
	if err != nil {
		return nil, fleet.ImportOptions{}, err
	}
	opt := fleet.ImportOptions{Rules: rules}
	if f.Effective != "" {
		if opt.Effective, err = time.ParseInLocation(time.DateOnly, f.Effective, rules.Zone); err != nil {
			return nil, opt, fmt.Errorf("--effective %q: write a day as 2026-06-01", f.Effective)
		}
	}
	in := fleet.ReadOptions{Rules: rules, Encoding: sheet.Encoding(f.Encoding), Effective: opt.Effective}
	if !in.Encoding.Known() {
		return nil, opt, fmt.Errorf("--encoding %q: write utf-8, tcvn3 or vni", f.Encoding)
	}
	if f.Mapping != "" {
		if in.Mapping, err = readMapping(f.Mapping); err != nil {
			return nil, opt, err
		}
	}
	b := newBar(progress, filepath.Base(f.Path))
	in.Progress = b.rows
	set := r.Read(f.Path, in)
	b.end()
	return set, opt, nil
}

// largestMapping is the size in bytes above which a file is no mapping.
const largestMapping = 1 << 20

func readMapping(path string) (*fleet.Mapping, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("--mapping: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(file, largestMapping+1))
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("--mapping: %w", err)
	}
	if len(text) > largestMapping {
		return nil, fmt.Errorf("--mapping %s: is larger than 1 MiB: it is no mapping", path)
	}
	return fleet.ParseMapping(path, text)
}

// tellNotes prints what reading has passed over or taken on trust.
func tellNotes(out io.Writer, notes []fleet.Problem) error {
	for i, note := range notes {
		if i == mostChanges {
			_, err := fmt.Fprintf(out, "note: and %d more like these; phutai fleet diff --json lists them all\n", len(notes)-i)
			return err
		}
		if _, err := fmt.Fprintf(out, "note: %s\n", note); err != nil {
			return err
		}
	}
	return nil
}
