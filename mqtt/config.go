package mqtt

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"

	"phutai/grid"
)

// Config says how to reach the broker.
type Config struct {
	Address      string `yaml:"address"`       // tcp://host:1883 or tls://host:8883
	ClientID     string `yaml:"client_id"`     // empty: made from the role and the collector
	User         string `yaml:"user"`          // empty: no user name is sent
	PasswordFile string `yaml:"password_file"` // its first line is the password
	CAFile       string `yaml:"ca_file"`       // PEM; empty: the system's authorities
	CertFile     string `yaml:"cert_file"`     // PEM, with KeyFile, where the broker asks for one
	KeyFile      string `yaml:"key_file"`
	InFlight     int    `yaml:"in_flight"`    // messages sent and not yet acknowledged by the broker
	InsecureLab  bool   `yaml:"insecure_lab"` // allow plain text beyond this machine
	Password     string `yaml:"-"`            // in place of PasswordFile, for an embedded broker
}

// DefaultConfig reaches a broker on this machine.
func DefaultConfig() Config {
	return Config{Address: "tcp://127.0.0.1:1883", InFlight: 64}
}

// Validate gives everything that is wrong. It opens no files.
func (c Config) Validate() []grid.Problem {
	var out []grid.Problem
	if err := checkAddress(c.Address, c.InsecureLab); err != nil {
		out = append(out, grid.Problem{Field: "address", Text: err.Error()})
	}
	if (c.CertFile == "") != (c.KeyFile == "") {
		out = append(out, grid.Problem{Field: "cert_file", Text: "cert_file and key_file go together: give both or none"})
	}
	if c.InFlight < 1 || c.InFlight > 500 {
		out = append(out, grid.Problem{Field: "in_flight", Text: fmt.Sprintf("%d is out of range: give 1 to 500", c.InFlight)})
	}
	return out
}

// checkAddress refuses plain text to another machine, where passwords and
// readings could be read and forged on the way.
func checkAddress(address string, insecureLab bool) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Port() == "" {
		return fmt.Errorf("%q is no address: write tcp://127.0.0.1:1883 or tls://host:8883", address)
	}
	switch u.Scheme {
	case "tls":
		return nil
	case "tcp":
		if insecureLab || loopback(u.Hostname()) {
			return nil
		}
		return fmt.Errorf("%s would send passwords and readings in plain text: use tls://, or set insecure_lab: true in a closed test network", address)
	}
	return fmt.Errorf("%q: scheme %q is not known: write tcp:// or tls://", address, u.Scheme)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Readable tells what keeps the files that c names from being used; nil: nothing
// does. A link starts without them and tries again.
func (c Config) Readable() error {
	_, noTLS := c.tlsConfig()
	_, noPassword := c.password()
	return errors.Join(noTLS, noPassword)
}

// tlsConfig is nil for plain text.
func (c Config) tlsConfig() (*tls.Config, error) {
	if !strings.HasPrefix(c.Address, "tls://") {
		return nil, nil
	}
	t := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.CAFile != "" {
		pem, err := os.ReadFile(c.CAFile)
		if err != nil {
			return nil, fmt.Errorf("read authority of the broker: %w", err)
		}
		t.RootCAs = x509.NewCertPool()
		if !t.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s holds no PEM certificate", c.CAFile)
		}
	}
	if c.CertFile != "" {
		cert, err := tls.LoadX509KeyPair(c.CertFile, c.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("read own certificate: %w", err)
		}
		t.Certificates = []tls.Certificate{cert}
	}
	return t, nil
}

// password reads the file anew at each connect, so that a changed one takes
// effect without a restart.
func (c Config) password() (string, error) {
	if c.PasswordFile == "" {
		return c.Password, nil
	}
	raw, err := os.ReadFile(c.PasswordFile)
	if err != nil {
		return "", fmt.Errorf("read password of the broker: %w", err)
	}
	line, _, _ := strings.Cut(string(raw), "\n")
	line = strings.TrimSuffix(line, "\r")
	if line == "" {
		return "", errors.New(c.PasswordFile + " is empty: put the password on its first line")
	}
	return line, nil
}
