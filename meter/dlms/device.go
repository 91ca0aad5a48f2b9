package dlms

import (
	"context"
	"errors"
	"net"

	"phutai/meter/dlms/apdu"
	"phutai/meter/dlms/cosem"
	"phutai/meter/dlms/wrapper"
)

// Conn is the line to the meter. Conn gives the open connection, dialling one
// if there is none; Drop closes it after an error, so that the next Conn dials
// anew.
type Conn interface {
	Conn(ctx context.Context) (net.Conn, error)
	Drop()
}

// Device is one meter. It is used by one goroutine, the owner of its line.
//
// The association is opened by the first call that needs one and kept until
// Release or an error. What a meter tells about itself, the scalers and the
// columns of its profile, is read once, and again when another serial number
// answers.
type Device struct {
	cfg      Config
	line     Conn
	terms    []term           // what Poll reads
	pollList []apdu.Attribute // the attributes of terms, and the clock

	// The association; conn is nil while there is none.
	conn   net.Conn
	frames *wrapper.Reader
	invoke byte
	maxPDU int  // of what the meter takes; 0: no limit
	lists  bool // the meter takes get-with-list
	out    []byte

	// What outlives it.
	known facts
}

// facts is what the meter told about itself.
type facts struct {
	serial     string
	scales     map[apdu.Attribute]scale // by the attribute that holds the value
	profile    *cosem.Profile
	noLists    bool // lists were refused
	statesZone bool // range bounds need a deviation
	boundsWork bool // a range with such bounds was answered
}

// scale is a cached scaler and unit, or why there is none.
type scale struct {
	cosem.ScalerUnit
	err error
}

// New makes a device on a line. It touches nothing; the first call associates.
func New(line Conn, cfg Config) *Device {
	d := &Device{cfg: cfg.withDefaults(), line: line, known: facts{scales: map[apdu.Attribute]scale{}}}
	for i := range d.cfg.Objects {
		t := d.cfg.Objects[i].term()
		d.terms = append(d.terms, t)
		d.pollList = append(d.pollList, t.attribute)
	}
	d.pollList = append(d.pollList, clockAttribute)
	return d
}

// converse runs talk on an association and ends the association if talk fails.
// If one that stood from before turns out to be gone, it is opened anew once
// and talk is run again.
func (d *Device) converse(ctx context.Context, talk func() error) error {
	for {
		stood, err := d.associate(ctx)
		if err == nil {
			err = talk()
		}
		var broken *Error
		if !errors.As(err, &broken) {
			return err // nil, a partial answer, or an error of the caller
		}
		d.abandon(broken)
		if !stood || !lost(err) || ctx.Err() != nil {
			return err
		}
	}
}
