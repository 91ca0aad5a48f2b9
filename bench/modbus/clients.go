package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"time"

	goburrow "github.com/goburrow/modbus"

	"phutai/line"
	"phutai/meter/modbus"
)

const (
	registers = 40
	timeout   = 30 * time.Second
)

// bare is the least that a client can do: send, set a deadline, read.
func bare(ctx context.Context, address string) (reader, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return reader{}, err
	}
	request := []byte{0, 0, 0, 0, 0, 6, 1, 4, 0, 0, 0, registers}
	answer := make([]byte, 9+2*registers)
	var id uint16
	read := func() error {
		id++
		binary.BigEndian.PutUint16(request, id)
		if err := conn.SetDeadline(time.Now().Add(timeout)); err != nil {
			return err
		}
		if _, err := conn.Write(request); err != nil {
			return err
		}
		if _, err := io.ReadFull(conn, answer); err != nil {
			return err
		}
		if binary.BigEndian.Uint16(answer) != id || answer[8] != 2*registers {
			return fmt.Errorf("wrong answer % x", answer[:9])
		}
		return nil
	}
	return reader{read, func() { _ = conn.Close() }}, nil
}

func ours(ctx context.Context, address string) (reader, error) {
	l, err := line.Open("tcp://"+address, line.Options{})
	if err != nil {
		return reader{}, err
	}
	ctx, cancel := context.WithCancel(ctx) // as each line's owner has one
	unit := modbus.NewUnit(modbus.NewChannel(l), 1, timeout, 0)
	read := func() error {
		b, err := unit.Read(ctx, 4, 0, registers)
		if err == nil && len(b) != 2*registers {
			err = fmt.Errorf("%d bytes", len(b))
		}
		return err
	}
	return reader{read, func() { cancel(); _ = l.Close() }}, nil
}

func stock(_ context.Context, address string) (reader, error) {
	handler := goburrow.NewTCPClientHandler(address)
	handler.Timeout, handler.SlaveId = timeout, 1
	if err := handler.Connect(); err != nil {
		return reader{}, err
	}
	client := goburrow.NewClient(handler)
	read := func() error {
		_, err := client.ReadInputRegisters(0, registers)
		return err
	}
	return reader{read, func() { _ = handler.Close() }}, nil
}
