package dlms

import (
	"context"
	"fmt"

	"phutai/meter/dlms/apdu"
	"phutai/meter/dlms/axdr"
)

// longestAnswer bounds what the blocks of one answer may add up to. A day of a
// load profile, of quarter hours with forty columns, has some 20 KB.
const longestAnswer = 1 << 20

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
