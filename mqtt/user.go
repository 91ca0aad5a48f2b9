package mqtt

import (
	"crypto/rand"
	"errors"
	"strings"

	"github.com/nats-io/nats-server/v2/server"

	"phutai/grid"
)

// User is one who may connect to the embedded broker.
type User struct {
	Name      string
	Password  string
	Collector grid.CollectorID // a collector, with its own topics only; empty: the center
}

// NewPassword gives a random password of at least 128 bits.
func NewPassword() string { return rand.Text() }

// subject is a topic in the words of the broker's permissions.
func subject(k kind, level string) string {
	return strings.ReplaceAll(root, "/", ".") + string(k) + "." + level
}

// permitted gives what a user may do; all else is refused.
func (u User) permitted() (*server.User, error) {
	switch {
	case u.Name == "" || u.Password == "":
		return nil, errors.New("needs a name and a password")
	case u.Name == keeper:
		return nil, errors.New("this name is the broker's own: use another")
	}
	out, in := []kind{kindAck, kindLines, kindCommand, kindAlarm, kindLoading}, []kind{kindReadings, kindStatus, kindReply, kindPush}
	level := "*"
	if u.Collector != "" {
		var err error
		if level, err = escape(string(u.Collector)); err != nil {
			return nil, err
		}
		out, in = []kind{kindReadings, kindStatus, kindReply}, []kind{kindAck, kindLines, kindCommand}
	}
	p := &server.Permissions{Publish: &server.SubjectPermission{}, Subscribe: &server.SubjectPermission{}}
	for _, k := range out {
		p.Publish.Allow = append(p.Publish.Allow, subject(k, level))
	}
	for _, k := range in {
		p.Subscribe.Allow = append(p.Subscribe.Allow, subject(k, level))
	}
	// The broker delivers QoS 1 through subjects of its own, which are random.
	p.Subscribe.Allow = append(p.Subscribe.Allow, "$MQTT.sub.>")
	return &server.User{
		Username: u.Name, Password: u.Password, Permissions: p,
		AllowedConnectionTypes: map[string]struct{}{"MQTT": {}},
	}, nil
}
