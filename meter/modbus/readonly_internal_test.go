package modbus

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"time"
)

// watched counts the bytes that leave a socket.
type watched struct {
	net.Conn
	sent *atomic.Int64
}

func (w watched) Write(b []byte) (int, error) {
	w.sent.Add(int64(len(b)))
	return w.Conn.Write(b)
}

type pipeLine struct{ conn net.Conn }

func (p pipeLine) Conn(context.Context) (net.Conn, error) { return p.conn, nil }
func (p pipeLine) Drop()                                  {}

func TestNoWriteLeavesTheSocket(t *testing.T) {
	near, far := net.Pipe()
	defer func() { _, _ = near.Close(), far.Close() }()
	var sent atomic.Int64
	unit := NewUnit(NewChannel(pipeLine{watched{near, &sent}}), 1, 50*time.Millisecond, 0)
	client := unit.client
	writes := map[string]func() ([]byte, error){
		"WriteSingleCoil":            func() ([]byte, error) { return client.WriteSingleCoil(1, 0xFF00) },
		"WriteMultipleCoils":         func() ([]byte, error) { return client.WriteMultipleCoils(1, 8, []byte{1}) },
		"WriteSingleRegister":        func() ([]byte, error) { return client.WriteSingleRegister(1, 2) },
		"WriteMultipleRegisters":     func() ([]byte, error) { return client.WriteMultipleRegisters(1, 1, []byte{0, 2}) },
		"ReadWriteMultipleRegisters": func() ([]byte, error) { return client.ReadWriteMultipleRegisters(1, 1, 1, 1, []byte{0, 2}) },
		"MaskWriteRegister":          func() ([]byte, error) { return client.MaskWriteRegister(1, 2, 3) },
		"ReadFIFOQueue":              func() ([]byte, error) { return client.ReadFIFOQueue(1) },
	}
	for name, write := range writes {
		_, err := write()
		if _, ok := errors.AsType[*WriteRefused](err); !ok {
			t.Errorf("%s: got %v, want a refusal", name, err)
		}
	}
	if n := sent.Load(); n != 0 {
		t.Fatalf("%d bytes left the socket", n)
	}
	go func() { _, _ = far.Read(make([]byte, 12)) }()
	if _, err := client.ReadInputRegisters(0, 1); err == nil || sent.Load() != 12 {
		t.Errorf("the counter does not count: %d bytes, %v", sent.Load(), err)
	}
}
