package store

import (
	"time"

	"phutai/grid"
)

// Config says how the ingester groups what arrives.
type Config struct {
	// Batch is how many readings make a commit full.
	Batch int `yaml:"batch"`
	// Within is how long a commit waits for more once something has arrived.
	Within time.Duration `yaml:"within"`
	// Queue is how many messages may wait before Offer blocks.
	Queue int `yaml:"queue"`
	// Ahead is how far in the future a reading may lie; more is a clock gone wrong.
	Ahead time.Duration `yaml:"ahead"`
}

// DefaultConfig gives what suits a province on one machine.
func DefaultConfig() Config {
	return Config{Batch: 2000, Within: 5 * time.Millisecond, Queue: 256, Ahead: 10 * time.Minute}
}

// Validate gives every problem of the configuration.
func (c Config) Validate() []grid.Problem {
	var out []grid.Problem
	add := func(bad bool, field, text string) {
		if bad {
			out = append(out, grid.Problem{Field: field, Text: text})
		}
	}
	add(c.Batch < 1 || c.Batch > 20_000, "batch", "must be between 1 and 20000 readings; 2000 suits most")
	add(c.Within < 0 || c.Within > time.Second, "within", "must be between 0s and 1s; 5ms suits most")
	add(c.Queue < 1 || c.Queue > 100_000, "queue", "must be between 1 and 100000 messages; 256 suits most")
	add(c.Ahead < time.Minute || c.Ahead > 24*time.Hour, "ahead", "must be between 1m and 24h; 10m suits most")
	return out
}
