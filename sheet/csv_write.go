package sheet

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
)

// CSVStyle is how a CSV file is written. The zero value is what programs
// expect: comma, no byte order mark.
type CSVStyle struct {
	BOM       bool // a Vietnamese Excel reads UTF-8 only with the mark
	Semicolon bool // between fields; what Excel expects where the comma is decimal
}

// Cell is one field to write: text, a number or nothing.
type Cell struct {
	text   string
	number bool
}

// Text makes a text cell; it is guarded when written.
func Text(s string) Cell { return Cell{text: s} }

// Number makes a number cell in the shortest form that reads back the same.
// What is no finite number makes an empty cell.
func Number(x float64) Cell {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return Cell{}
	}
	return Cell{strconv.FormatFloat(x, 'f', -1, 64), true}
}

// CSVWriter streams rows. It is used by one goroutine.
type CSVWriter struct {
	w     io.Writer
	csv   *csv.Writer
	style CSVStyle
	begun bool
	row   []string
}

// NewCSVWriter makes a writer onto w. Flush ends the work.
func NewCSVWriter(w io.Writer, style CSVStyle) *CSVWriter {
	c := &CSVWriter{w: w, csv: csv.NewWriter(w), style: style}
	if style.Semicolon {
		c.csv.Comma = ';'
	}
	return c
}

// Header writes a row of text cells.
func (c *CSVWriter) Header(names ...string) error {
	cells := make([]Cell, len(names))
	for i, s := range names {
		cells[i] = Text(s)
	}
	return c.Write(cells...)
}

// Write writes one row.
func (c *CSVWriter) Write(cells ...Cell) error {
	if !c.begun {
		c.begun = true
		if c.style.BOM {
			if _, err := c.w.Write(utf8BOM); err != nil {
				return err
			}
		}
	}
	c.row = c.row[:0]
	for _, cell := range cells {
		s := cell.text
		if !cell.number {
			s = Guard(s)
		}
		c.row = append(c.row, s)
	}
	return c.csv.Write(c.row)
}

// Flush hands everything to the writer below and gives the first error of all
// the writing.
func (c *CSVWriter) Flush() error {
	c.csv.Flush()
	return c.csv.Error()
}

// WriteCSV writes one table.
func WriteCSV(w io.Writer, t Table, style CSVStyle) error {
	c := NewCSVWriter(w, style)
	if err := c.Header(t.Header...); err != nil {
		return err
	}
	var cells []Cell
	for _, row := range t.Rows {
		cells = cells[:0]
		for i, s := range row.Cells {
			cells = append(cells, Cell{s, t.number(i) && isNumber(s)})
		}
		if err := c.Write(cells...); err != nil {
			return err
		}
	}
	return c.Flush()
}

func isNumber(s string) bool {
	x, err := strconv.ParseFloat(s, 64)
	return err == nil && !math.IsNaN(x) && !math.IsInf(x, 0)
}

// WriteFolder writes each table to dir as NAME.csv, and makes dir if need be.
// A file that stands there is replaced only by a complete one.
func WriteFolder(dir string, tables []Table, style CSVStyle) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("write tables: %w", err)
	}
	for _, t := range tables {
		err := replace(filepath.Join(dir, t.Name+".csv"), func(w io.Writer) error { return WriteCSV(w, t, style) })
		if err != nil {
			return fmt.Errorf("write table %s: %w", t.Name, err)
		}
	}
	return nil
}

// replace writes a file beside path and moves it there when it is complete.
func replace(path string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if err = write(f); err != nil {
		return err
	}
	if err = errors.Join(f.Chmod(0o640), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
