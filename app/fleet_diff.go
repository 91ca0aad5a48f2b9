package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode"

	"phutai/fleet"
)

// FleetDiffOptions is how a source is held against the register.
type FleetDiffOptions struct {
	FleetSource
	JSON bool
	Lang string // vi or en
}

// FleetDiff prints in what a source differs from the register, and what keeps
// it from being imported. It changes nothing. A source of which nothing can be
// read is an error.
func FleetDiff(ctx context.Context, o FleetDiffOptions, out, progress io.Writer) (err error) {
	cfg, r, closeIt, err := openRegister(ctx, o.Config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeIt()) }()
	set, opt, err := o.read(&cfg, r, progress)
	if err != nil {
		return err
	}
	c := r.Compare(set, opt)
	if set.Len() == 0 && len(c.Problems) > 0 {
		return c.Problems
	}
	if o.JSON {
		return diffJSON(out, &c)
	}
	words := diffWordsOf(o.Lang)
	if err := diffTable(out, &c, words); err != nil {
		return err
	}
	for _, list := range []struct {
		word string
		all  []fleet.Problem
	}{{words.note, c.Notes}, {words.unmatched, c.Unmatched}, {words.problem, c.Problems}} {
		for i, p := range list.all {
			if i == mostChanges && list.word == words.note {
				fmt.Fprintf(out, words.more, len(list.all)-i)
				break
			}
			if _, err := fmt.Fprintf(out, "%s: %s\n", list.word, p); err != nil {
				return err
			}
		}
	}
	_, err = fmt.Fprintf(out, words.sum, o.Path, countWhat(&c, fleet.Added), countWhat(&c, fleet.Changed), countWhat(&c, fleet.Removed), len(c.Unmatched), len(c.Problems))
	return err
}

func countWhat(c *fleet.Comparison, w fleet.What) int {
	n := 0
	for i := range c.Differences {
		if c.Differences[i].What == w {
			n++
		}
	}
	return n
}

// diffTable prints one line a difference, and of something changed one a column.
func diffTable(out io.Writer, c *fleet.Comparison, words *diffWords) error {
	if len(c.Differences) == 0 {
		return nil
	}
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, strings.Join(words.head[:], "\t"))
	for i := range c.Differences {
		d := &c.Differences[i]
		fields := d.Fields
		if len(fields) == 0 {
			fields = []fleet.Field{{}}
		}
		for _, f := range fields {
			column := f.Column
			if word, ok := words.columns[column]; ok {
				column = word
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", words.what[d.What], words.kinds[d.Kind], shown(d.ID), shown(d.Name), column, shown(f.Before), shown(f.After))
		}
	}
	return w.Flush()
}

// shown gives text from a file without what moves the cursor of a terminal.
func shown(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

func diffJSON(out io.Writer, c *fleet.Comparison) error {
	type field struct {
		Column   string `json:"column"`
		Register string `json:"register"`
		Source   string `json:"source"`
	}
	type difference struct {
		Kind   fleet.Kind `json:"kind"`
		ID     string     `json:"id"`
		Name   string     `json:"name,omitempty"`
		Change string     `json:"change"`
		Fields []field    `json:"fields,omitempty"`
	}
	type told struct {
		File   string `json:"file"`
		Line   int    `json:"line,omitempty"`
		Column string `json:"column,omitempty"`
		Text   string `json:"text"`
	}
	toldOf := func(all []fleet.Problem) []told {
		out := make([]told, len(all))
		for i, p := range all {
			out[i] = told(p)
		}
		return out
	}
	doc := struct {
		New         int          `json:"new"`
		Changed     int          `json:"changed"`
		Gone        int          `json:"gone"`
		Differences []difference `json:"differences"`
		Unmatched   []told       `json:"unmatched"`
		Problems    []told       `json:"problems"`
		Notes       []told       `json:"notes"`
	}{
		countWhat(c, fleet.Added), countWhat(c, fleet.Changed), countWhat(c, fleet.Removed), []difference{},
		toldOf(c.Unmatched), toldOf(c.Problems), toldOf(c.Notes),
	}
	for i := range c.Differences {
		d := &c.Differences[i]
		row := difference{Kind: d.Kind, ID: d.ID, Name: d.Name, Change: englishDiff().what[d.What]}
		for _, f := range d.Fields {
			row.Fields = append(row.Fields, field{f.Column, f.Before, f.After})
		}
		doc.Differences = append(doc.Differences, row)
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}
