package apdu

import (
	"encoding/binary"
	"fmt"

	"phutai/meter/dlms/axdr"
	"phutai/meter/dlms/obis"
)

// Attribute names one attribute of one object.
type Attribute struct {
	Class uint16
	Code  obis.Code
	ID    int8
}

// String gives "class/code/attribute", such as "3/1.0.1.8.0.255/2".
func (a Attribute) String() string { return fmt.Sprintf("%d/%v/%d", a.Class, a.Code, a.ID) }

// Item is an attribute, whole or, with Access, in part.
type Item struct {
	Attribute Attribute
	Access    *Access
}

// SizeOfItem is the number of octets of an item without Access in a list.
const SizeOfItem = 10

// The kinds of GET request and response, their second octet.
const (
	kindNormal   = 1
	kindNext     = 2 // of a request
	kindBlock    = 2 // of a response
	kindWithList = 3
)

// GetRequest asks for one attribute. Invoke holds the invoke id in its low
// four bits; the answer repeats it.
type GetRequest struct {
	Invoke byte
	Item
}

// GetNext asks for the block after Block.
type GetNext struct {
	Invoke byte
	Block  uint32
}

// GetList asks for several attributes.
type GetList struct {
	Invoke byte
	Items  []Item
}

// AppendTo appends the encoding.
func (r *GetRequest) AppendTo(b []byte) []byte {
	return appendItem(append(b, TagGetRequest, kindNormal, r.Invoke), r.Item)
}

// AppendTo appends the encoding.
func (r *GetNext) AppendTo(b []byte) []byte {
	return binary.BigEndian.AppendUint32(append(b, TagGetRequest, kindNext, r.Invoke), r.Block)
}

// AppendTo appends the encoding.
func (r *GetList) AppendTo(b []byte) []byte {
	b = axdr.AppendLength(append(b, TagGetRequest, kindWithList, r.Invoke), len(r.Items))
	for _, item := range r.Items {
		b = appendItem(b, item)
	}
	return b
}

func appendItem(b []byte, item Item) []byte {
	b = binary.BigEndian.AppendUint16(b, item.Attribute.Class)
	b = append(b, item.Attribute.Code[:]...)
	b = append(b, byte(item.Attribute.ID))
	if item.Access == nil {
		return append(b, 0)
	}
	return axdr.Append(append(b, 1, item.Access.Selector), item.Access.Parameters)
}

func decodeGetRequest(b []byte) (APDU, error) {
	if len(b) < 4 {
		return nil, ErrTruncated
	}
	kind, invoke, b := b[1], b[2], b[3:]
	switch kind {
	case kindNormal:
		item, _, err := cutItem(b)
		if err != nil {
			return nil, fmt.Errorf("decode GET: %w", err)
		}
		return &GetRequest{invoke, item}, nil
	case kindNext:
		if len(b) < 4 {
			return nil, ErrTruncated
		}
		return &GetNext{invoke, binary.BigEndian.Uint32(b)}, nil
	case kindWithList:
		n, b, err := axdr.DecodeLength(b)
		if err != nil || n > len(b)/SizeOfItem {
			return nil, fmt.Errorf("decode GET list: %w", ErrTruncated)
		}
		list := &GetList{Invoke: invoke, Items: make([]Item, n)}
		for i := range list.Items {
			if list.Items[i], b, err = cutItem(b); err != nil {
				return nil, fmt.Errorf("decode item %d of a GET list: %w", i, err)
			}
		}
		return list, nil
	}
	return nil, fmt.Errorf("decode GET: kind %d is unknown", kind)
}

func cutItem(b []byte) (Item, []byte, error) {
	if len(b) < SizeOfItem {
		return Item{}, nil, ErrTruncated
	}
	item := Item{Attribute: Attribute{Class: binary.BigEndian.Uint16(b), Code: obis.Code(b[2:8]), ID: int8(b[8])}}
	selected, b := b[9] != 0, b[10:]
	if !selected {
		return item, b, nil
	}
	if len(b) == 0 {
		return Item{}, nil, ErrTruncated
	}
	parameters, rest, err := axdr.Decode(b[1:])
	if err != nil {
		return Item{}, nil, fmt.Errorf("selective access: %w", err)
	}
	item.Access = &Access{Selector: b[0], Parameters: parameters}
	return item, rest, nil
}
