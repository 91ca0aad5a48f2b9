package apdu

import (
	"encoding/binary"
	"fmt"

	"phutai/meter/dlms/axdr"
)

// Answer is what came of one attribute: a value where Result is Success.
type Answer struct {
	Result AccessResult
	Value  axdr.Value
}

// GetResponse answers a GetRequest. Trailing counts octets after the value
// that do not belong there; one meter's firmware sends such.
type GetResponse struct {
	Invoke byte
	Answer
	Trailing int
}

// GetBlock carries one piece of a long answer, in Data, or says why there is
// none, in Result. Data aliases what was decoded.
type GetBlock struct {
	Invoke byte
	Last   bool
	Block  uint32
	Result AccessResult
	Data   []byte
}

// GetListResponse answers a GetList, in its order.
type GetListResponse struct {
	Invoke   byte
	Answers  []Answer
	Trailing int
}

// AppendTo appends the encoding.
func (r *GetResponse) AppendTo(b []byte) []byte {
	return appendAnswer(append(b, TagGetResponse, kindNormal, r.Invoke), r.Answer)
}

// AppendTo appends the encoding.
func (r *GetBlock) AppendTo(b []byte) []byte {
	b = append(b, TagGetResponse, kindBlock, r.Invoke, 0)
	if r.Last {
		b[len(b)-1] = 1
	}
	b = binary.BigEndian.AppendUint32(b, r.Block)
	if r.Result != Success {
		return append(b, 1, byte(r.Result))
	}
	b = axdr.AppendLength(append(b, 0), len(r.Data))
	return append(b, r.Data...)
}

// AppendTo appends the encoding.
func (r *GetListResponse) AppendTo(b []byte) []byte {
	return AppendAnswers(append(b, TagGetResponse, kindWithList, r.Invoke), r.Answers)
}

// AppendAnswers appends a list of answers as it stands in a list response and
// in the joined blocks of one.
func AppendAnswers(b []byte, answers []Answer) []byte {
	b = axdr.AppendLength(b, len(answers))
	for _, a := range answers {
		b = appendAnswer(b, a)
	}
	return b
}

func appendAnswer(b []byte, a Answer) []byte {
	if a.Result != Success {
		return append(b, 1, byte(a.Result))
	}
	return axdr.Append(append(b, 0), a.Value)
}

func cutAnswer(b []byte) (Answer, []byte, error) {
	if len(b) < 2 {
		return Answer{}, nil, ErrTruncated
	}
	switch b[0] {
	case 0:
		v, rest, err := axdr.Decode(b[1:])
		return Answer{Value: v}, rest, err
	case 1:
		result := AccessResult(b[1])
		if result == Success { // a refusal that says "success" is no value either
			result = OtherAccessFailure
		}
		return Answer{Result: result}, b[2:], nil
	}
	return Answer{}, nil, fmt.Errorf("answer of kind %d, want 0 or 1", b[0])
}

// DecodeAnswers reads what AppendAnswers writes.
func DecodeAnswers(b []byte) (answers []Answer, rest []byte, err error) {
	n, b, err := axdr.DecodeLength(b)
	if err != nil {
		return nil, nil, err
	}
	if n > len(b)/2 {
		return nil, nil, ErrTruncated
	}
	answers = make([]Answer, n)
	for i := range answers {
		if answers[i], b, err = cutAnswer(b); err != nil {
			return nil, nil, fmt.Errorf("answer %d of %d: %w", i+1, n, err)
		}
	}
	return answers, b, nil
}

func decodeGetResponse(b []byte) (APDU, error) {
	if len(b) < 4 {
		return nil, ErrTruncated
	}
	kind, invoke, b := b[1], b[2], b[3:]
	switch kind {
	case kindNormal:
		answer, rest, err := cutAnswer(b)
		if err != nil {
			return nil, fmt.Errorf("decode GET response: %w", err)
		}
		return &GetResponse{invoke, answer, len(rest)}, nil
	case kindBlock:
		return decodeBlock(invoke, b)
	case kindWithList:
		answers, rest, err := DecodeAnswers(b)
		if err != nil {
			return nil, fmt.Errorf("decode GET list response: %w", err)
		}
		return &GetListResponse{invoke, answers, len(rest)}, nil
	}
	return nil, fmt.Errorf("decode GET response: kind %d is unknown", kind)
}

func decodeBlock(invoke byte, b []byte) (*GetBlock, error) {
	if len(b) < 7 {
		return nil, ErrTruncated
	}
	block := &GetBlock{Invoke: invoke, Last: b[0] != 0, Block: binary.BigEndian.Uint32(b[1:])}
	switch choice, b := b[5], b[6:]; choice {
	case 0:
		n, b, err := axdr.DecodeLength(b)
		if err != nil {
			return nil, fmt.Errorf("decode block %d: %w", block.Block, err)
		}
		if n > len(b) {
			return nil, fmt.Errorf("decode block %d: %w", block.Block, ErrTruncated)
		}
		block.Data = b[:n:n]
	case 1:
		if block.Result = AccessResult(b[0]); block.Result == Success {
			block.Result = OtherAccessFailure
		}
	default:
		return nil, fmt.Errorf("decode block %d: kind %d, want 0 or 1", block.Block, choice)
	}
	return block, nil
}
