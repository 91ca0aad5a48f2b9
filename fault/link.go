package fault

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// Link is a TCP link through a proxy that does harm to it.
type Link struct {
	proxy *toxiproxy.Proxy
	Addr  string // where to connect to
}

// newLink opens a link to an address; it listens on a free port.
func newLink(name, upstream string) (*Link, error) {
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	p := toxiproxy.NewProxy(server, name, "127.0.0.1:0", upstream)
	if err := p.Start(); err != nil {
		return nil, fmt.Errorf("link %s: %w", name, err)
	}
	return &Link{proxy: p, Addr: p.Listen}, nil
}

// Harm is one thing that a link can suffer, by the proxy's own name for it, with
// its figures.
type Harm struct {
	Kind    string         `json:"type"`
	Stream  string         `json:"stream"` // "upstream" or "downstream"
	Figures map[string]any `json:"attributes"`
}

// Suffer does harm to the link until the function that it gives is called.
func (l *Link) Suffer(all ...Harm) (heal func() error, err error) {
	var names []string
	heal = func() error {
		for _, name := range names {
			if err := l.proxy.Toxics.RemoveToxic(context.Background(), name); err != nil {
				return err
			}
		}
		return nil
	}
	for _, h := range all {
		text, err := json.Marshal(h)
		if err != nil {
			return heal, err
		}
		if _, err := l.proxy.Toxics.AddToxicJson(strings.NewReader(string(text))); err != nil {
			return heal, fmt.Errorf("%s of the %s: %w", h.Kind, h.Stream, err)
		}
		names = append(names, h.Kind+"_"+h.Stream)
	}
	return heal, nil
}

// Cut closes the link's connections and takes no more, until Mend.
func (l *Link) Cut() { l.proxy.Stop() }

// Mend takes connections again.
func (l *Link) Mend() error { return l.proxy.Start() }

// both gives a harm to both directions.
func both(kind string, figures map[string]any) []Harm {
	return []Harm{{kind, "upstream", figures}, {kind, "downstream", figures}}
}

// Blackhole swallows all that is sent and tells nobody: a link that is half open.
func Blackhole() []Harm { return both("timeout", map[string]any{"timeout": 0}) }

// Reset ends each connection by RST so many milliseconds after the first bytes
// from the client, with what was under way.
func Reset(after int) []Harm {
	return []Harm{{"reset_peer", "upstream", map[string]any{"timeout": after}}}
}

// Slow carries so many kilobytes a second, with a delay, in small pieces.
func Slow(kb, delayMillis int) []Harm {
	out := both("bandwidth", map[string]any{"rate": kb})
	return append(out, both("latency", map[string]any{"latency": delayMillis, "jitter": delayMillis / 2})...)
}
