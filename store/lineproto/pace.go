package lineproto

import (
	"net/url"
	"time"

	"phutai/grid"
)

// Pace says how much is sent at once, and how patiently.
type Pace struct {
	Batch   int           `yaml:"batch"`   // lines in one request, at most 5000
	Timeout time.Duration `yaml:"timeout"` // of one request
	Retry   time.Duration `yaml:"retry"`   // first pause after a failure; doubles up to a minute
}

// maxBatch is the largest batch that InfluxDB recommends.
const maxBatch = 5000

// DefaultPace suits a database in the same network.
func DefaultPace() Pace {
	return Pace{Batch: maxBatch, Timeout: 20 * time.Second, Retry: time.Second}
}

// Validate gives every problem of the pace.
func (p Pace) Validate() (out []grid.Problem) {
	add := func(bad bool, field, text string) {
		if bad {
			out = append(out, grid.Problem{Field: field, Text: text})
		}
	}
	add(p.Batch < 1 || p.Batch > maxBatch, "batch", "must be between 1 and 5000 lines")
	add(p.Timeout < time.Second || p.Timeout > 5*time.Minute, "timeout", "must be between 1s and 5m; 20s suits most")
	add(p.Retry < time.Millisecond || p.Retry > time.Minute, "retry", "must be between 1ms and 1m; 1s suits most")
	return out
}

// CheckURL gives the problems of a database's address; example is one as it
// should be.
func CheckURL(field, address, example string) (out []grid.Problem) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		out = append(out, grid.Problem{Field: field, Text: "must be an http or https address such as " + example})
	}
	if err == nil && u.User != nil {
		out = append(out, grid.Problem{Field: field, Text: "must not hold a password; put the token into token_file"})
	}
	return out
}
