package app

import (
	"context"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"phutai/cases"
	"phutai/grid"
	"phutai/plausibility"
	"phutai/sheet"
)

// doubtful joins the register to the checks of its numbers.
type doubtful struct {
	stations *stations
	zone     *time.Location
}

// Facts gives what the register says about a point at a time. The rated current is
// left out where the rating of one transformer behind it is not known.
func (d doubtful) Facts(p grid.PointID, at time.Time) (plausibility.Facts, bool) {
	view := d.stations.register.View(at)
	point, ok := view.Point(p)
	if !ok {
		return plausibility.Facts{}, false
	}
	f := plausibility.Facts{Point: point, Zone: d.zone}
	for _, id := range point.Transformers {
		t, _ := view.Transformer(id)
		amps := t.RatedCurrent(point.Side)
		if amps == 0 {
			f.RatedAmps = 0
			break
		}
		f.RatedAmps += amps
	}
	if m, ok := view.Meter(p); ok {
		f.Meter = m.ID
	}
	return f, true
}

// listening decodes batches and lets the book hear what meters say about
// themselves: that is a remark beside a reading, and does not go through the journal.
func listening(decode func([]byte) (grid.Batch, error), book *cases.Book) func([]byte) (grid.Batch, error) {
	return func(payload []byte) (grid.Batch, error) {
		b, err := decode(payload)
		for i := range b.Readings {
			if r := &b.Readings[i]; r.Plate != nil {
				book.Said(r.Point, r.At, *r.Plate)
			}
		}
		return b, err
	}
}

// caseTable writes data cases for people.
type caseTable struct {
	book     *cases.Book
	stations *stations
	zone     *time.Location
}

func caseColumns(lang string) []string {
	return map[string][]string{
		"vi": {"Số", "Mã điểm đo", "Trạm", "Kiểm tra", "Từ", "Mở lúc", "Thấy lần cuối", "Kết thúc", "Đóng lúc", "Người đóng", "Lý do", "Bằng chứng"},
		"en": {"Case", "Point", "Substation", "Check", "Since", "Opened", "Last seen", "Closing", "Closed", "Closed by", "Reason", "Evidence"},
	}[lang]
}

// WriteCases writes the open cases and then all that were closed, as CSV with the
// mark by which a Vietnamese Excel knows UTF-8.
func (c caseTable) WriteCases(ctx context.Context, w io.Writer, lang string) error {
	open, err := c.book.Standing(ctx)
	if err != nil {
		return err
	}
	closed, err := c.book.Closed(ctx, math.MaxInt32)
	if err != nil {
		return err
	}
	table := sheet.NewCSVWriter(w, sheet.CSVStyle{BOM: true})
	if err := table.Write(texts(caseColumns(lang))...); err != nil {
		return err
	}
	view := c.stations.register.View(c.stations.clock.Now())
	for _, x := range append(open, closed...) {
		point, _ := view.Point(x.Point)
		sub, _ := view.Substation(point.Substation)
		evidence := make([]string, len(x.Evidence))
		for i, f := range x.Evidence {
			evidence[i] = f.Name + "=" + f.Text
		}
		row := []string{
			strconv.FormatInt(x.ID, 10), string(x.Point), sub.Name, string(x.Check), c.moment(x.Since), c.moment(x.OpenedAt), c.moment(x.LastSeen),
			string(x.Closing), c.moment(x.ClosedAt), x.ClosedBy, x.Why, strings.Join(evidence, "; "),
		}
		if err := table.Write(texts(row)...); err != nil {
			return fmt.Errorf("table of data cases: %w", err)
		}
	}
	return table.Flush()
}

func (c caseTable) moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(c.zone).Format("2006-01-02 15:04:05")
}

func texts(row []string) []sheet.Cell {
	cells := make([]sheet.Cell, len(row))
	for i, text := range row {
		cells[i] = sheet.Text(text)
	}
	return cells
}
