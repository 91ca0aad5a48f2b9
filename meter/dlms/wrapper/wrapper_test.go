package wrapper_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"phutai/meter/dlms/wrapper"
)

func frame(t testing.TB, source, destination uint16, payload string) []byte {
	t.Helper()
	b, err := wrapper.End(append(wrapper.Begin(nil, source, destination), payload...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestFramesComeWholeFromAStreamOfSingleOctets(t *testing.T) {
	stream := append(frame(t, 16, 1, "hello"), frame(t, 1, 16, "world!")...)
	r := wrapper.NewReader(iotest.OneByteReader(bytes.NewReader(stream)), 0)
	for _, want := range []string{"hello", "world!"} {
		f, err := r.Next()
		if err != nil || string(f.Payload) != want {
			t.Fatalf("got %q, %v; want %q", f.Payload, err, want)
		}
	}
	if _, err := r.Next(); err != io.EOF {
		t.Errorf("after the last frame: %v, want io.EOF", err)
	}
}

func TestPortsAreKept(t *testing.T) {
	b := frame(t, 0x10, 0x201, "x")
	if want := []byte{0, 1, 0, 0x10, 2, 1, 0, 1, 'x'}; !bytes.Equal(b, want) {
		t.Errorf("frame %X, want %X", b, want)
	}
	f, err := wrapper.NewReader(bytes.NewReader(b), 0).Next()
	if err != nil || f.Source != 0x10 || f.Destination != 0x201 {
		t.Errorf("got %+v, %v", f, err)
	}
}

func TestWhatIsNoFrameIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		octets []byte
		want   error
	}{
		"HDLC":            {[]byte("\x7e\xa0\x07\x03\x23\x93\xbf\x32\x7e"), new(wrapper.HeaderError)},
		"version 2":       {[]byte{0, 2, 0, 1, 0, 16, 0, 1, 'x'}, new(wrapper.HeaderError)},
		"no message":      {[]byte{0, 1, 0, 1, 0, 16, 0, 0}, new(wrapper.HeaderError)},
		"past the limit":  {[]byte{0, 1, 0, 1, 0, 16, 0, 5, 1, 2, 3, 4, 5}, new(wrapper.HeaderError)},
		"header cut off":  {[]byte{0, 1, 0}, io.ErrUnexpectedEOF},
		"message cut off": {[]byte{0, 1, 0, 1, 0, 16, 0, 4, 1}, io.ErrUnexpectedEOF},
		"only a header":   {[]byte{0, 1, 0, 1, 0, 16, 0, 4}, io.ErrUnexpectedEOF},
	} {
		_, err := wrapper.NewReader(bytes.NewReader(c.octets), 4).Next()
		var header *wrapper.HeaderError
		if _, isHeader := c.want.(*wrapper.HeaderError); isHeader != errors.As(err, &header) || !isHeader && !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %T", name, err, c.want)
		}
	}
	if _, err := wrapper.End(append(wrapper.Begin(nil, 1, 1), make([]byte, 0x10000)...)); err == nil {
		t.Error("a message of 65536 octets was framed")
	}
}

func FuzzReader(f *testing.F) {
	f.Add(frame(f, 16, 1, "hello"))
	f.Add([]byte{0, 1, 0, 1, 0, 16, 0, 4, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		r := wrapper.NewReader(bytes.NewReader(b), 0)
		var again []byte
		for {
			got, err := r.Next()
			if err != nil {
				break
			}
			again = append(again, frame(t, got.Source, got.Destination, string(got.Payload))...)
		}
		if !bytes.HasPrefix(b, again) {
			t.Fatalf("%X was read as %X", b, again)
		}
	})
}
