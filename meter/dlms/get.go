package dlms

import (
	"context"
	"errors"
	"fmt"

	"phutai/meter/dlms/apdu"
	"phutai/meter/dlms/axdr"
)

// longestAnswer bounds what the blocks of one answer may add up to. A profile
// of 60 days at 15 min with 30 columns has about 1 MB.
const longestAnswer = 8 << 20

// errListRefused says that a meter does not take a list.
var errListRefused = errors.New("meter refused a get-with-list")

// nextInvoke gives invoke-id-and-priority of the next request: confirmed, high
// priority as other clients ask, ids from 1 to 15 in turn.
func (d *Device) nextInvoke() byte {
	d.invoke = d.invoke%15 + 1
	return 0xC0 | d.invoke
}

// get reads one attribute. Only a conversation that failed is an error; a
// refusal of the attribute is in the answer.
func (d *Device) get(ctx context.Context, op string, item apdu.Item) (apdu.Answer, error) {
	invoke := d.nextInvoke()
	answer, err := d.exchange(ctx, op, &apdu.GetRequest{Invoke: invoke, Item: item})
	if err != nil {
		return apdu.Answer{}, err
	}
	switch a := answer.(type) {
	case *apdu.GetResponse:
		return a.Answer, nil
	case *apdu.GetBlock:
		data, result, err := d.join(ctx, op, invoke, a)
		if err != nil || result != apdu.Success {
			return apdu.Answer{Result: result}, err
		}
		value, err := decodeJoined(data)
		if err != nil {
			return apdu.Answer{}, malformed(op, err)
		}
		return apdu.Answer{Value: value}, nil
	}
	return apdu.Answer{}, refusal(op, answer)
}

// refusal classes an answer that refuses a request as a whole.
func refusal(op string, answer apdu.APDU) error {
	if err, ok := answer.(error); ok {
		return &Error{AccessDenied, op, err}
	}
	return malformed(op, fmt.Errorf("answered by %T", answer))
}

// join fetches the blocks after first and gives their content in one piece. A
// refusal in place of the first block is a result; later it is an error.
func (d *Device) join(ctx context.Context, op string, invoke byte, first *apdu.GetBlock) ([]byte, apdu.AccessResult, error) {
	if first.Result != apdu.Success {
		return nil, first.Result, nil
	}
	data := append([]byte(nil), first.Data...)
	for block := first; !block.Last; {
		answer, err := d.exchange(ctx, op, &apdu.GetNext{Invoke: invoke, Block: block.Block})
		if err != nil {
			return nil, 0, err
		}
		next, ok := answer.(*apdu.GetBlock)
		switch refused, isNormal := answer.(*apdu.GetResponse); {
		case isNormal && refused.Result != apdu.Success:
			return nil, 0, &Error{AccessDenied, op, fmt.Errorf("after block %d: %w", block.Block, refused.Result)}
		case !ok:
			return nil, 0, refusal(op, answer)
		case next.Result != apdu.Success:
			return nil, 0, &Error{AccessDenied, op, fmt.Errorf("in block %d: %w", next.Block, next.Result)}
		case next.Block != block.Block+1:
			return nil, 0, malformed(op, fmt.Errorf("block %d follows block %d", next.Block, block.Block))
		case len(data)+len(next.Data) > longestAnswer:
			return nil, 0, malformed(op, fmt.Errorf("answer is longer than %d octets", longestAnswer))
		case len(next.Data) == 0 && !next.Last:
			return nil, 0, malformed(op, fmt.Errorf("block %d is empty", next.Block))
		}
		data = append(data, next.Data...)
		block = next
	}
	return data, apdu.Success, nil
}

// decodeJoined reads the value that came in blocks. One Java server announces
// an array of no elements for a range and sends the rows after it; they are
// taken as the elements, because an empty profile would be a lie.
func decodeJoined(data []byte) (axdr.Value, error) {
	value, rest, err := axdr.Decode(data)
	if err != nil || len(rest) == 0 || value.Tag() != axdr.TagArray || len(value.Items()) > 0 {
		return value, err
	}
	var items []axdr.Value
	for len(rest) > 0 {
		var item axdr.Value
		if item, rest, err = axdr.Decode(rest); err != nil {
			return axdr.Value{}, err
		}
		items = append(items, item)
	}
	return axdr.Array(items...), nil
}

// getList reads several attributes by one request.
func (d *Device) getList(ctx context.Context, op string, items []apdu.Item) ([]apdu.Answer, error) {
	invoke := d.nextInvoke()
	answer, err := d.exchange(ctx, op, &apdu.GetList{Invoke: invoke, Items: items})
	if err != nil {
		return nil, err
	}
	var answers []apdu.Answer
	switch a := answer.(type) {
	case *apdu.GetListResponse:
		answers = a.Answers
	case *apdu.GetBlock:
		data, result, err := d.join(ctx, op, invoke, a)
		if err != nil {
			return nil, err
		}
		if result != apdu.Success {
			return nil, errListRefused
		}
		if answers, _, err = apdu.DecodeAnswers(data); err != nil {
			return nil, malformed(op, err)
		}
	case *apdu.Exception, *apdu.ServiceError:
		return nil, errListRefused
	case *apdu.GetResponse:
		if a.Result != apdu.Success {
			return nil, errListRefused
		}
		return nil, malformed(op, errors.New("list answered by a single value"))
	default:
		return nil, refusal(op, answer)
	}
	if len(answers) != len(items) {
		return nil, malformed(op, fmt.Errorf("%d answers to %d questions", len(answers), len(items)))
	}
	return answers, nil
}

// read reads attributes in as few requests as the meter takes. The answers are
// in the order of the attributes.
func (d *Device) read(ctx context.Context, op string, attributes []apdu.Attribute) ([]apdu.Answer, error) {
	answers := make([]apdu.Answer, 0, len(attributes))
	refused := false
	for len(attributes) > 0 {
		n := min(d.listSize(), len(attributes))
		if refused {
			n = 1
		}
		items := make([]apdu.Item, n)
		for i, a := range attributes[:n] {
			items[i].Attribute = a
		}
		if n == 1 {
			answer, err := d.get(ctx, op, items[0])
			if err != nil {
				return nil, err
			}
			answers = append(answers, answer)
			if refused { // it was the list, then, and not the association
				d.known.noLists = true
			}
		} else {
			some, err := d.getList(ctx, op, items)
			if errors.Is(err, errListRefused) {
				refused = true
				continue
			}
			if err != nil {
				return nil, err
			}
			answers = append(answers, some...)
		}
		attributes = attributes[n:]
	}
	return answers, nil
}

// listSize gives how many attributes the next list may hold, so that the
// request fits into what the meter takes.
func (d *Device) listSize() int {
	const sizeOfList = 4 // tag, kind, invoke id, count
	if !d.lists || d.known.noLists {
		return 1
	}
	if d.maxPDU == 0 {
		return d.cfg.ListMax
	}
	return max(1, min(d.cfg.ListMax, (d.maxPDU-sizeOfList)/apdu.SizeOfItem))
}
