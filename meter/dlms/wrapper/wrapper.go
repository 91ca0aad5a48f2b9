// Package wrapper frames DLMS messages on a TCP stream (IEC 62056-47): a
// header of eight octets with version, source port, destination port and
// length. There is no check sum and no way to find the next frame after a bad
// header, so an error means that the connection is of no further use.
package wrapper

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

// HeaderSize is the number of octets before the message.
const HeaderSize = 8

const version = 1

// bufferSize holds most answers to a poll, so that one read fetches a frame.
const bufferSize = 512

// Frame is one message and the ports that it goes between. Payload is valid
// until the next frame is read.
type Frame struct {
	Source, Destination uint16
	Payload             []byte
}

// HeaderError says that what came is no frame.
type HeaderError struct{ Header [HeaderSize]byte }

// Error shows the octets.
func (e *HeaderError) Error() string {
	return fmt.Sprintf("octets %X are no wrapper header: it begins with 0001 and a length of at least 1", e.Header)
}

// Reader reads frames from a stream.
type Reader struct {
	r       *bufio.Reader
	limit   int
	payload []byte
}

// NewReader reads frames whose message has at most limit octets; no limit, or
// one past 65535, is that of the header.
func NewReader(r io.Reader, limit int) *Reader {
	if limit <= 0 || limit > 0xFFFF {
		limit = 0xFFFF
	}
	return &Reader{r: bufio.NewReaderSize(r, bufferSize), limit: limit}
}

// Next reads one frame. io.EOF says that the stream ended between frames.
func (r *Reader) Next() (Frame, error) {
	var header [HeaderSize]byte
	if _, err := io.ReadFull(r.r, header[:]); err != nil {
		return Frame{}, err
	}
	n := int(binary.BigEndian.Uint16(header[6:]))
	if binary.BigEndian.Uint16(header[:]) != version || n == 0 || n > r.limit {
		return Frame{}, &HeaderError{header}
	}
	if cap(r.payload) < n {
		r.payload = make([]byte, n)
	}
	r.payload = r.payload[:n]
	if _, err := io.ReadFull(r.r, r.payload); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return Frame{}, err
	}
	return Frame{
		Source:      binary.BigEndian.Uint16(header[2:]),
		Destination: binary.BigEndian.Uint16(header[4:]),
		Payload:     r.payload,
	}, nil
}

// Begin appends a header for a message that is appended next; End completes it.
func Begin(b []byte, source, destination uint16) []byte {
	b = binary.BigEndian.AppendUint16(b, version)
	b = binary.BigEndian.AppendUint16(b, source)
	b = binary.BigEndian.AppendUint16(b, destination)
	return append(b, 0, 0)
}

// End writes the length of the message into the frame that begins at b[0].
func End(b []byte) ([]byte, error) {
	n := len(b) - HeaderSize
	if n < 1 || n > 0xFFFF {
		return nil, fmt.Errorf("message of %d octets does not fit into a frame", n)
	}
	binary.BigEndian.PutUint16(b[6:], uint16(n))
	return b, nil
}
