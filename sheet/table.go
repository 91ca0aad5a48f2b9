package sheet

import "fmt"

// Table is one CSV file or one sheet of a workbook.
type Table struct {
	Name   string   // of the sheet, or of the file without its extension
	Source string   // "points.csv" or "book.xlsx!points", for messages; set by reading
	Header []string // as written, trimmed
	Rows   []Row
	// Numbers marks the columns whose cells are numbers with a decimal point;
	// writing needs it, reading leaves it empty. A column beyond its end is text.
	Numbers []bool
}

// Row is one row below the header. Blank rows are left out.
type Row struct {
	Line  int      // in the file, counted from 1
	Cells []string // may be shorter or longer than the header
	// Numeric marks cells that a workbook stores as a number. Their point is a
	// decimal one, where in a CSV file it may group thousands; and where a code
	// was meant, they may have lost some of it. Nil means none.
	Numeric map[int]bool
}

// number tells whether column i holds numbers.
func (t *Table) number(i int) bool { return i < len(t.Numbers) && t.Numbers[i] }

// Fault is what is wrong with a file, so that its rows cannot be read.
type Fault struct {
	Source string // "points.csv" or "book.xlsx!points"
	Line   int    // zero: the file as a whole
	Text   string
}

// Error gives "file:line: text".
func (f *Fault) Error() string {
	if f.Line == 0 {
		return fmt.Sprintf("%s: %s", f.Source, f.Text)
	}
	return fmt.Sprintf("%s:%d: %s", f.Source, f.Line, f.Text)
}

// What a file may hold at most: far above any register of one company, and
// far below what exhausts the machine.
const (
	maxFile    = 64 << 20  // bytes of a CSV file or of a packed workbook
	maxUnpack  = 256 << 20 // bytes of a workbook's parts together
	maxHeader  = 64 << 10  // bytes of the header in which the separator is sought
	maxColumns = 256
	maxRows    = 1 << 20 // what one sheet can hold
)
