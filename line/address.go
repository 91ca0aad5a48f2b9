package line

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strconv"
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

// Check tells what is wrong with an address without making a line; nil if
// nothing is.
func Check(address string) error {
	_, err := dialer(address, Options{})
	return err
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
