package dlms

import (
	"context"
	"fmt"

	"phutai/meter/dlms/apdu"
)

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
