package meter_test

import (
	"encoding/hex"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"phutai/meter/dlms/apdu"
	"phutai/meter/dlms/axdr"
	"phutai/meter/dlms/obis"
	"phutai/meter/dlms/wrapper"
)

// accept hands each connection to talk, one after another, until the test ends.
func accept(t testing.TB, talk func(net.Conn)) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			talk(conn)
			_ = conn.Close()
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		wg.Wait()
	})
	return "tcp://" + ln.Addr().String()
}

// replayModbus answers the requests of an exchange, and no other.
func replayModbus(t testing.TB, exchange [][]string) string {
	t.Helper()
	answers := map[string]string{}
	request := ""
	for _, f := range exchange {
		if f[0] == ">" {
			request = f[1]
			continue
		}
		answers[request] += f[1]
	}
	return accept(t, func(conn net.Conn) {
		for {
			var adu [12]byte
			if _, err := io.ReadFull(conn, adu[:]); err != nil {
				return
			}
			pdu, err := hex.DecodeString(answers[strings.ToUpper(hex.EncodeToString(adu[7:]))])
			if err != nil || len(pdu) == 0 {
				t.Errorf("no answer to % X: %v", adu[7:], err)
				return
			}
			b := []byte{adu[0], adu[1], 0, 0, 0, byte(1 + len(pdu)), adu[6]}
			if _, err := conn.Write(append(b, pdu...)); err != nil {
				return
			}
		}
	})
}

// replayDLMS is a meter that has the attributes of a table and nothing else.
// It knows no blocks, selects no rows and takes any association.
func replayDLMS(t testing.TB, table [][]string) string {
	t.Helper()
	have := map[string]axdr.Value{}
	for _, f := range table {
		code, err := obis.Parse(f[0])
		if err != nil {
			t.Fatal(err)
		}
		b, err := hex.DecodeString(f[3])
		if err != nil {
			t.Fatal(err)
		}
		v, rest, err := axdr.Decode(b)
		if err != nil || len(rest) > 0 {
			t.Fatalf("%v: %v, %d octets too many", f, err, len(rest))
		}
		have[code.String()+"/"+f[2]] = v
	}
	get := func(a apdu.Attribute) apdu.Answer {
		v, ok := have[a.Code.String()+"/"+string(rune('0'+a.ID))]
		if !ok {
			return apdu.Answer{Result: apdu.ObjectUndefined}
		}
		return apdu.Answer{Value: v}
	}
	return accept(t, func(conn net.Conn) {
		frames := wrapper.NewReader(conn, 4096)
		for {
			f, err := frames.Next()
			if err != nil {
				return
			}
			request, err := apdu.DecodeRequest(f.Payload)
			if err != nil {
				t.Error(err)
				return
			}
			var answer apdu.APDU
			switch r := request.(type) {
			case *apdu.AARQ:
				answer = &apdu.AARE{Context: apdu.LogicalName, Initiate: &apdu.InitiateResponse{Conformance: apdu.Reading, MaxPDU: 4096}}
			case *apdu.GetRequest:
				answer = &apdu.GetResponse{Invoke: r.Invoke, Answer: get(r.Attribute)}
			case *apdu.GetList:
				list := &apdu.GetListResponse{Invoke: r.Invoke}
				for _, i := range r.Items {
					list.Answers = append(list.Answers, get(i.Attribute))
				}
				answer = list
			default:
				answer = apdu.RLRE{}
			}
			b, err := wrapper.End(answer.AppendTo(wrapper.Begin(nil, f.Destination, f.Source)))
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := conn.Write(b); err != nil {
				return
			}
		}
	})
}
