package modbus

import (
	"context"
	"errors"
	"time"

	"github.com/goburrow/modbus"
)

// DefaultTimeout is for a meter on a local network or a good modem.
const DefaultTimeout = 3 * time.Second

const (
	busyRetries = 2
	busyWait    = 150 * time.Millisecond
)

// Unit is one unit id of a Channel. It is the raw reader below Device, for
// those who look for registers; it belongs to the channel's goroutine.
type Unit struct {
	ch      *Channel
	id      byte
	timeout time.Duration
	gap     time.Duration
	client  modbus.Client
	pdu     modbus.ProtocolDataUnit // of the last answer
	ctx     context.Context         // of the Read in progress; the client's methods take none
	request [headerLen + 5]byte
}

// NewUnit makes the reader of one unit id. Timeout bounds one exchange, zero
// counts as DefaultTimeout; pause is the least time between two exchanges.
func NewUnit(ch *Channel, id byte, timeout, pause time.Duration) *Unit {
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	u := &Unit{ch: ch, id: id, timeout: timeout, gap: pause, ctx: context.Background()}
	u.client = modbus.NewClient2(packager{u}, u)
	return u
}

// Send is the Transporter of the client.
func (u *Unit) Send(request []byte) ([]byte, error) {
	return u.ch.exchange(u.ctx, request, u.timeout)
}

// Read reads count coils, inputs or registers from address on, by function 1
// to 4. The bytes are valid until the channel's next exchange. A busy meter is
// asked again. Errors: *Exception, *SilentError, *FrameError, *WriteRefused,
// or that of the line.
func (u *Unit) Read(ctx context.Context, function byte, address, count uint16) ([]byte, error) {
	for try := 0; ; try++ {
		if err := u.ch.pause(ctx, u.gap); err != nil {
			return nil, &SilentError{u.id, err}
		}
		data, err := u.read(ctx, function, address, count)
		if err == nil || try == busyRetries || !busy(err) {
			return data, err
		}
		if werr := wait(ctx, busyWait<<try); werr != nil {
			return nil, err
		}
	}
}

func busy(err error) bool {
	var e *Exception
	return errors.As(err, &e) && e.busy()
}

func (u *Unit) read(ctx context.Context, function byte, address, count uint16) ([]byte, error) {
	u.ctx = ctx
	defer func() { u.ctx = context.Background() }()
	data, err := u.call(function, address, count)
	if err == nil {
		return data, nil
	}
	if clean, ok := errors.AsType[*modbus.ModbusError](err); ok {
		return nil, &Exception{Unit: u.id, Function: function, Code: clean.ExceptionCode}
	}
	u.ch.drop() // what Verify refused is no clean answer
	return nil, err
}

func (u *Unit) call(function byte, address, count uint16) ([]byte, error) {
	switch function {
	case modbus.FuncCodeReadCoils:
		return u.client.ReadCoils(address, count)
	case modbus.FuncCodeReadDiscreteInputs:
		return u.client.ReadDiscreteInputs(address, count)
	case modbus.FuncCodeReadHoldingRegisters:
		return u.client.ReadHoldingRegisters(address, count)
	case modbus.FuncCodeReadInputRegisters:
		return u.client.ReadInputRegisters(address, count)
	}
	return nil, &WriteRefused{function}
}
