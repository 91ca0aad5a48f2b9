package modbus_test

import (
	"errors"
	"testing"
	"time"

	"phutai/meter/modbus"
	"phutai/sim/modbusmeter"
)

func TestConnectionClosedBetweenPollsIsReplaced(t *testing.T) {
	address := script(t, func(n int, request []byte) []byte {
		if n == 3 {
			return nil // a modem restarts after two good answers
		}
		return reply(request, 4, 2, 0, byte(n))
	})
	ch, l := dial(t, address)
	u := modbus.NewUnit(ch, 1, long, 0)
	for i := range 5 {
		if _, err := u.Read(t.Context(), 4, 0, 1); err != nil {
			t.Fatalf("read %d: %v", i, err)
		}
	}
	if begun, _ := l.Dials(); begun != 2 {
		t.Errorf("%d dials, want 2", begun)
	}
}

func TestPeerThatAlwaysHangsUpIsNotAskedForEver(t *testing.T) {
	address := script(t, func(int, []byte) []byte { return nil })
	ch, l := dial(t, address)
	u := modbus.NewUnit(ch, 1, long, 0)
	for range 3 {
		if _, err := u.Read(t.Context(), 4, 0, 1); err == nil {
			t.Fatal("read of nothing succeeded")
		}
	}
	if begun, _ := l.Dials(); begun != 3 {
		t.Errorf("%d dials for 3 reads, want 3", begun)
	}
}

func TestLateAnswerIsNeverTakenForTheNextOne(t *testing.T) {
	server, address := serve(t, modbusmeter.Config{Units: map[byte]modbusmeter.Unit{
		1: {Source: shows(1), Delay: 2 * short}, 2: {Source: shows(2)},
	}})
	ch, _ := dial(t, address)
	late, prompt := modbus.New(ch, figures(1, short)), modbus.New(ch, figures(2, long))
	for range 3 {
		if _, err := late.Poll(t.Context()); err == nil {
			t.Fatal("an answer after the deadline was taken")
		}
		s, err := prompt.Poll(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got, want := asMap(s.Values)["ua"], wanted(2)["ua"]; got != want {
			t.Errorf("ua: got %v, want %v", got, want)
		}
	}
	if n := server.Connections(); n > 4 {
		t.Errorf("%d connections", n)
	}
}

func TestAnswerInPiecesIsPutTogether(t *testing.T) {
	address := script(t, func(n int, request []byte) []byte {
		whole := reply(request, 4, 4, 1, 2, 3, 4)
		stale := reply(append([]byte{0xEE, 0xEE}, request[2:]...), 4, 4, 9, 9, 9, 9)
		return append(append(stale, stale...), whole...)
	})
	ch, _ := dial(t, address)
	b, err := modbus.NewUnit(ch, 1, long, 0).Read(t.Context(), 4, 0, 2)
	if err != nil || string(b) != "\x01\x02\x03\x04" {
		t.Errorf("got % x, %v", b, err)
	}
}

func TestBytesBehindAnAnswerDoNotReachTheNext(t *testing.T) {
	address := script(t, func(n int, request []byte) []byte {
		return append(reply(request, 4, 2, 0, byte(n)), 0xFF, 0xFF)
	})
	ch, l := dial(t, address)
	u := modbus.NewUnit(ch, 1, long, 0)
	for i := byte(1); i <= 3; i++ {
		if _, err := u.Read(t.Context(), 3, 0, 1); err == nil {
			t.Fatal("an answer to function 3 by function 4 was taken")
		}
		if b, err := u.Read(t.Context(), 4, 0, 1); err != nil || b[1] != 2*i {
			t.Fatalf("got % x, %v", b, err)
		}
	}
	if begun, _ := l.Dials(); begun != 6 {
		t.Errorf("%d dials, want 6", begun)
	}
}

func TestPauseKeepsRequestsApart(t *testing.T) {
	_, address := serve(t, modbusmeter.Config{Units: map[byte]modbusmeter.Unit{1: {Source: shows(1)}}})
	ch, _ := dial(t, address)
	u := modbus.NewUnit(ch, 1, long, 30*time.Millisecond)
	start := time.Now()
	for range 3 {
		if _, err := u.Read(t.Context(), 4, 0, 2); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(start); took < 60*time.Millisecond {
		t.Errorf("three requests with two pauses of 30ms took %v", took)
	}
}

func TestOnlyReadsAreAccepted(t *testing.T) {
	ch, l := dial(t, "tcp://127.0.0.1:1")
	for _, function := range []byte{0, 5, 6, 15, 16, 22, 23, 43, 0x84} {
		_, err := modbus.NewUnit(ch, 1, long, 0).Read(t.Context(), function, 0, 1)
		var refused *modbus.WriteRefused
		if !errors.As(err, &refused) || refused.Function != function {
			t.Errorf("function %d: got %v", function, err)
		}
	}
	if begun, _ := l.Dials(); begun != 0 {
		t.Errorf("%d dials", begun)
	}
}

func TestCoilsAndInputsAreReadBitwise(t *testing.T) {
	address := script(t, func(_ int, request []byte) []byte {
		return reply(request, request[7], 2, 0xA5, 0x01)
	})
	ch, _ := dial(t, address)
	for _, function := range []byte{1, 2} {
		b, err := modbus.NewUnit(ch, 1, long, 0).Read(t.Context(), function, 0, 9)
		if err != nil || len(b) != 2 || b[0] != 0xA5 {
			t.Errorf("function %d: got % x, %v", function, b, err)
		}
	}
}
