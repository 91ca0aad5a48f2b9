package alerting

import "phutai/grid"

// alphabet has no 0 and O, 1, I and L: a code is read out over the phone.
const alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

// codeSpace is the number of codes of four characters.
const codeSpace = 31 * 31 * 31 * 31

// code gives the id of the nth episode: four characters, which no two of the
// first 923,521 episodes share, with a prefix after that. Neighbours look
// different, so that a slip of the finger does not acknowledge the alarm next
// to it.
func code(n int64) grid.AlarmID {
	const stride, offset = 395_581, 176_543 // stride has no factor 31
	x := (n%codeSpace*stride + offset) % codeSpace
	var b [4]byte
	for i := range b {
		b[i] = alphabet[x%31]
		x /= 31
	}
	id := string(b[:])
	for more := n / codeSpace; more > 0; more /= 31 {
		id = string(alphabet[more%31]) + id
	}
	return grid.AlarmID(id)
}
