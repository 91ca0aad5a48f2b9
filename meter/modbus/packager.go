package modbus

import (
	"encoding/binary"
	"fmt"

	"github.com/goburrow/modbus"
)

// packager frames the requests of one unit. It is the gate that makes the
// whole program read-only: what it refuses to encode cannot be sent.
type packager struct {
	unit *Unit
}

// Encode builds the frame of a read; any other function gives *WriteRefused.
func (p packager) Encode(pdu *modbus.ProtocolDataUnit) ([]byte, error) {
	if pdu.FunctionCode < 1 || pdu.FunctionCode > 4 {
		return nil, &WriteRefused{pdu.FunctionCode}
	}
	if len(pdu.Data) != 4 {
		return nil, fmt.Errorf("modbus read request has %d data bytes, want 4", len(pdu.Data))
	}
	adu := p.unit.request[:0]
	adu = binary.BigEndian.AppendUint16(adu, p.unit.ch.nextTransaction())
	adu = append(adu, 0, 0, 0, byte(2+len(pdu.Data)), p.unit.id, pdu.FunctionCode)
	return append(adu, pdu.Data...), nil
}

// Decode takes the PDU out of a frame that Verify has passed. It is valid until
// the unit's next exchange.
func (p packager) Decode(adu []byte) (*modbus.ProtocolDataUnit, error) {
	if len(adu) < headerLen+2 {
		return nil, &FrameError{p.unit.id, "too short"}
	}
	p.unit.pdu = modbus.ProtocolDataUnit{FunctionCode: adu[7], Data: adu[8:]}
	return &p.unit.pdu, nil
}

// Verify lets only an answer pass that answers this request in full.
func (p packager) Verify(request, answer []byte) error {
	if text := verify(request, answer); text != "" {
		return &FrameError{p.unit.id, text}
	}
	return nil
}
