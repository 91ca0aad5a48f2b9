package configs

import _ "embed"

// Example is an example configuration with each setting explained. Its values
// are the defaults.
//
//go:embed phutai.example.yml
var Example []byte

// Unit is a systemd unit for an installation in /etc/phutai.
//
//go:embed systemd/phutai.service
var Unit []byte
