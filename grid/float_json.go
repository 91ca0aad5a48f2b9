package grid

import (
	"bytes"
	"encoding/json"
)

// MarshalJSON writes the figure, or null when unknown.
func (f Float) MarshalJSON() ([]byte, error) {
	if !f.Known {
		return []byte("null"), nil
	}
	return json.Marshal(f.X)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (f *Float) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) {
		*f = Float{}
		return nil
	}
	f.Known = true
	return json.Unmarshal(b, &f.X)
}
