package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"go.uber.org/zap"

	"phutai/grid"
	"phutai/mqtt"
)

// centerUser is the name under which the center signs in at the broker;
// collectors sign in under their own id.
const centerUser = "center"

// startBroker starts the embedded broker and points the links of this process
// to it.
func startBroker(cfg *Config, log *zap.Logger) (*mqtt.Broker, map[string]string, error) {
	users, passwords, err := brokerUsers(cfg)
	if err != nil {
		return nil, nil, err
	}
	broker, err := mqtt.StartBroker(cfg.Broker, users, log)
	if err != nil {
		return nil, nil, err
	}
	scheme := "tcp://"
	if cfg.Broker.CertFile != "" {
		scheme = "tls://"
	}
	cfg.MQTT.Address = scheme + broker.Addr()
	return broker, passwords, nil
}

// brokerUsers lists who may connect. A password stands in the secret folder as
// mqtt-<name>; who lives in this process gets a random one where there is none.
func brokerUsers(cfg *Config) ([]mqtt.User, map[string]string, error) {
	parties := []struct {
		name string
		here bool
		id   grid.CollectorID
	}{{name: centerUser, here: cfg.has(Center)}, {name: string(cfg.Collector.ID), here: cfg.has(Collect), id: cfg.Collector.ID}}
	for _, id := range cfg.Collectors {
		if id != cfg.Collector.ID {
			parties = append(parties, struct {
				name string
				here bool
				id   grid.CollectorID
			}{string(id), false, id})
		}
	}
	var (
		users     []mqtt.User
		passwords = map[string]string{}
		problems  []error
	)
	for _, p := range parties {
		secret := "mqtt-" + p.name
		password := mqtt.NewPassword()
		_, err := os.Stat(filepath.Join(cfg.Secrets, secret))
		switch {
		case err == nil:
			text, err := secretFolder(cfg.Secrets).Secret(secret)
			if err != nil {
				problems = append(problems, err)
				continue
			}
			password = string(text)
		case !errors.Is(err, fs.ErrNotExist):
			problems = append(problems, fmt.Errorf("secret %s: %w", secret, err))
			continue
		case !p.here:
			problems = append(problems, fmt.Errorf("%s connects from another process: write its MQTT password to %s and chmod 600 it",
				p.name, filepath.Join(cfg.Secrets, secret)))
			continue
		}
		users = append(users, mqtt.User{Name: p.name, Password: password, Collector: p.id})
		passwords[p.name] = password
	}
	return users, passwords, errors.Join(problems...)
}

// linkConfig is the MQTT configuration of one party of this process: with the
// user that the configuration names, or else, where the secret folder holds
// mqtt-<name>, under the party's own name as an embedded broker knows it.
func linkConfig(cfg *Config, name string, passwords map[string]string) (mqtt.Config, error) {
	link := cfg.MQTT
	link.ClientID = ""
	if password, embedded := passwords[name]; embedded {
		link.User, link.Password, link.PasswordFile = name, password, ""
		return link, nil
	}
	if link.User != "" {
		return link, nil
	}
	secret := "mqtt-" + name
	if _, err := os.Stat(filepath.Join(cfg.Secrets, secret)); err != nil {
		return link, nil // a broker that asks for no name
	}
	text, err := secretFolder(cfg.Secrets).Secret(secret)
	link.User, link.Password = name, string(text)
	return link, err
}
