package victoria

import (
	"fmt"
	"time"

	"phutai/grid"
	"phutai/store/lineproto"
)

// Config says where to write. An empty URL means: no VictoriaMetrics.
type Config struct {
	URL            string        `yaml:"url"`        // such as http://127.0.0.1:8428, or http://vminsert:8480/insert/0/influx
	TokenFile      string        `yaml:"token_file"` // bearer token for a proxy in front; empty: none
	Metrics        []string      `yaml:"metrics"`    // /metrics of each process that keeps data, asked without the token; empty: the one below url
	Settle         time.Duration `yaml:"settle"`     // how long the server must live on before what it took counts as kept
	lineproto.Pace `yaml:",inline"`
}

// DefaultConfig gives no VictoriaMetrics, and the sizes for when there is one.
func DefaultConfig() Config {
	return Config{Settle: time.Minute, Pace: lineproto.DefaultPace()}
}

// Enabled tells whether there is anything to write to.
func (c Config) Enabled() bool { return c.URL != "" }

// Validate gives every problem of the configuration.
func (c Config) Validate() []grid.Problem {
	if !c.Enabled() {
		return nil
	}
	out := lineproto.CheckURL("url", c.URL, "http://127.0.0.1:8428")
	for i, m := range c.Metrics {
		out = append(out, lineproto.CheckURL(fmt.Sprintf("metrics[%d]", i), m, "http://vmstorage-1:8482/metrics")...)
	}
	// It writes to its disk every 5 s, and an index a little later.
	if c.Settle < 15*time.Second || c.Settle > time.Hour {
		out = append(out, grid.Problem{Field: "settle", Text: "must be between 15s and 1h; 1m suits most"})
	}
	return append(out, c.Pace.Validate()...)
}
