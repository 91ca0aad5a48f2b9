package configs

import _ "embed"

// Example is an example configuration with each setting explained. Its values
// are the defaults.
//
//go:embed phutai.example.yml
var Example []byte
