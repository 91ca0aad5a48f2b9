package pack

import (
	"encoding/binary"
	"errors"
	"slices"
)

// ErrDamaged says that bytes are not what this package wrote.
var ErrDamaged = errors.New("damaged record")

// AppendKeys appends a set of keys to dst. It sorts them first: keys of one
// commit share their time more or less, so differences are short.
func AppendKeys(dst []byte, keys []int64) []byte {
	slices.Sort(keys)
	dst = binary.AppendUvarint(dst, uint64(len(keys)))
	var number, low int64
	for _, k := range keys {
		n, l := k>>timeBits, k&timeMask
		dst = binary.AppendUvarint(dst, uint64(n-number))
		dst = binary.AppendVarint(dst, l-low)
		number, low = n, l
	}
	return dst
}

// Keys reads what AppendKeys wrote.
func Keys(b []byte) ([]int64, error) {
	count, b, ok := uvarint(b)
	if !ok || count > uint64(len(b)) {
		return nil, ErrDamaged
	}
	keys := make([]int64, 0, count)
	var number, low int64
	for range count {
		var n uint64
		var l int64
		if n, b, ok = uvarint(b); !ok || n > MaxNumber<<sourceBits|1 {
			return nil, ErrDamaged
		}
		if l, b, ok = varint(b); !ok || l < -timeMask || l > timeMask {
			return nil, ErrDamaged
		}
		number, low = number+int64(n), low+l
		if number > MaxNumber<<sourceBits|1 || low < 0 || low > timeMask {
			return nil, ErrDamaged
		}
		keys = append(keys, number<<timeBits|low)
	}
	if len(b) != 0 {
		return nil, ErrDamaged
	}
	return keys, nil
}

func uvarint(b []byte) (uint64, []byte, bool) {
	x, n := binary.Uvarint(b)
	if n <= 0 {
		return 0, nil, false
	}
	return x, b[n:], true
}

func varint(b []byte) (int64, []byte, bool) {
	x, n := binary.Varint(b)
	if n <= 0 {
		return 0, nil, false
	}
	return x, b[n:], true
}
