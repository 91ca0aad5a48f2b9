// Package configs holds data that ships inside the binary: the meter profiles.
// It has no logic; package meter reads them.
package configs

import "embed"

// Meters holds meters/*.yml, one profile a file.
//
//go:embed meters/*.yml
var Meters embed.FS
