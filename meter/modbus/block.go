package modbus

import (
	"cmp"
	"slices"
)

// block is a run of registers that one request reads.
type block struct {
	function byte
	start    int // first address
	count    int // registers
	parts    []*Register
}

// MaxRegisters is what one request may ask for (Application Protocol V1.1b3, 6.3).
const MaxRegisters = 125

// batch merges registers into as few requests as limit (registers in one
// request) and gap (registers read in vain between two wanted ones) allow.
func batch(registers []Register, limit, gap int) []block {
	if limit <= 0 || limit > MaxRegisters {
		limit = MaxRegisters
	}
	sorted := make([]*Register, 0, len(registers))
	for i := range registers {
		if registers[i].Type.Words() > 0 {
			sorted = append(sorted, &registers[i])
		}
	}
	slices.SortStableFunc(sorted, func(a, b *Register) int {
		return cmp.Or(cmp.Compare(a.Function, b.Function), cmp.Compare(a.Address, b.Address))
	})
	var blocks []block
	for _, r := range sorted {
		end := int(r.Address) + r.Type.Words()
		if n := len(blocks); n > 0 {
			b := &blocks[n-1]
			fits := b.function == r.Function && end-b.start <= limit && int(r.Address)-(b.start+b.count) <= gap
			if fits {
				b.count = max(b.count, end-b.start)
				b.parts = append(b.parts, r)
				continue
			}
		}
		blocks = append(blocks, over(r))
	}
	return blocks
}

func over(parts ...*Register) block {
	b := block{function: parts[0].Function, start: int(parts[0].Address), parts: parts}
	for _, r := range parts {
		b.count = max(b.count, int(r.Address)+r.Type.Words()-b.start)
	}
	return b
}

// split halves a block; a block of one register gives itself.
func (b block) split() []block {
	half := len(b.parts) / 2
	if half == 0 {
		return []block{b}
	}
	return []block{over(b.parts[:half]...), over(b.parts[half:]...)}
}
