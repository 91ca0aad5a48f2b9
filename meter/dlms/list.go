package dlms

import (
	"context"
	"errors"
	"fmt"

	"phutai/meter/dlms/apdu"
)

// errListRefused says that a meter does not take a list.
var errListRefused = errors.New("meter refused a get-with-list")

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
