package modbusmeter

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"

	"phutai/grid"
)

type blank struct{}

func (blank) Instant(time.Time) grid.Values { return grid.Values{} }

// FuzzRequest sends anything to a unit with any fault: each answer but garbage
// is a whole frame with the request's transaction id.
func FuzzRequest(f *testing.F) {
	f.Add([]byte{0, 1, 0, 0, 0, 6, 1, 4, 0, 0, 0, 2}, byte(Healthy))
	f.Add([]byte{0, 1, 0, 0, 0, 6, 1, 4, 0, 0x33, 0, 2}, byte(Hole))
	f.Add([]byte{0, 1, 0, 0, 0, 2, 1, 4}, byte(HalfAnswer))
	f.Add([]byte{0, 1, 0, 0, 0, 6, 1, 6, 0, 0, 0, 2}, byte(WrongCount))
	f.Fuzz(func(t *testing.T, stream []byte, fault byte) {
		s := New(Config{Units: map[byte]Unit{1: {Source: blank{}, Fault: Fault(fault)}}})
		var buf [260]byte
		r := bytes.NewReader(stream)
		for n := uint64(1); ; n++ {
			request, err := readRequest(r, buf[:])
			if err != nil {
				return
			}
			b, _, hangup := s.answer(request, n)
			if len(b) == 0 || hangup || Fault(fault) == Garbage || Fault(fault) == Stale {
				continue
			}
			if !bytes.Equal(b[:4], []byte{request[0], request[1], 0, 0}) || int(binary.BigEndian.Uint16(b[4:])) != len(b)-6 {
				t.Fatalf("% x is answered by % x", request, b)
			}
		}
	})
}
