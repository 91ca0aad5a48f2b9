package app

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"go.uber.org/zap"

	"phutai/alerting/notify"
)

// namedFiles looks at the files that settings name, as the roles of cfg need
// them. Without those of which err tells the program does not start, each on a
// line of its own; those of waited it starts without, and waits for.
func namedFiles(cfg *Config) (waited []string, err error) {
	var fatal []error
	passwords := map[string]string{}
	if cfg.has(Broker) {
		if _, passwords, err = brokerUsers(cfg); err != nil {
			fatal = append(fatal, err)
		}
		if err := cfg.Broker.Readable(); err != nil {
			fatal = append(fatal, err)
		}
	}
	links := map[string]error{} // by what is wrong, since both parties read the same files
	for _, party := range []struct {
		role Role
		name string
	}{{Center, centerUser}, {Collect, string(cfg.Collector.ID)}} {
		if !cfg.has(party.role) {
			continue
		}
		link, err := linkConfig(cfg, party.name, passwords)
		if err != nil {
			fatal = append(fatal, err)
			continue
		}
		if cfg.has(Broker) && cfg.Broker.CertFile != "" {
			link.Address = "tls://" + cfg.Broker.Listen
		}
		if err := link.Readable(); err != nil && links[err.Error()] == nil {
			links[err.Error()] = err
			waited = append(waited, fmt.Sprintf("mqtt: %v; there is no connection to the broker until then", err))
		}
	}
	if !cfg.has(Center) {
		return waited, errors.Join(fatal...)
	}
	if _, err := notify.Channels(cfg.Alerting.Notify, zap.NewNop()); err != nil {
		fatal = append(fatal, fmt.Errorf("alerting.notify: %w", err))
	}
	if to := cfg.Store.Influx; to.Enabled() {
		waited = append(waited, tokenGap("store.influx", to.TokenFile)...)
	}
	if to := cfg.Store.Victoria; to.Enabled() {
		waited = append(waited, tokenGap("store.victoria", to.TokenFile)...)
	}
	return waited, errors.Join(fatal...)
}

// tokenGap tells what keeps a token from being read, if anything.
func tokenGap(of, path string) []string {
	if path == "" {
		return nil
	}
	text, err := os.ReadFile(path)
	if err == nil && strings.TrimSpace(string(text)) == "" {
		err = fmt.Errorf("%s is empty", path)
	}
	if err == nil {
		return nil
	}
	return []string{fmt.Sprintf("%s.token_file: %v; put a token with write access there, nothing is copied into that database until then", of, err)}
}
