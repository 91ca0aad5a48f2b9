package thermal

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

// columns are those of the input, in the order of the contract; the order in
// the file is free.
var columns = [...]string{"time", "load_a", "ambient_c"}

// utmostLoad is beyond any short circuit that lasts long enough to be read, in
// multiples of rated current.
const utmostLoad = 50

// Run reads load and ambient as CSV (time,load_a,ambient_c; RFC 3339; steps of
// any length) and writes time,top_oil_c,hot_spot_c,ageing_rate,loss_of_life_h.
// A row's load and ambient hold for the interval that ends at it; the first row
// gives the starting state. Loss of life is counted in hours at the design
// rate from the first row on. An error names the line; rows before it are
// written.
func Run(p Params, in io.Reader, out io.Writer) error {
	m, err := New(p)
	if err != nil {
		return err
	}
	rows, err := newInput(in)
	if err != nil {
		return err
	}
	w := csv.NewWriter(out)
	if err := w.Write([]string{"time", "top_oil_c", "hot_spot_c", "ageing_rate", "loss_of_life_h"}); err != nil {
		return fmt.Errorf("write temperatures: %w", err)
	}
	runErr := m.each(rows, w)
	w.Flush()
	return errors.Join(runErr, w.Error())
}

func (m Model) each(rows *input, w *csv.Writer) error {
	var (
		s    State
		last time.Time
		life float64
	)
	for n := 0; ; n++ {
		row, err := rows.next()
		if errors.Is(err, io.EOF) && n > 0 {
			return nil
		}
		if errors.Is(err, io.EOF) {
			return errors.New("input has a header and no rows: give at least one")
		}
		if err != nil {
			return err
		}
		k := row.loadA / m.p.RatedCurrentA
		if math.Abs(k) > utmostLoad {
			return fmt.Errorf("line %d: load_a %v is over %d times the rated current of %v A: check the unit and the ratio", rows.line, row.loadA, utmostLoad, m.p.RatedCurrentA)
		}
		if n == 0 {
			s = m.Begin(k, row.ambientC)
		} else {
			dt := row.at.Sub(last)
			if dt <= 0 {
				return fmt.Errorf("line %d: time %s is not after the row before it: sort the rows and remove duplicates", rows.line, row.stamp)
			}
			s = m.Step(s, k, row.ambientC, dt)
			life += m.AgeingRate(s.HotSpotC()) * dt.Hours()
		}
		last = row.at
		cells := []string{row.stamp}
		for _, x := range []float64{s.TopOilC, s.HotSpotC()} {
			cells = append(cells, strconv.FormatFloat(x, 'f', 4, 64))
		}
		for _, x := range []float64{m.AgeingRate(s.HotSpotC()), life} {
			cells = append(cells, strconv.FormatFloat(x, 'g', 9, 64))
		}
		if err := w.Write(cells); err != nil {
			return fmt.Errorf("write temperatures: %w", err)
		}
	}
}

// row is one line of the input.
type row struct {
	at              time.Time
	stamp           string // as it was written
	loadA, ambientC float64
}

type input struct {
	r    *csv.Reader
	at   [len(columns)]int // which cell holds columns[i]
	line int
}

func newInput(in io.Reader) (*input, error) {
	r := csv.NewReader(in)
	r.ReuseRecord, r.TrimLeadingSpace = true, true
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("input is empty: the first line must be time,load_a,ambient_c")
	}
	if err != nil {
		return nil, fmt.Errorf("read header: %w", err)
	}
	i := &input{r: r}
	for c, name := range columns {
		i.at[c] = -1
		for cell, text := range header {
			if strings.TrimPrefix(strings.TrimSpace(text), "\ufeff") == name {
				i.at[c] = cell
			}
		}
		if i.at[c] < 0 {
			return nil, fmt.Errorf("line 1: no column %s in %q: the header must be time,load_a,ambient_c", name, strings.Join(header, ","))
		}
	}
	return i, nil
}

func (i *input) next() (row, error) {
	cells, err := i.r.Read()
	if err != nil {
		if errors.Is(err, io.EOF) {
			return row{}, err
		}
		return row{}, fmt.Errorf("read input: %w", err)
	}
	i.line, _ = i.r.FieldPos(0)
	out := row{stamp: strings.TrimSpace(cells[i.at[0]])}
	if out.at, err = time.Parse(time.RFC3339Nano, out.stamp); err != nil {
		return row{}, fmt.Errorf("line %d: time %q: write it as 2026-06-22T20:30:00+07:00", i.line, out.stamp)
	}
	for c, x := range map[int]*float64{1: &out.loadA, 2: &out.ambientC} {
		text := strings.TrimSpace(cells[i.at[c]])
		*x, err = strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(*x) || math.IsInf(*x, 0) {
			return row{}, fmt.Errorf("line %d: %s %q: a number with a decimal point is needed; leave the row out if it is not known", i.line, columns[c], text)
		}
	}
	if out.ambientC < -90 || out.ambientC > 100 {
		return row{}, fmt.Errorf("line %d: ambient_c %v: no air on earth has this temperature", i.line, out.ambientC)
	}
	return out, nil
}
