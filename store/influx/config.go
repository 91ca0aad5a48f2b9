package influx

import (
	"net/url"
	"time"

	"phutai/grid"
)

// Config says where to write. An empty URL means: no InfluxDB.
type Config struct {
	URL       string        `yaml:"url"`        // such as http://127.0.0.1:8086
	Org       string        `yaml:"org"`        // organisation
	Bucket    string        `yaml:"bucket"`     // must exist
	TokenFile string        `yaml:"token_file"` // holds a token that may write to the bucket
	Batch     int           `yaml:"batch"`      // lines in one request, at most 5000
	Timeout   time.Duration `yaml:"timeout"`    // of one request
	Retry     time.Duration `yaml:"retry"`      // first pause after a failure; doubles up to a minute
}

// maxBatch is the largest batch that InfluxDB recommends.
const maxBatch = 5000

// DefaultConfig gives no InfluxDB, and the sizes for when there is one.
func DefaultConfig() Config {
	return Config{Batch: maxBatch, Timeout: 20 * time.Second, Retry: time.Second}
}

// Enabled tells whether there is anything to write to.
func (c Config) Enabled() bool { return c.URL != "" }

// Validate gives every problem of the configuration.
func (c Config) Validate() []grid.Problem {
	if !c.Enabled() {
		return nil
	}
	var out []grid.Problem
	add := func(bad bool, field, text string) {
		if bad {
			out = append(out, grid.Problem{Field: field, Text: text})
		}
	}
	u, err := url.Parse(c.URL)
	add(err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "", "url", "must be an http or https address such as http://127.0.0.1:8086")
	add(err == nil && u.User != nil, "url", "must not hold a password; put the token into token_file")
	add(c.Org == "", "org", "must name the organisation of the bucket")
	add(c.Bucket == "", "bucket", "must name an existing bucket")
	add(c.TokenFile == "", "token_file", "must name a file that holds a token with write access to the bucket")
	add(c.Batch < 1 || c.Batch > maxBatch, "batch", "must be between 1 and 5000 lines")
	add(c.Timeout < time.Second || c.Timeout > 5*time.Minute, "timeout", "must be between 1s and 5m; 20s suits most")
	add(c.Retry < time.Millisecond || c.Retry > time.Minute, "retry", "must be between 1ms and 1m; 1s suits most")
	return out
}
