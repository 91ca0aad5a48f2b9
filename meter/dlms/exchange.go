package dlms

import (
	"context"
	"errors"
	"net"
	"time"

	"phutai/meter/dlms/apdu"
	"phutai/meter/dlms/wrapper"
)

// strayFrames is how many frames that are not the awaited answer are passed
// over: late answers to an earlier request, or pushed messages.
const strayFrames = 8

// longAgo is a deadline that ends a read or a write that is under way.
var longAgo = time.Unix(1, 0)

// guard arms the deadlines of one exchange on conn: timeout from now, the end
// of ctx, and its cancellation. The function that it gives disarms them.
func guard(ctx context.Context, conn net.Conn, timeout time.Duration) (disarm func()) {
	deadline := time.Now().Add(timeout)
	if end, ok := ctx.Deadline(); ok && end.Before(deadline) {
		deadline = end
	}
	// An error means that the connection is closed, which the exchange will notice.
	_ = conn.SetDeadline(deadline)
	fired := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		_ = conn.SetDeadline(longAgo)
		close(fired)
	})
	return func() {
		if !stop() {
			<-fired // so that it does not hit the next exchange
		}
	}
}

// exchange sends one message and gives the answer to it.
func (d *Device) exchange(ctx context.Context, op string, request apdu.APDU) (apdu.APDU, error) {
	defer guard(ctx, d.conn, d.cfg.Timeout)()
	if err := d.send(request); err != nil {
		return nil, failed(ctx, op, err)
	}
	for range strayFrames {
		answer, err := d.receive(ctx, op)
		if err != nil {
			return nil, err
		}
		if answer != nil && answers(answer, request) {
			return answer, nil
		}
	}
	return nil, malformed(op, errors.New("only messages that answer nothing we asked"))
}

// send frames and writes one message.
func (d *Device) send(request apdu.APDU) error {
	frame, err := wrapper.End(request.AppendTo(wrapper.Begin(d.out[:0], d.cfg.Client, d.cfg.Server)))
	if err != nil {
		return err
	}
	d.out = frame
	_, err = d.conn.Write(frame)
	return err
}

// receive reads one message; nil is one that is not for us.
func (d *Device) receive(ctx context.Context, op string) (apdu.APDU, error) {
	frame, err := d.frames.Next()
	if _, ok := errors.AsType[*wrapper.HeaderError](err); ok {
		return nil, malformed(op, err)
	}
	if err != nil {
		return nil, failed(ctx, op, err)
	}
	if frame.Destination != d.cfg.Client || frame.Source != d.cfg.Server {
		return nil, nil
	}
	answer, err := apdu.Decode(frame.Payload)
	if err != nil {
		return nil, malformed(op, err)
	}
	return answer, nil
}

// answers tells whether answer belongs to request, which for GET is a matter
// of the invoke id.
func answers(answer, request apdu.APDU) bool {
	const invokeID = 0x0F
	var got byte
	switch a := answer.(type) {
	case *apdu.GetResponse:
		got = a.Invoke
	case *apdu.GetBlock:
		got = a.Invoke
	case *apdu.GetListResponse:
		got = a.Invoke
	case *apdu.AARE:
		_, ok := request.(*apdu.AARQ)
		return ok
	case apdu.RLRE:
		_, ok := request.(apdu.RLRQ)
		return ok
	default: // refusals answer whatever was asked
		return true
	}
	switch r := request.(type) {
	case *apdu.GetRequest:
		return (got^r.Invoke)&invokeID == 0
	case *apdu.GetNext:
		return (got^r.Invoke)&invokeID == 0
	case *apdu.GetList:
		return (got^r.Invoke)&invokeID == 0
	}
	return false
}
