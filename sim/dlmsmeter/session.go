package dlmsmeter

import (
	"crypto/subtle"
	"errors"

	"phutai/meter/dlms/apdu"
	"phutai/meter/dlms/axdr"
)

const (
	// blockOverhead is what surrounds the data of a block.
	blockOverhead = 12
	// smallestPDU leaves room for an association and for blocks.
	smallestPDU = 64
)

// session is the state of one connection. It does no I/O.
type session struct {
	meter      *meter
	associated bool
	maxPDU     int // of what the client takes

	// A long answer under way.
	rest  []byte
	block uint32 // the number of the block that was sent last; 0: none under way
}

// handle gives the answer to one message.
func (s *session) handle(message []byte) apdu.APDU {
	request, err := apdu.DecodeRequest(message)
	if err != nil {
		if _, ok := errors.AsType[apdu.UnknownTagError](err); ok { // SET and ACTION among them
			return &apdu.Exception{State: apdu.ServiceUnknown, Service: apdu.ServiceNotSupported}
		}
		return &apdu.Exception{State: apdu.ServiceUnknown, Service: apdu.OtherReason}
	}
	switch r := request.(type) {
	case *apdu.AARQ:
		return s.associate(r)
	case apdu.RLRQ:
		s.close()
		return apdu.RLRE{}
	}
	if !s.associated {
		return &apdu.Exception{State: apdu.ServiceNotAllowed, Service: apdu.OperationNotPossib}
	}
	switch r := request.(type) {
	case *apdu.GetRequest:
		return s.get(r)
	case *apdu.GetList:
		return s.list(r)
	case *apdu.GetNext:
		return s.next(r)
	}
	return &apdu.Exception{State: apdu.ServiceUnknown, Service: apdu.OtherReason}
}

// close ends the association.
func (s *session) close() {
	s.rest, s.block = nil, 0
	if s.associated {
		s.associated = false
		s.meter.yield()
	}
}

func (s *session) associate(r *apdu.AARQ) apdu.APDU {
	s.close()
	reject := func(result apdu.Result, code uint8) apdu.APDU {
		return &apdu.AARE{Context: apdu.LogicalName, Result: result, Diagnostic: apdu.Diagnostic{Code: code}}
	}
	cfg := &s.meter.cfg
	switch {
	case r.Context != apdu.LogicalName:
		return reject(apdu.RejectedPermanent, apdu.ContextNotSupported)
	case r.Initiate == nil:
		return reject(apdu.RejectedPermanent, apdu.NoReasonGiven)
	case r.Mechanism > apdu.LowSecurity:
		return reject(apdu.RejectedPermanent, apdu.MechanismNotRecognised)
	case cfg.Password != "" && r.Mechanism == apdu.NoSecurity:
		return reject(apdu.RejectedPermanent, apdu.MechanismRequired)
	case cfg.Password != "" && subtle.ConstantTimeCompare([]byte(cfg.Password), r.Password) == 0:
		return reject(apdu.RejectedPermanent, apdu.AuthenticationFailure)
	case !s.meter.claim():
		return reject(apdu.RejectedTransient, apdu.NoReasonGiven)
	}
	s.associated = true
	s.maxPDU = int(cfg.MaxPDU)
	if n := int(r.Initiate.MaxPDU); n > 0 {
		s.maxPDU = max(smallestPDU, min(s.maxPDU, n))
	}
	return &apdu.AARE{Context: apdu.LogicalName, Initiate: &apdu.InitiateResponse{
		Conformance: r.Initiate.Conformance & apdu.Reading, MaxPDU: cfg.MaxPDU,
	}}
}

func (s *session) get(r *apdu.GetRequest) apdu.APDU {
	s.rest, s.block = nil, 0
	now := s.meter.now()
	response := &apdu.GetResponse{Invoke: r.Invoke, Answer: s.meter.answer(r.Item, now)}
	if response.Result != apdu.Success {
		return response
	}
	return s.fit(r.Invoke, response, func() []byte { return axdr.Append(nil, response.Value) })
}

func (s *session) list(r *apdu.GetList) apdu.APDU {
	s.rest, s.block = nil, 0
	if limit := s.meter.cfg.ListMax; limit == 1 || limit > 0 && len(r.Items) > limit {
		return &apdu.Exception{State: apdu.ServiceUnknown, Service: apdu.ServiceNotSupported}
	}
	now := s.meter.now()
	response := &apdu.GetListResponse{Invoke: r.Invoke, Answers: make([]apdu.Answer, len(r.Items))}
	for i, item := range r.Items {
		response.Answers[i] = s.meter.answer(item, now)
	}
	return s.fit(r.Invoke, response, func() []byte { return apdu.AppendAnswers(nil, response.Answers) })
}

// encoded is a message that has been encoded already.
type encoded []byte

// AppendTo appends the encoding.
func (e encoded) AppendTo(b []byte) []byte { return append(b, e...) }

// fit gives the response, or the first block of its data if it is too long.
func (s *session) fit(invoke byte, response apdu.APDU, data func() []byte) apdu.APDU {
	message := response.AppendTo(nil)
	if len(message) <= s.maxPDU {
		return encoded(message)
	}
	s.rest = data()
	return s.cut(invoke)
}

// cut gives the next block.
func (s *session) cut(invoke byte) apdu.APDU {
	s.block++
	n := min(len(s.rest), s.maxPDU-blockOverhead)
	block := &apdu.GetBlock{Invoke: invoke, Block: s.block, Data: s.rest[:n], Last: n == len(s.rest)}
	s.rest = s.rest[n:]
	if block.Last {
		s.rest, s.block = nil, 0
	}
	return block
}

func (s *session) next(r *apdu.GetNext) apdu.APDU {
	refuse := func(result apdu.AccessResult) apdu.APDU {
		return &apdu.GetBlock{Invoke: r.Invoke, Last: true, Block: r.Block, Result: result}
	}
	if s.block == 0 {
		return refuse(apdu.NoLongGetInProgress)
	}
	if r.Block != s.block {
		s.rest, s.block = nil, 0
		return refuse(apdu.BlockNumberInvalid)
	}
	return s.cut(r.Invoke)
}
