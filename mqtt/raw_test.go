package mqtt_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// Packets of MQTT 3.1.1, made by hand so that they can be made wrong.

func packet(first byte, body ...[]byte) []byte {
	rest := bytes.Join(body, nil)
	out := []byte{first}
	for n := len(rest); ; {
		b := byte(n & 0x7f)
		if n >>= 7; n > 0 {
			out = append(out, b|0x80)
			continue
		}
		out = append(out, b)
		return append(out, rest...)
	}
}

func text(s string) []byte { return append(binary.BigEndian.AppendUint16(nil, uint16(len(s))), s...) }

func connectAs(level byte, id, user, password string) []byte {
	return packet(0x10, text("MQTT"), []byte{level, 0xc2, 0, 30}, text(id), text(user), text(password))
}

// dialRaw opens a connection that ends with the test.
func dialRaw(t *testing.T, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// signIn gives a connection on which the broker has said CONNACK.
func signIn(t *testing.T, addr, id, user string) net.Conn {
	t.Helper()
	c := dialRaw(t, addr)
	if _, err := c.Write(connectAs(4, id, user, user+"-secret")); err != nil {
		t.Fatal(err)
	}
	if got := hear(t, c, 4); !bytes.Equal(got, []byte{0x20, 2, 0, 0}) {
		t.Fatalf("%s is answered %x", user, got)
	}
	return c
}

// hear reads up to n bytes, fewer if the other side closes before.
func hear(t *testing.T, c net.Conn, n int) []byte {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, n)
	got, err := io.ReadFull(c, buf)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("neither an answer nor an end came: %x", buf[:got])
	}
	return buf[:got]
}

// wantClosed fails unless the other side ends the connection.
func wantClosed(t *testing.T, c net.Conn) {
	t.Helper()
	hear(t, c, 1<<20)
}
