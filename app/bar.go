package app

import (
	"fmt"
	"io"
	"os"
	"time"
)

// bar draws how far something has come, on a terminal and only if it takes long.
type bar struct {
	to    io.Writer // nil: nobody looks
	what  string
	since time.Time
	drawn time.Time
}

// When a bar appears, and how often it is drawn anew.
const (
	barAfter = 2 * time.Second
	barEvery = 200 * time.Millisecond
)

func newBar(to io.Writer, what string) *bar {
	b := &bar{what: what, since: time.Now()}
	if f, ok := to.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			b.to = f
		}
	}
	return b
}

// longToRead is a size in bytes of which the check alone may take two seconds.
const longToRead = 200 << 20

// show draws that so many of so many bytes are copied; a whole copy is read
// through next.
func (b *bar) show(done, total int64) {
	now := time.Now()
	if b.to != nil && done >= total && (total > longToRead || !b.drawn.IsZero()) {
		b.drawn = now
		fmt.Fprintf(b.to, "\r\x1b[K%s: %s copied, reading the copy through ", b.what, size(total))
		return
	}
	if b.to == nil || total == 0 || now.Sub(b.since) < barAfter || now.Sub(b.drawn) < barEvery {
		return
	}
	b.drawn = now
	fmt.Fprintf(b.to, "\r%s: %d %% of %s ", b.what, 100*done/total, size(total))
}

// rows draws that so many rows are read; how many there are nobody knows yet.
func (b *bar) rows(read int) {
	now := time.Now()
	if b.to == nil || now.Sub(b.since) < barAfter || now.Sub(b.drawn) < barEvery {
		return
	}
	b.drawn = now
	fmt.Fprintf(b.to, "\r%s: %d rows read ", b.what, read)
}

// end leaves an empty line behind.
func (b *bar) end() {
	if !b.drawn.IsZero() {
		fmt.Fprint(b.to, "\r\x1b[K")
	}
}
