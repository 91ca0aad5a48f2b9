package dlms_test

import (
	"context"
	"encoding/hex"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/grid"
	"phutai/meter"
	"phutai/meter/dlms"
	"phutai/meter/dlms/apdu"
	"phutai/sim/dlmsmeter"
)

// accepted grants all that reading needs.
const accepted = "6129A109060760857405080101A203020100A305A103020100BE10040E0800065F1F040000121404000007"

func octets(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// answering gives a script that accepts associations and answers each GET by
// one message, with the invoke id of the request in its third octet.
func answering(t testing.TB, get string) func([]byte) []byte {
	return func(request []byte) []byte {
		switch request[0] {
		case apdu.TagAARQ:
			return octets(t, accepted)
		case apdu.TagRLRQ:
			return octets(t, "6303800100")
		}
		answer := octets(t, get)
		if answer[0] == apdu.TagGetResponse && len(answer) > 2 {
			answer[2] = request[2]
		}
		return answer
	}
}

func TestFailuresAreClassed(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	for name, c := range map[string]struct {
		address string
		class   dlms.Class
		reason  grid.Reason
	}{
		"nobody listens": {closed.Addr().String(), dlms.Unreachable, grid.NoRoute},
		"silence":        {raw(t, func(c net.Conn) { _, _ = c.Read(make([]byte, 512)); _, _ = c.Read(make([]byte, 512)) }), dlms.Timeout, grid.NoAnswer},
		"closed at once": {raw(t, func(net.Conn) {}), dlms.LinkReset, grid.NoAnswer},
		"half an answer": {raw(t, func(c net.Conn) {
			_, _ = c.Read(make([]byte, 512))
			_, _ = c.Write([]byte{0, 1, 0, 1, 0, 16, 0, 9, 0x61})
		}), dlms.LinkReset, grid.NoAnswer},
		"another protocol": {raw(t, func(c net.Conn) { _, _ = c.Write([]byte("SSH-2.0-dropbear\r\n")); _, _ = c.Read(make([]byte, 512)) }), dlms.Malformed, grid.MeterError},
		"wrong password": {scripted(t, func([]byte) []byte {
			return octets(t, "611FA109060760857405080101A203020101A305A10302010DBE0604040E010600")
		}), dlms.Rejected, grid.WrongPassword},
		"password refused":  {scripted(t, func([]byte) []byte { return octets(t, "6117A109060760857405080101A203020101A305A10302010D") }), dlms.Rejected, grid.WrongPassword},
		"refused, no why":   {scripted(t, func([]byte) []byte { return octets(t, "6117A109060760857405080101A203020101A305A103020101") }), dlms.Rejected, grid.WrongPassword},
		"wrong context":     {scripted(t, func([]byte) []byte { return octets(t, "6117A109060760857405080101A203020101A305A103020102") }), dlms.Rejected, grid.MeterError},
		"busy":              {scripted(t, func([]byte) []byte { return octets(t, "6117A109060760857405080101A203020102A305A103020101") }), dlms.Busy, grid.MeterError},
		"service error":     {scripted(t, func([]byte) []byte { return octets(t, "0E010601") }), dlms.Rejected, grid.MeterError},
		"exception":         {scripted(t, func([]byte) []byte { return octets(t, "D80102") }), dlms.AccessDenied, grid.MeterError},
		"unknown message":   {scripted(t, func([]byte) []byte { return octets(t, "DB00") }), dlms.Malformed, grid.MeterError},
		"exception to GET":  {scripted(t, answering(t, "D80202")), dlms.AccessDenied, grid.MeterError},
		"broken value":      {scripted(t, answering(t, "C401C1000600")), dlms.Malformed, grid.MeterError},
		"answers too few":   {scripted(t, answering(t, "C403C1010000")), dlms.Malformed, grid.MeterError},
		"list by one value": {scripted(t, answering(t, "C401C1001101")), dlms.Malformed, grid.MeterError},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := objects()
			if cfg.Timeout = 5 * time.Second; c.class == dlms.Timeout {
				cfg.Timeout = 100 * time.Millisecond
			}
			device, line := dialled(t, c.address, cfg)
			got, err := device.Poll(t.Context())
			var failed *dlms.Error
			if !errors.As(err, &failed) || failed.Class != c.class {
				t.Fatalf("err = %v, want class %v", err, c.class)
			}
			if reason := meter.Reason(err); reason != c.reason {
				t.Errorf("reason %v, want %v (%v)", reason, c.reason, err)
			}
			if got.Values.Len() != 0 {
				t.Errorf("values %v from a failure", figures(got.Values))
			}
			if line.conn != nil {
				t.Error("the connection was kept")
			}
		})
	}
}

func TestPasswordIsChecked(t *testing.T) {
	address := start(t, dlmsmeter.Config{Password: "right"}, wave{})
	for password, want := range map[string]grid.Reason{"right": grid.NoReason, "wrong": grid.WrongPassword, "": grid.WrongPassword} {
		cfg := objects()
		if password != "" {
			cfg.Password = []byte(password)
		}
		device, _ := dialled(t, address, cfg)
		_, err := device.Poll(t.Context())
		if got := meter.Reason(err); got != want {
			t.Errorf("password %q: %v (%v), want %v", password, got, err, want)
		}
		if err != nil && strings.Contains(err.Error(), password) && password != "" {
			t.Errorf("the error tells the password: %v", err)
		}
		if err := device.Release(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func TestLateAnswersEndByTheTimeoutAndTheNextPollIsWhole(t *testing.T) {
	slow := start(t, dlmsmeter.Config{Delay: 5 * time.Second}, wave{})
	quick := start(t, dlmsmeter.Config{}, wave{})
	cfg := objects()
	cfg.Timeout = 500 * time.Millisecond
	device, line := dialled(t, slow, cfg)
	if _, err := device.Poll(t.Context()); meter.Reason(err) != grid.NoAnswer {
		t.Fatalf("err = %v, want no answer", err)
	}
	line.address = quick
	if _, err := device.Poll(t.Context()); err != nil {
		t.Errorf("after it: %v", err)
	}
}

func TestCancellingInterruptsAReadAtOnce(t *testing.T) {
	asked := make(chan struct{})
	address := raw(t, func(c net.Conn) {
		_, _ = c.Read(make([]byte, 512))
		close(asked)
		_, _ = c.Read(make([]byte, 512))
	})
	cfg := objects()
	cfg.Timeout = time.Hour
	device, line := dialled(t, address, cfg)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	_, err := device.Poll(ctx)
	if !errors.Is(err, context.Canceled) || line.conn != nil {
		t.Errorf("err = %v, connection kept: %v", err, line.conn != nil)
	}
}

func TestDeadlineOfTheContextEndsAnExchange(t *testing.T) {
	address := raw(t, func(c net.Conn) {
		for b := make([]byte, 512); ; {
			if _, err := c.Read(b); err != nil {
				return
			}
		}
	})
	cfg := objects()
	cfg.Timeout = time.Hour
	device, _ := dialled(t, address, cfg)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := device.Poll(ctx); meter.Reason(err) != grid.NoAnswer {
		t.Errorf("err = %v, want no answer", err)
	}
}

func TestAssociationThatTheMeterLostIsOpenedAnew(t *testing.T) {
	for name, fault := range map[string]string{"connection closed": "", "association forgotten": "D80101"} {
		t.Run(name, func(t *testing.T) {
			polls, broken := 0, false
			inner := answering(t, "C401C1001101")
			address := scripted(t, func(request []byte) []byte {
				if request[0] == apdu.TagGetRequest {
					if polls++; polls == 3 && !broken { // the second poll
						broken = true
						if fault == "" {
							return nil
						}
						return octets(t, fault)
					}
				}
				return inner(request)
			})
			cfg := dlms.Config{ListMax: 1, Objects: []dlms.Object{{Code: [6]byte{1, 0, 32, 7, 0, 255}, Quantity: grid.Ua, Scale: noScale()}}}
			device, line := dialled(t, address, cfg)
			for i := range 3 {
				got, err := device.Poll(t.Context())
				if x, _ := got.Values.Get(grid.Ua); err != nil || x != 1 {
					t.Fatalf("poll %d: %v, %v", i+1, x, err)
				}
			}
			if !broken || line.dials != 2 {
				t.Errorf("broken %v, %d connections; want one more after the fault", broken, line.dials)
			}
		})
	}
}

func TestBlocksThatGoWrongAreClassed(t *testing.T) {
	block := func(last, number, rest string) string { return "C402C1" + last + number + rest }
	first := block("00", "00000001", "00 03 010206")
	for name, c := range map[string]struct {
		second string
		class  dlms.Class
	}{
		"connection closed":    {"", dlms.LinkReset},
		"error in a block":     {block("01", "00000002", "01 0F"), dlms.AccessDenied},
		"refusal of the next":  {"C401C1 01 10", dlms.AccessDenied},
		"exception":            {"D80101", dlms.AccessDenied},
		"block left out":       {block("00", "00000003", "00 01 00"), dlms.Malformed},
		"same block again":     {block("00", "00000001", "00 03 010206"), dlms.Malformed},
		"empty, and not last":  {block("00", "00000002", "00 00"), dlms.Malformed},
		"ends inside a value":  {block("01", "00000002", "00 02 0000"), dlms.Malformed},
		"value instead of one": {"C401C1 00 1101", dlms.Malformed},
	} {
		t.Run(name, func(t *testing.T) {
			start := answering(t, first)
			address := scripted(t, func(request []byte) []byte {
				if request[0] != apdu.TagGetRequest || request[1] != 2 {
					return start(request)
				}
				if c.second == "" {
					return nil
				}
				return answering(t, c.second)(request)
			})
			cfg := dlms.Config{ListMax: 1, Timeout: 5 * time.Second, Objects: []dlms.Object{{Code: [6]byte{1, 0, 32, 7, 0, 255}, Quantity: grid.Ua, Scale: noScale()}}}
			device, line := dialled(t, address, cfg)
			_, err := device.Poll(t.Context())
			var failed *dlms.Error
			if !errors.As(err, &failed) || failed.Class != c.class || line.conn != nil {
				t.Errorf("err = %v, want class %v and the connection dropped", err, c.class)
			}
			released := false
			for _, frame := range line.sent {
				released = released || frame[8] == apdu.TagRLRQ
			}
			if want := c.class != dlms.LinkReset; released != want {
				t.Errorf("release sent: %v, want %v", released, want)
			}
		})
	}
}

func TestHistoryGoesOnWhereABrokenLineLeftIt(t *testing.T) {
	address := start(t, dlmsmeter.Config{}, wave{})
	device, line := dialled(t, address, objects())
	var ends []time.Time
	err := device.History(t.Context(), hot.Add(-4*24*time.Hour), hot, func(s grid.Sample) error {
		if ends = append(ends, s.End); len(ends) == 60 { // in the second day
			_ = line.conn.Close()
		}
		return nil
	})
	if err == nil {
		t.Fatal("a connection that we closed ourselves was not noticed")
	}
	if len(ends) != 96 {
		t.Errorf("%d rows before the failure, want the two days that were read", len(ends))
	}
	if err := device.History(t.Context(), ends[len(ends)-1], hot, func(s grid.Sample) error { ends = append(ends, s.End); return nil }); err != nil {
		t.Fatal(err)
	}
	var want []time.Time
	for _, r := range (wave{}).Rows(hot.Add(-4*24*time.Hour), hot) {
		want = append(want, r.End)
	}
	if !cmp.Equal(ends, want) {
		t.Errorf("%d rows in the end, want %d, each once", len(ends), len(want))
	}
}

func TestStrayFramesArePassedOver(t *testing.T) {
	address := raw(t, func(c net.Conn) {
		b := make([]byte, 512)
		for {
			n, err := c.Read(b)
			if err != nil {
				return
			}
			var out []byte
			add := func(source, destination byte, s string) {
				m := octets(t, s)
				out = append(out, 0, 1, 0, source, 0, destination, 0, byte(len(m)))
				out = append(out, m...)
			}
			add(1, 16, "C401CF001163") // a late answer to an earlier request
			add(1, 99, "C401C1001163") // for someone else
			if b[8] == apdu.TagAARQ {
				add(1, 16, accepted)
			} else {
				add(1, 16, "C401"+hex.EncodeToString(b[10:11])+"001105")
			}
			if _, err := c.Write(out); n < 9 || err != nil {
				return
			}
		}
	})
	device, _ := dialled(t, address, dlms.Config{ListMax: 1, Objects: []dlms.Object{{Code: [6]byte{1, 0, 32, 7, 0, 255}, Quantity: grid.Ua, Scale: noScale()}}})
	got, err := device.Poll(t.Context())
	if x, _ := got.Values.Get(grid.Ua); err != nil || x != 5 {
		t.Errorf("ua = %v, %v; want 5", x, err)
	}
}
