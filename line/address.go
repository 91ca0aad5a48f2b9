package line

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Open makes the line of an address such as tcp://10.1.2.3:502. It dials
// nothing yet.
func Open(address string, opt Options) (*Line, error) {
	dial, err := dialer(address, opt)
	if err != nil {
		return nil, err
	}
	return &Line{address: address, opt: opt, dial: dial}, nil
}

// Normal gives the one spelling of an address that all its spellings share:
// scheme and host in lower case, an IP address in its shortest form, a port
// without zeros before it. Two meters stand on one line if these are the same.
// The error says what is wrong with an address that Open would refuse.
func Normal(address string) (string, error) {
	if _, err := dialer(address, Options{}); err != nil {
		return "", err
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil {
		return "", err
	}
	host := strings.ToLower(u.Hostname())
	if ip, err := netip.ParseAddr(host); err == nil {
		host = strings.ReplaceAll(ip.Unmap().String(), "%", "%25") // before a zone
	}
	return u.Scheme + "://" + net.JoinHostPort(host, strconv.FormatUint(port, 10)), nil
}

// dialer is the list of schemes: rtu+tcp, serial and listen get their case here.
func dialer(address string, opt Options) (dialFunc, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("line address %q: write it as tcp://host:port: %w", address, err)
	}
	switch u.Scheme {
	case "tcp":
		return tcp(address, u, opt)
	}
	return nil, fmt.Errorf("line address %q: unknown scheme %q; write it as tcp://host:port", address, u.Scheme)
}

func tcp(address string, u *url.URL, opt Options) (dialFunc, error) {
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if u.Hostname() == "" || err != nil || port == 0 {
		return nil, fmt.Errorf("line address %q: host and port are needed, as in tcp://10.1.2.3:502", address)
	}
	if u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("line address %q: nothing may stand beside host and port", address)
	}
	keepAlive := opt.KeepAlive
	if keepAlive <= 0 {
		keepAlive = -1 // net's way to say off
	}
	d := &net.Dialer{KeepAlive: keepAlive}
	hostport := u.Host
	return func(ctx context.Context) (net.Conn, error) {
		return d.DialContext(ctx, "tcp", hostport)
	}, nil
}
