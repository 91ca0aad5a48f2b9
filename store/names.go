package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"sync"
	"time"

	"phutai/store/pack"
)

// book interns things of one kind: each gets a number when it is first seen in
// a transaction, and keeps it if that transaction commits. The insertion gives
// the number back also where the thing is there already: a commit whose success
// was reported as a failure may have left it.
type book[T comparable] struct {
	insert string
	args   func(T) []any

	mu      sync.RWMutex // guards the fields below
	numbers map[T]int64
	things  map[int64]T
}

func newBook[T comparable](insert string, args func(T) []any) *book[T] {
	return &book[T]{insert: insert, args: args, numbers: map[T]int64{}, things: map[int64]T{}}
}

func (b *book[T]) add(x T, n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.numbers[x], b.things[n] = n, x
}

func (b *book[T]) number(x T) (int64, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	n, ok := b.numbers[x]
	return n, ok
}

func (b *book[T]) thing(n int64) (T, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	x, ok := b.things[n]
	return x, ok
}

// all gives a copy of what is known, by number.
func (b *book[T]) all() map[int64]T {
	b.mu.RLock()
	defer b.mu.RUnlock()
	out := make(map[int64]T, len(b.things))
	maps.Copy(out, b.things)
	return out
}

// draft holds the numbers given within one transaction. keep makes them known
// to others and is called after the commit.
type draft[T comparable] struct {
	book  *book[T]
	fresh map[T]int64
}

func (b *book[T]) draft() *draft[T] { return &draft[T]{book: b} }

func (d *draft[T]) number(ctx context.Context, tx *sql.Tx, x T) (int64, error) {
	if n, ok := d.book.number(x); ok {
		return n, nil
	}
	if n, ok := d.fresh[x]; ok {
		return n, nil
	}
	var n int64
	if err := tx.QueryRowContext(ctx, d.book.insert, d.book.args(x)...).Scan(&n); err != nil {
		return 0, fmt.Errorf("number %v: %w", x, err)
	}
	if d.fresh == nil {
		d.fresh = map[T]int64{}
	}
	d.fresh[x] = n
	return n, nil
}

func (d *draft[T]) thing(n int64) (T, bool) {
	for x, m := range d.fresh {
		if m == n {
			return x, true
		}
	}
	return d.book.thing(n)
}

func (d *draft[T]) keep() {
	for x, n := range d.fresh {
		d.book.add(x, n)
	}
}

// known gives the thing of a number found in a row. A reader may meet a row just
// before its writer has made the number known; it then waits for the writer.
func known[T comparable](j *Journal, b *book[T], n int64) (T, bool) {
	if x, ok := b.thing(n); ok {
		return x, true
	}
	j.unseen.Lock()
	defer j.unseen.Unlock()
	return b.thing(n)
}

// shapeArgs and shapeOf are the two directions of a row of table shape.
func shapeArgs(s pack.Shape) []any {
	return []any{int64(s.Mask), s.Ratio, s.Interval.Milliseconds()}
}

func shapeOf(mask int64, ratio float64, ms int64) pack.Shape {
	return pack.Shape{Mask: uint32(mask), Ratio: ratio, Interval: time.Duration(ms) * time.Millisecond}
}
