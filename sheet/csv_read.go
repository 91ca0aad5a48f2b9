package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

var utf8BOM = []byte("\xef\xbb\xbf")

// CSV reads one table: UTF-8 with or without a byte order mark, separated
// by comma, semicolon or tab (found by the header), fields quoted as RFC 4180
// has it. Text is brought to Unicode NFC. The error is a *Fault with source as
// its file, or the reader's.
func (in Reader) CSV(r io.Reader, source string) (Table, error) {
	return in.csv(r, source, &rows{tell: in.Progress})
}

func (in Reader) csv(r io.Reader, source string, count *rows) (Table, error) {
	t := Table{Name: strings.TrimSuffix(source, filepath.Ext(source)), Source: source}
	b, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return t, fmt.Errorf("read %s: %w", source, err)
	}
	if text := refuse(b, in.Encoding); text != "" {
		return t, &Fault{source, 0, text}
	}
	if in.Encoding.legacy() && !utf8.Valid(b) {
		b = latin1(b)
	} else {
		b = norm.NFC.Bytes(bytes.TrimPrefix(b, utf8BOM))
	}
	sep, skipped := separator(b), 0
	if hint, rest, ok := excelHint(b); ok {
		b, sep, skipped = rest, hint, 1
	}
	c := csv.NewReader(bytes.NewReader(b))
	c.Comma, c.FieldsPerRecord = sep, -1
	return t, t.fill(count, func() ([]string, int, error) {
		cells, err := c.Read()
		if err != nil {
			return nil, 0, csvError(err, source, skipped)
		}
		line, _ := c.FieldPos(0)
		if in.Encoding.legacy() {
			for i, s := range cells {
				cells[i] = in.Encoding.decode(s)
			}
		}
		return cells, line + skipped, nil
	})
}

// refuse says why bytes cannot be a CSV file of ours.
func refuse(b []byte, e Encoding) string {
	switch {
	case len(b) > maxFile:
		return fmt.Sprintf("is larger than %d MiB: split it", maxFile>>20)
	case bytes.HasPrefix(b, []byte("PK\x03\x04")):
		return "is a workbook, not CSV: name it .xlsx"
	case bytes.HasPrefix(b, []byte("\xff\xfe")), bytes.HasPrefix(b, []byte("\xfe\xff")):
		return `is UTF-16: save it as "CSV UTF-8"`
	case !utf8.Valid(b) && !e.legacy():
		return `is not UTF-8: save it as "CSV UTF-8", or say that it is of old fonts by the encoding tcvn3 or vni`
	case e.legacy() && utf8.Valid(b) && bytes.ContainsFunc(b, func(r rune) bool { return r > unicode.MaxASCII }):
		return "is UTF-8, not " + string(e) + ": leave the encoding out"
	case bytes.IndexByte(b, 0) >= 0:
		return "holds a NUL byte: it is no text file"
	}
	return ""
}

// excelHint reads the "sep=;" line that Excel writes and understands.
func excelHint(b []byte) (rune, []byte, bool) {
	line, rest, _ := bytes.Cut(b, []byte("\n"))
	line = bytes.TrimRight(line, "\r")
	if len(line) == 5 && strings.EqualFold(string(line[:4]), "sep=") && strings.ContainsRune(",;\t", rune(line[4])) {
		return rune(line[4]), rest, true
	}
	return 0, nil, false
}

// separator takes the character that the header, the first line that is not
// blank, has most of outside quotes.
func separator(b []byte) rune {
	count, quoted := map[rune]int{}, false
header:
	for _, r := range string(bytes.TrimLeft(b[:min(len(b), maxHeader)], "\r\n")) {
		switch {
		case r == '"':
			quoted = !quoted
		case quoted:
		case r == '\n':
			break header
		default:
			count[r]++
		}
	}
	best := ','
	for _, r := range ";\t" {
		if count[r] > count[best] {
			best = r
		}
	}
	return best
}

func csvError(err error, source string, skipped int) error {
	var p *csv.ParseError
	if !errors.As(err, &p) {
		return err
	}
	text := "cannot be read: " + p.Err.Error()
	if errors.Is(p.Err, csv.ErrQuote) || errors.Is(p.Err, csv.ErrBareQuote) {
		text = `has a stray ": write a field that holds one within quotes, and the quote twice`
	}
	return &Fault{source, p.Line + skipped, text}
}

// fill reads header and rows from next until io.EOF.
func (t *Table) fill(count *rows, next func() (cells []string, line int, err error)) error {
	for {
		cells, line, err := next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if len(cells) > maxColumns {
			return &Fault{t.Source, line, fmt.Sprintf("has %d columns, at most %d are read", len(cells), maxColumns)}
		}
		blank := true
		for i, s := range cells {
			cells[i] = Unguard(strings.TrimSpace(s))
			blank = blank && cells[i] == ""
		}
		switch {
		case blank:
		case t.Header == nil:
			t.Header = cells
		case len(t.Rows) == maxRows:
			return &Fault{t.Source, line, fmt.Sprintf("has more than %d rows: split it", maxRows)}
		default:
			t.Rows = append(t.Rows, Row{Line: line, Cells: cells})
			count.add()
		}
	}
}

// Folder reads each *.csv file of dir, in the order of their names, and
// says what is wrong with those that cannot be read.
func (in Reader) Folder(dir string) ([]Table, []Fault) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, []Fault{{dir, 0, err.Error()}}
	}
	var tables []Table
	var faults []Fault
	count := rows{tell: in.Progress}
	for _, e := range entries {
		if e.IsDir() || !strings.EqualFold(filepath.Ext(e.Name()), ".csv") {
			continue
		}
		t, err := in.file(filepath.Join(dir, e.Name()), &count)
		if err != nil {
			faults = append(faults, asFault(err, e.Name()))
			continue
		}
		tables = append(tables, t)
	}
	return tables, slices.Clip(faults)
}

// File reads one CSV file.
func (in Reader) File(path string) ([]Table, []Fault) {
	t, err := in.file(path, &rows{tell: in.Progress})
	if err != nil {
		return nil, []Fault{asFault(err, filepath.Base(path))}
	}
	return []Table{t}, nil
}

func (in Reader) file(path string, count *rows) (Table, error) {
	f, err := os.Open(path)
	if err != nil {
		return Table{}, err
	}
	defer func() { _ = f.Close() }()
	return in.csv(f, filepath.Base(path), count)
}

func asFault(err error, source string) Fault {
	if f, ok := errors.AsType[*Fault](err); ok {
		return *f
	}
	return Fault{source, 0, err.Error()}
}
