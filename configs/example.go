package configs

import _ "embed"

// Example is an example configuration with each setting explained. Its values
// are the defaults.
//
//go:embed phutai.example.yml
var Example []byte

// Mapping is an example of what says which columns of a list from another
// system are which of the register. What it sets is what is known anyway.
//
//go:embed mapping.example.yml
var Mapping []byte

// Unit is a systemd unit for an installation in /etc/phutai.
//
//go:embed systemd/phutai.service
var Unit []byte
