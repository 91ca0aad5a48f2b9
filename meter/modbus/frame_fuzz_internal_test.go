package modbus

import (
	"bytes"
	"context"
	"encoding/binary"
	"net"
	"testing"
	"time"
)

// FuzzAnswer lets a peer answer a read of four registers with anything: what
// is taken must be a whole answer to this very request.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0, 0, 11, 7, 4, 8, 1, 2, 3, 4, 5, 6, 7, 8}, true)
	f.Add([]byte{0, 0, 0, 0, 0, 3, 7, 0x84, 2}, true)
	f.Add([]byte{0, 0, 0, 0, 0, 5, 7, 4, 2, 1, 2}, true)
	f.Add([]byte{0, 0, 0, 0, 0, 3, 7, 3, 2}, true)
	f.Add([]byte{0xEE, 0xEE, 0, 0, 0, 3, 7, 0x84, 2, 0, 0, 0, 0, 0, 3, 7, 0x84, 2}, false)
	f.Add([]byte{0, 0, 0, 0, 0xFF, 0xFF}, false)
	f.Add([]byte("SSH-2.0-x\r\n"), false)
	f.Fuzz(func(t *testing.T, answer []byte, fit bool) {
		answer = bytes.Clone(answer)
		near, far := net.Pipe()
		defer func() { _ = near.Close() }()
		done := make(chan struct{})
		go func() {
			defer close(done)
			defer func() { _ = far.Close() }()
			var request [12]byte
			if _, err := far.Read(request[:]); err != nil {
				return
			}
			if fit && len(answer) >= 2 {
				copy(answer, request[:2])
			}
			_, _ = far.Write(answer)
		}()
		unit := NewUnit(NewChannel(pipeLine{near}), 7, 5*time.Second, 0)
		data, err := unit.read(context.Background(), 4, 16, 4)
		_ = near.Close()
		<-done
		if err != nil {
			return
		}
		if len(data) != 8 {
			t.Fatalf("took %d bytes for four registers", len(data))
		}
		whole := false
		for at := 0; at+17 <= len(answer); at++ {
			b := answer[at:]
			whole = whole || binary.BigEndian.Uint16(b[4:]) == 11 && b[6] == 7 && b[7] == 4 && b[8] == 8 && string(b[9:17]) == string(data)
		}
		if !whole {
			t.Fatalf("took % x out of % x", data, answer)
		}
	})
}
