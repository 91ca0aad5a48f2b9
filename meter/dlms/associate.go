package dlms

import (
	"context"
	"errors"
	"fmt"
	"time"

	"phutai/meter/dlms/apdu"
	"phutai/meter/dlms/cosem"
	"phutai/meter/dlms/wrapper"
)

const (
	// proposedPDU is the longest message that we ask meters to send. It bounds
	// the memory of a device; longer answers come in blocks.
	proposedPDU = 4096
	// farewell is how long a meter may take to answer a release, and how long
	// we try to send one on a connection that is about to be dropped.
	farewell = 300 * time.Millisecond
)

// associate makes sure that there is an association on the line's present
// connection, and tells whether it stood before.
func (d *Device) associate(ctx context.Context) (stood bool, err error) {
	conn, err := d.line.Conn(ctx)
	if err != nil {
		d.conn = nil
		if ctx.Err() != nil {
			return false, failed(ctx, "open the line", err)
		}
		return false, &Error{Unreachable, "open the line", err}
	}
	if conn == d.conn {
		return true, nil
	}
	d.conn, d.frames, d.invoke = conn, wrapper.NewReader(conn, 0), 0
	request := &apdu.AARQ{
		Context:  apdu.LogicalName,
		Initiate: &apdu.InitiateRequest{Conformance: apdu.Reading, MaxPDU: proposedPDU},
	}
	if d.cfg.Password != nil {
		request.Mechanism, request.Password = apdu.LowSecurity, d.cfg.Password
	}
	granted, err := d.negotiate(ctx, request)
	if err != nil {
		return false, err
	}
	d.maxPDU = int(granted.MaxPDU)
	d.lists = granted.Conformance.Has(apdu.MultipleReferences)
	return false, d.recognise(ctx)
}

func (d *Device) negotiate(ctx context.Context, request *apdu.AARQ) (apdu.InitiateResponse, error) {
	const op = "associate"
	answer, err := d.exchange(ctx, op, request)
	clear(d.out) // it holds the password
	if err != nil {
		return apdu.InitiateResponse{}, err
	}
	switch a := answer.(type) {
	case *apdu.AARE:
		granted, err := a.Outcome()
		var rejected *apdu.RejectedError
		switch {
		case errors.As(err, &rejected) && rejected.Result == apdu.RejectedTransient:
			return granted, &Error{Busy, op, err}
		case errors.As(err, &rejected):
			return granted, &Error{Rejected, op, err}
		case err != nil:
			return granted, malformed(op, err)
		}
		return granted, nil
	case *apdu.ServiceError:
		return apdu.InitiateResponse{}, &Error{Rejected, op, &apdu.RejectedError{Result: apdu.RejectedPermanent, ServiceError: a}}
	case *apdu.Exception:
		return apdu.InitiateResponse{}, &Error{AccessDenied, op, a}
	}
	return apdu.InitiateResponse{}, malformed(op, fmt.Errorf("answered by %T", answer))
}

// recognise forgets what is known of the meter if it has been exchanged for
// another one. A meter without serial number stays what it was.
func (d *Device) recognise(ctx context.Context) error {
	if len(d.known.scales) == 0 && d.known.profile == nil {
		return nil
	}
	answer, err := d.get(ctx, "read the serial number", apdu.Item{Attribute: serialAttribute})
	if err != nil {
		return err
	}
	if serial := cosem.Text(answer.Value); serial != d.known.serial {
		d.known = facts{scales: map[apdu.Attribute]scale{}}
	}
	return nil
}

var serialAttribute = apdu.Attribute{Class: cosem.ClassData, Code: cosem.SerialCode, ID: cosem.AttrValue}

// Release ends the association and leaves the connection open. A meter that
// answers badly or not at all has its connection dropped instead, and that is
// no error: either way nothing is left open in it.
func (d *Device) Release(ctx context.Context) error {
	if d.conn == nil {
		return nil
	}
	conn, err := d.line.Conn(ctx)
	if err != nil || conn != d.conn { // it was dropped, and the association with it
		d.conn = nil
		return nil
	}
	_, err = d.exchange(ctx, "release", apdu.RLRQ{})
	if err != nil {
		d.line.Drop()
	}
	d.conn = nil
	return nil
}

// abandon ends the association after an error, as politely as the error
// allows, and drops the connection.
func (d *Device) abandon(cause *Error) {
	if d.conn != nil && cause.Class != LinkReset && cause.Class != Unreachable {
		ctx, cancel := context.WithTimeout(context.Background(), farewell)
		defer cancel()
		disarm := guard(ctx, d.conn, farewell)
		if err := d.send(apdu.RLRQ{}); err == nil && cause.Class != Timeout {
			_, _ = d.frames.Next() // whatever it says
		}
		disarm()
	}
	d.conn = nil
	d.line.Drop()
}
