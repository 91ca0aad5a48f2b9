package lossy

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
)

// sectorSize is what a disk writes whole or not at all.
const sectorSize = 512

// history is a thing of the disk: as it is safe, and as it became since.
type history[T any] struct {
	safe  T
	later []T
	fresh bool // it changed since a sync was last tried
}

func (h *history[T]) now() T {
	if len(h.later) == 0 {
		return h.safe
	}
	return h.later[len(h.later)-1]
}

func (h *history[T]) put(x T) { h.later, h.fresh = append(h.later, x), true }

// settle makes what changed since the last sync safe. What a sync has failed for
// stays as uncertain as it was.
func (h *history[T]) settle() {
	if h.fresh {
		h.safe, h.later, h.fresh = h.now(), nil, false
	}
}

// content is one file.
type content struct {
	size    history[int64]
	sectors map[int64]*history[[]byte] // those never written are zeros
}

func (c *content) sector(i int64) *history[[]byte] {
	s := c.sectors[i]
	if s == nil {
		s = &history[[]byte]{safe: make([]byte, sectorSize)}
		c.sectors[i] = s
	}
	return s
}

func (c *content) write(data []byte, at int64) {
	for len(data) > 0 {
		i, off := at/sectorSize, at%sectorSize
		n := min(int64(len(data)), sectorSize-off)
		s := c.sector(i)
		next := bytes.Clone(s.now())
		copy(next[off:], data[:n])
		s.put(next)
		data, at = data[n:], at+n
	}
	if at >= c.size.now() { // written to the end again: the next sync is about the size too
		c.size.put(at)
	}
}

func (c *content) truncate(size int64) {
	for i, s := range c.sectors {
		if keep := size - i*sectorSize; keep < sectorSize {
			next := make([]byte, sectorSize)
			copy(next, s.now()[:max(0, keep)])
			s.put(next)
		}
	}
	c.size.put(size)
}

func (c *content) each(f func(*history[[]byte])) {
	for _, s := range c.sectors {
		f(s)
	}
}

// Replay goes through the record of a disk and makes images on the way.
type Replay struct {
	record []operation
	at     int
	files  map[int]*content
	names  map[string]*history[int] // zero: there is no such file
}

// Replay begins at the beginning of the record as it is now.
func (d *Disk) Replay() *Replay {
	d.mu.Lock()
	defer d.mu.Unlock()
	return &Replay{record: slices.Clone(d.record), files: map[int]*content{}, names: map[string]*history[int]{}}
}

// To goes forward to a moment (see Disk.Now).
func (r *Replay) To(moment int) {
	for ; r.at < moment; r.at++ {
		r.apply(&r.record[r.at])
	}
}

func (r *Replay) apply(o *operation) {
	c := r.files[o.file]
	if c == nil && o.file != 0 {
		c = &content{sectors: map[int64]*history[[]byte]{}}
		r.files[o.file] = c
	}
	switch o.kind {
	case create:
		r.name(o.name).put(o.file)
	case find:
		if o.data != nil {
			c.write(o.data, 0)
			r.settle(c)
		}
		if n := r.name(o.name); n.now() != o.file {
			*n = history[int]{safe: o.file}
		}
	case write:
		c.write(o.data, o.at)
	case truncate:
		c.truncate(o.at)
	case settle:
		r.settle(c)
	case unsettle:
		c.size.fresh = false
		c.each(func(s *history[[]byte]) { s.fresh = false })
	case remove:
		r.name(o.name).put(0)
	case folder:
		for _, n := range r.names {
			n.settle()
		}
	}
}

func (r *Replay) settle(c *content) {
	c.size.settle()
	c.each((*history[[]byte]).settle)
}

func (r *Replay) name(s string) *history[int] {
	n := r.names[s]
	if n == nil {
		n = &history[int]{}
		r.names[s] = n
	}
	return n
}

// Image writes into the folder dir what the disk could hold if the power failed
// at this moment; the seed says which of the possibilities it is.
func (r *Replay) Image(dir string, seed uint64) error {
	l := luck{rand.New(rand.NewPCG(seed, uint64(r.at))), 0}
	// What is not synced is lost in one case of eight, and kept in another.
	l.all = l.IntN(8)
	for _, name := range sorted(r.names) {
		file := pick(&l, r.names[name])
		if file == 0 {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, name), r.files[file].image(&l), 0o600); err != nil {
			return fmt.Errorf("image of the lossy disk: %w", err)
		}
	}
	return nil
}

func (c *content) image(l *luck) []byte {
	out := make([]byte, pick(l, &c.size))
	for _, i := range sorted(c.sectors) {
		if data := pick(l, c.sectors[i]); i*sectorSize < int64(len(out)) {
			copy(out[i*sectorSize:], data)
		}
	}
	return out
}

// luck decides what of the uncertain has reached the disk.
type luck struct {
	*rand.Rand
	all int // 0: nothing has, 1: everything
}

func pick[T any](l *luck, h *history[T]) T {
	if len(h.later) == 0 || l.all == 0 {
		return h.safe
	}
	if l.all == 1 {
		return h.now()
	}
	if i := l.IntN(len(h.later) + 1); i > 0 {
		return h.later[i-1]
	}
	return h.safe
}

func sorted[K int64 | string, V any](m map[K]V) []K {
	out := make([]K, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
