package influx

import (
	"phutai/grid"
	"phutai/store/lineproto"
)

// Config says where to write. An empty URL means: no InfluxDB.
type Config struct {
	URL            string `yaml:"url"`        // such as http://127.0.0.1:8086
	Org            string `yaml:"org"`        // organisation
	Bucket         string `yaml:"bucket"`     // must exist
	TokenFile      string `yaml:"token_file"` // holds a token that may write to the bucket; read anew for each request
	lineproto.Pace `yaml:",inline"`
}

// DefaultConfig gives no InfluxDB, and the sizes for when there is one.
func DefaultConfig() Config { return Config{Pace: lineproto.DefaultPace()} }

// Enabled tells whether there is anything to write to.
func (c Config) Enabled() bool { return c.URL != "" }

// Validate gives every problem of the configuration.
func (c Config) Validate() []grid.Problem {
	if !c.Enabled() {
		return nil
	}
	out := lineproto.CheckURL("url", c.URL, "http://127.0.0.1:8086")
	add := func(bad bool, field, text string) {
		if bad {
			out = append(out, grid.Problem{Field: field, Text: text})
		}
	}
	add(c.Org == "", "org", "must name the organisation of the bucket")
	add(c.Bucket == "", "bucket", "must name an existing bucket")
	add(c.TokenFile == "", "token_file", "must name a file that holds a token with write access to the bucket")
	return append(out, c.Pace.Validate()...)
}
