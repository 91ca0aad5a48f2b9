package mqtt_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"runtime"
	"testing"

	"phutai/mqtt"
)

// anvil is a broker that is hit with packets that are none, as south.
type anvil struct {
	t     *testing.T
	addr  string
	fives bool // it speaks MQTT 5 too
	hits  int
}

// connectFive is a CONNECT of MQTT 5, without properties.
func connectFive(id string) []byte {
	return packet(0x10, text("MQTT"), []byte{5, 0xc2, 0, 30, 0}, text(id), text("south"), text("south-secret"))
}

// greeted gives a connection after so much of a sign-in: level 0 is none at all.
func (a *anvil) greeted(level byte) net.Conn {
	a.t.Helper()
	a.hits++
	c := dialRaw(a.t, a.addr)
	id := fmt.Sprint("mad-", a.hits) // one that comes again at once is kept waiting
	switch level {
	case 4:
		_, _ = c.Write(connectAs(4, id, "south", "south-secret"))
	case 5:
		_, _ = c.Write(connectFive(id))
	default:
		return c
	}
	if got := hear(a.t, c, 4); len(got) != 4 || got[0] != 0x20 || got[3] != 0 {
		a.t.Fatalf("south is answered %x at level %d", got, level)
	}
	return c
}

// hit sends bytes in each state of a connection, and leaves.
func (a *anvil) hit(bytes ...[]byte) {
	a.t.Helper()
	levels := []byte{0, 4}
	if a.fives {
		levels = append(levels, 5)
	}
	for _, level := range levels {
		for _, b := range bytes {
			c := a.greeted(level)
			_, _ = c.Write(b) // the broker may have hung up already
			_ = c.Close()
		}
	}
}

// wholePackets has one of each type, as MQTT 3.1.1 and as MQTT 5 writes it.
func wholePackets() map[string][]byte {
	readings, ack := text("phutai/v1/readings/south"), text("phutai/v1/ack/south")
	return map[string][]byte{
		"CONNECT":       connectAs(4, "x", "south", "south-secret"),
		"CONNECT 5":     connectFive("x"),
		"CONNECT will":  packet(0x10, text("MQTT"), []byte{4, 0xee, 0, 30}, text("x"), text("phutai/v1/status/south"), text("gone"), text("south"), text("south-secret")),
		"CONNACK":       {0x20, 2, 0, 0},
		"CONNACK 5":     {0x20, 3, 0, 0, 0},
		"PUBLISH":       packet(0x32, readings, []byte{0, 1}, []byte("{}")),
		"PUBLISH 0":     packet(0x30, readings, []byte("{}")),
		"PUBLISH 2":     packet(0x34, readings, []byte{0, 1}, []byte("{}")),
		"PUBLISH 5":     packet(0x32, readings, []byte{0, 1, 5, 0x02, 0, 0, 0, 9}, []byte("{}")),
		"PUBACK":        {0x40, 2, 0, 1},
		"PUBACK 5":      {0x40, 4, 0, 1, 0x10, 0},
		"PUBREC":        {0x50, 2, 0, 1},
		"PUBREC 5":      {0x50, 4, 0, 1, 0, 0},
		"PUBREL":        {0x62, 2, 0, 1},
		"PUBREL 5":      {0x62, 4, 0, 1, 0, 0},
		"PUBCOMP":       {0x70, 2, 0, 1},
		"PUBCOMP 5":     {0x70, 4, 0, 1, 0, 0},
		"SUBSCRIBE":     packet(0x82, []byte{0, 1}, ack, []byte{1}),
		"SUBSCRIBE 5":   packet(0x82, []byte{0, 1, 2, 0x0b, 7}, ack, []byte{1}),
		"SUBACK":        {0x90, 3, 0, 1, 1},
		"SUBACK 5":      {0x90, 4, 0, 1, 0, 1},
		"UNSUBSCRIBE":   packet(0xa2, []byte{0, 1}, ack),
		"UNSUBSCRIBE 5": packet(0xa2, []byte{0, 1, 0}, ack),
		"UNSUBACK":      {0xb0, 2, 0, 1},
		"UNSUBACK 5":    {0xb0, 4, 0, 1, 0, 0},
		"PINGREQ":       {0xc0, 0},
		"PINGRESP":      {0xd0, 0},
		"DISCONNECT":    {0xe0, 0},
		"DISCONNECT 5":  {0xe0, 2, 4, 0},
		"AUTH 5":        {0xf0, 2, 0x18, 0},
		"a SUBSCRIBE of 10 bytes without options, which has ended another broker": {0x82, 8, 0, 1, 0, 0, 3, 'a', '/', 'b'},
	}
}

// spoil gives a packet cut at each place, with the length that it had and with
// the one that it has, with wrong lengths, and with lengths that have no end.
func spoil(p []byte) (out [][]byte) {
	for cut := 1; cut <= len(p); cut++ {
		out = append(out, p[:cut])
		if cut >= 2 {
			out = append(out, append([]byte{p[0], byte(cut - 2)}, p[2:cut]...))
		}
	}
	for _, d := range []int{-3, -2, -1, 1, 2, 3} {
		if n := int(p[1]) + d; n >= 0 && n < 0x80 {
			out = append(out, append([]byte{p[0], byte(n)}, p[2:]...))
		}
	}
	for _, length := range [][]byte{{0xff, 0xff, 0xff, 0xff, 0xff}, {0x80, 0x80, 0x80, 0x80, 0x01}, {0x80, 0x00}, {0xff, 0xff, 0xff, 0x7f}} {
		out = append(out, append(append([]byte{p[0]}, length...), p[2:]...))
	}
	return append(out, append([]byte{p[0] ^ 0x0f}, p[1:]...), append(bytes.Clone(p), p...)) // other flags; twice, CONNECT too
}

// sweep hits the broker with all that can be made wrong, and asks after each
// type of packet whether it still carries north's readings.
func (a *anvil) sweep(north *mqtt.CollectorLink, came <-chan arrival) {
	a.t.Helper()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for name, p := range wholePackets() {
		a.hit(spoil(p)...)
		served(a.t, north, came, name)
	}
	luck := rand.New(rand.NewPCG(1, 17))
	for range 20 {
		var noise [][]byte
		for range 10 {
			body := make([]byte, luck.IntN(100))
			for i := range body {
				body[i] = byte(luck.Uint32() >> luck.IntN(25))
			}
			noise = append(noise, body, packet(byte(luck.Uint32()), body), packet(byte(luck.IntN(16))<<4|2, []byte{0, 1, 0, 3, 'a', '/', 'b'}, body))
		}
		a.hit(noise...)
		served(a.t, north, came, "noise")
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	grown := int64(after.HeapAlloc) - int64(before.HeapAlloc)
	if grown > 64<<20 {
		a.t.Errorf("%d MB of heap stayed behind", grown>>20)
	}
	a.t.Logf("%d connections with malformed packets: the broker lives, and carries readings for others; heap %+d KB", a.hits, grown>>10)
}

func TestSpoiledPacketsHarmNobodyElse(t *testing.T) {
	b := quietBroker(t, 1000)
	north, came := bystanders(t, b.Addr(), "north/1")
	(&anvil{t: t, addr: b.Addr()}).sweep(north, came)
}

// Mosquitto takes MQTT 5, so that its other half is hit too.
func TestSpoiledPacketsHarmNobodyElseAtMosquitto(t *testing.T) {
	addr := mqtt.RoomyMosquitto(t)
	north, came := bystanders(t, addr, "north")
	(&anvil{t: t, addr: addr, fives: true}).sweep(north, came)
}
