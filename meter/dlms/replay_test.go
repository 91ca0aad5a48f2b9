package dlms_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"phutai/grid"
	"phutai/meter/dlms"
	"phutai/meter/dlms/apdu"
	"phutai/meter/dlms/obis"
	"phutai/meter/dlms/wrapper"
)

// chunk is one message of a recording, without its header.
type chunk struct {
	fromMeter bool
	message   []byte
}

// recording reads one file of testdata.
func recording(t testing.TB, name string) []chunk {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var chunks []chunk
	for line := range bytes.Lines(b) {
		var c struct{ D, Hex string }
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatal(err)
		}
		octets, err := hex.DecodeString(c.Hex)
		if err != nil {
			t.Fatal(err)
		}
		frame, err := wrapper.NewReader(bytes.NewReader(octets), 0).Next()
		if err != nil {
			t.Fatal(err)
		}
		chunks = append(chunks, chunk{c.D == "s>c", frame.Payload})
	}
	return chunks
}

func recordings(t testing.TB) []string {
	t.Helper()
	names, err := filepath.Glob("testdata/*.jsonl")
	if err != nil || len(names) == 0 {
		t.Fatal("no recordings", err)
	}
	for i := range names {
		names[i] = filepath.Base(names[i])
	}
	return names
}

func TestRecordedMessagesDecodeOnBothSides(t *testing.T) {
	for _, name := range recordings(t) {
		for i, c := range recording(t, name) {
			decode := apdu.DecodeRequest
			if c.fromMeter {
				decode = apdu.Decode
			}
			m, err := decode(c.message)
			if err != nil {
				t.Errorf("%s, message %d: %v", name, i+1, err)
				continue
			}
			switch m.(type) {
			case *apdu.GetRequest, *apdu.GetNext, *apdu.GetList, *apdu.GetBlock, *apdu.GetListResponse:
				if again := m.AppendTo(nil); !bytes.Equal(again, c.message) {
					t.Errorf("%s, message %d: %X is written as %X", name, i+1, c.message, again)
				}
			}
		}
	}
}

// replay is a meter that answers as a recording did. Requests are matched by
// what they ask for; invoke ids, and the bounds of a range, are the client's.
func replay(t testing.TB, name string) string {
	t.Helper()
	chunks := recording(t, name)
	key := func(m []byte) string {
		const head = 3 + apdu.SizeOfItem
		switch {
		case m[0] != apdu.TagGetRequest:
			return string(m[:1])
		case m[1] == 1 && len(m) > head: // selective access: by its selector
			return string(m[:2]) + string(m[3:head+1])
		}
		return string(m[:2]) + string(m[3:])
	}
	answers := map[string][]byte{}
	var long []byte // what the blocks under way belong to
	for i := 0; i+1 < len(chunks); i++ {
		request, answer := chunks[i], chunks[i+1]
		if request.fromMeter || !answer.fromMeter {
			continue
		}
		k := key(request.message)
		if request.message[0] == apdu.TagGetRequest && request.message[1] == 2 {
			k += string(long)
		} else {
			long = []byte(k)
		}
		answers[k] = answer.message
	}
	var under string
	return scripted(t, func(request []byte) []byte {
		k := key(request)
		if request[0] == apdu.TagGetRequest && request[1] == 2 {
			k += under
		} else {
			under = k
		}
		answer := bytes.Clone(answers[k])
		switch {
		case answer == nil:
			return []byte{apdu.TagGetResponse, 1, request[2], 1, byte(apdu.ObjectUndefined)}
		case answer[0] == apdu.TagGetResponse:
			answer[2] = request[2]
		}
		return answer
	})
}

// scripted serves the wrapper with one function for all messages; nil closes
// the connection.
func scripted(t testing.TB, answer func(request []byte) []byte) string {
	t.Helper()
	return raw(t, func(conn net.Conn) {
		frames := wrapper.NewReader(conn, 0)
		for {
			f, err := frames.Next()
			if err != nil {
				return
			}
			message := answer(f.Payload)
			if message == nil {
				return
			}
			out, err := wrapper.End(append(wrapper.Begin(nil, f.Destination, f.Source), message...))
			if err != nil {
				return
			}
			if _, err := conn.Write(out); err != nil {
				return
			}
		}
	})
}

// raw serves connections, one after the other, until the test ends.
func raw(t testing.TB, serve func(net.Conn)) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			serve(conn)
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = ln.Close()
		<-done
	})
	return ln.Addr().String()
}

func TestRegistersOfARecordedMeter(t *testing.T) {
	// That meter answers GETs, and has no scalers in the recording.
	none := noScale()
	cfg := dlms.Config{ListMax: 1, Objects: []dlms.Object{
		{Code: obis.Code{1, 0, 1, 8, 0, 255}, Quantity: grid.EaImp, Scale: none},
		{Code: obis.Code{1, 0, 32, 7, 0, 255}, Quantity: grid.Ua, Scale: none, Factor: 0.1},
		{Code: obis.Code{1, 0, 31, 7, 0, 255}, Quantity: grid.Ia, Scale: none, Factor: 0.001},
		{Code: obis.Code{1, 0, 33, 7, 0, 255}, Quantity: grid.Pf, Scale: none, Factor: 0.001},
	}}
	device, line := dialled(t, replay(t, "java-sim_wrapper_none_20reg_getlist.jsonl"), cfg)
	got, err := device.Poll(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for q, want := range map[grid.Quantity]float64{grid.EaImp: 123456789, grid.Ua: 230.1, grid.Ia: 27.712, grid.Pf: 0.97} {
		if x, ok := got.Values.Get(q); !ok || q.Round(x) != want {
			t.Errorf("%v = %v, %v; want %v", q, x, ok, want)
		}
	}
	if want := time.Date(2020, 6, 24, 6, 33, 51, 0, time.UTC); !got.Clock.Equal(want) {
		t.Errorf("clock %v, want %v", got.Clock, want)
	}
	if err := device.Release(t.Context()); err != nil || line.drops != 0 {
		t.Errorf("a release answer with user information: %v, %d drops", err, line.drops)
	}
}

func TestStrayOctetsAfterTheClockAreNoError(t *testing.T) {
	device, _ := dialled(t, replay(t, "c-server_wrapper_none_u9n.jsonl"), dlms.Config{Objects: []dlms.Object{
		{Code: obis.Code{1, 0, 1, 8, 0, 255}, Quantity: grid.EaImp},
	}})
	got, err := device.Poll(t.Context())
	if want := time.Date(2026, 11, 23, 3, 37, 35, 0, time.UTC); !got.Clock.Equal(want) {
		t.Errorf("clock %v, want %v (%v)", got.Clock, want, err)
	}
	if got.Values.Len() != 0 || err == nil {
		t.Errorf("values %v, %v; want none and the refusal", figures(got.Values), err)
	}
}

func TestProfileOfARecordedMeter(t *testing.T) {
	// That meter negotiates neither selective access nor blocks and does both,
	// and it announces no rows before the ones that it sends.
	device, _ := dialled(t, replay(t, "java-server_wrapper_none_profile_entry_range.jsonl"), dlms.Config{Profile: &dlms.LoadProfile{
		Columns: []dlms.Column{{Code: obis.Code{1, 1, 21, 25, 0, 255}, Quantity: grid.Pa, Scale: noScale()}},
	}})
	var first, last grid.Sample
	n := 0
	err := device.History(t.Context(), time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC), time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), func(s grid.Sample) error {
		if n++; n == 1 {
			first = s
		}
		last = s
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if x, _ := first.Values.Get(grid.Pa); !first.End.Equal(time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)) || x != 0x270F {
		t.Errorf("first row ends %v with %v", first.End, x)
	}
	if x, _ := last.Values.Get(grid.Pa); n != 34 || x != 0x2730 {
		t.Errorf("%d rows, the last with %v", n, x)
	}
}
