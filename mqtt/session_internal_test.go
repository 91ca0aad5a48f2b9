package mqtt

import (
	"context"
	"testing"
	"time"

	"go.uber.org/zap/zaptest"
)

func TestRefusedExtraSubscriptionLeavesTheLinkAtWork(t *testing.T) {
	cfg := DefaultBrokerConfig()
	cfg.Listen, cfg.Dir = "127.0.0.1:0", t.TempDir()
	user := User{Name: "north", Password: NewPassword(), Collector: "north"}
	b, err := StartBroker(cfg, []User{user}, zaptest.NewLogger(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	for what, c := range map[string]struct {
		role role
		up   bool
	}{
		"as an extra":  {role{cleanSession: true, extras: []string{kindCommand.filter(), root + "lines/north"}}, true},
		"as a need of": {role{cleanSession: true, filters: []string{kindCommand.filter()}}, false},
	} {
		client := DefaultConfig()
		client.Address, client.User, client.Password, client.ClientID = "tcp://"+b.Addr(), user.Name, user.Password, "north"
		l, err := newClient(client, c.role, zaptest.NewLogger(t))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		s, err := l.connect(ctx)
		if up := err == nil; up != c.up {
			t.Errorf("%s: %v", what, err)
		}
		if s != nil {
			s.paho.Disconnect(quiesce)
		}
		cancel()
	}
}
