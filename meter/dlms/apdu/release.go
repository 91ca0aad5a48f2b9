package apdu

// RLRQ ends an association.
type RLRQ struct{}

// RLRE answers it. What it says does not matter: after it the association is
// closed.
type RLRE struct{}

// AppendTo appends the encoding, with the reason "normal".
func (RLRQ) AppendTo(b []byte) []byte { return append(b, TagRLRQ, 3, 0x80, 1, 0) }

// AppendTo appends the encoding, with the reason "normal".
func (RLRE) AppendTo(b []byte) []byte { return append(b, TagRLRE, 3, 0x80, 1, 0) }

// Malformed release messages are met in the field and mean the same.
func decodeRLRQ([]byte) (RLRQ, error) { return RLRQ{}, nil }
func decodeRLRE([]byte) (RLRE, error) { return RLRE{}, nil }
