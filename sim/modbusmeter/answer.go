package modbusmeter

import (
	"encoding/binary"
	"time"
)

const (
	illegalFunction = 1
	illegalAddress  = 2
	illegalValue    = 3
	deviceBusy      = 6
	noPath          = 0x0A
	noReply         = 0x0B
)

// answer gives the bytes to send after delay, none for silence, and whether
// the connection ends with them. n counts the connection's requests from 1.
func (s *Server) answer(request []byte, n uint64) (bytes []byte, delay time.Duration, hangup bool) {
	function := request[7]
	if function < 1 || function > 4 {
		s.writes.Add(1)
	} else {
		s.reads.Add(1)
	}
	u, ok := s.unit(request[6])
	if !ok {
		return exception(request, noPath), 0, false
	}
	switch u.Fault {
	case Silent:
		return nil, 0, false
	case Unreachable:
		return exception(request, noReply), u.Delay, false
	case Unavailable:
		return exception(request, noPath), u.Delay, false
	case BusyOnce:
		if n%2 == 1 {
			return exception(request, deviceBusy), u.Delay, false
		}
	case Garbage:
		return []byte("\x00\x01not a modbus frame at all"), u.Delay, false
	case Hangup:
		return nil, u.Delay, true
	}
	good := s.read(request, u)
	switch u.Fault {
	case HalfAnswer:
		return good[:len(good)/2], u.Delay, true
	case Hole:
		if len(request) != 12 {
			break
		}
		from := int(binary.BigEndian.Uint16(request[8:]))
		if from <= 53 && from+int(binary.BigEndian.Uint16(request[10:])) > 52 {
			return exception(request, illegalAddress), u.Delay, false
		}
	}
	return spoil(good, u.Fault), u.Delay, false
}

// read is the answer of a healthy meter.
func (s *Server) read(request []byte, u Unit) []byte {
	switch function := request[7]; {
	case function == 3 && len(request) == 12:
		return exception(request, illegalAddress) // the settings are not simulated
	case function != 4:
		return exception(request, illegalFunction)
	case len(request) != 12:
		return exception(request, illegalValue)
	}
	from, count := int(binary.BigEndian.Uint16(request[8:])), int(binary.BigEndian.Uint16(request[10:]))
	if count < 1 || count > maxRequest {
		return exception(request, illegalValue)
	}
	if from+count > mapEnd {
		return exception(request, illegalAddress)
	}
	words := image(u.Source, s.now())
	b := header(request, 3+2*count)
	b = append(b, request[7], byte(2*count))
	for _, w := range words[from : from+count] {
		b = binary.BigEndian.AppendUint16(b, w)
	}
	return b
}

// spoil makes a good answer a bad one.
func spoil(good []byte, f Fault) []byte {
	switch f {
	case Short:
		b := append([]byte(nil), good[:min(11, len(good))]...)
		b[5], b[8] = byte(len(b)-6), 2
		return b
	case WrongCount:
		good[8]++
	case Foreign:
		good[7] = 3
	case OtherUnit:
		good[6]++
	case Stale:
		old := append([]byte(nil), good...)
		binary.BigEndian.PutUint16(old, binary.BigEndian.Uint16(old)-1)
		for i := 9; i < len(old); i++ {
			old[i] = 0x42
		}
		return append(old, good...)
	}
	return good
}

func exception(request []byte, code byte) []byte {
	return append(header(request, 3), request[7]|0x80, code)
}

// header begins an answer of n bytes behind the length field.
func header(request []byte, n int) []byte {
	b := make([]byte, 0, 6+n)
	b = append(b, request[0], request[1], 0, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(n))
	return append(b, request[6])
}
