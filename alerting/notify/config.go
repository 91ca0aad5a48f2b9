package notify

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"go.uber.org/zap"

	"phutai/grid"
)

// Config names the channels. A channel whose fields are empty is not used.
type Config struct {
	Lang    string        `yaml:"lang"` // of the texts: vi or en
	Log     bool          `yaml:"log"`  // pages appear in the program's log
	File    FileConfig    `yaml:"file"`
	Webhook WebhookConfig `yaml:"webhook"`
	Retry   Retry         `yaml:"retry"`
}

// FileConfig is the channel that appends to a file.
type FileConfig struct {
	Path string `yaml:"path"` // JSON lines; the texts stand in the same path with .txt appended
}

// WebhookConfig is the channel that posts JSON.
type WebhookConfig struct {
	URL        string        `yaml:"url"`         // shown to who reads the configuration; empty: URLFile
	URLFile    string        `yaml:"url_file"`    // holds the address instead, where it is a secret
	Within     time.Duration `yaml:"within"`      // for the whole request
	SecretFile string        `yaml:"secret_file"` // of the HMAC-SHA256 signature; empty: unsigned
}

// used tells whether there is a receiver.
func (c WebhookConfig) used() bool { return c.URL != "" || c.URLFile != "" }

// DefaultConfig logs pages in Vietnamese and tries for about a day.
func DefaultConfig() Config {
	return Config{
		Lang: "vi", Log: true,
		Webhook: WebhookConfig{Within: 10 * time.Second},
		Retry:   Retry{Every: 5 * time.Second, Most: 10 * time.Minute, Tries: 150},
	}
}

// Validate gives all that is wrong.
func (c Config) Validate() []grid.Problem {
	var ps []grid.Problem
	add := func(field, format string, args ...any) {
		ps = append(ps, grid.Problem{Field: field, Text: fmt.Sprintf(format, args...)})
	}
	if _, ok := texts(c.Lang); !ok {
		add("lang", "%q: use vi or en", c.Lang)
	}
	if c.Webhook.URL != "" {
		if err := checkURL(c.Webhook.URL); err != nil {
			add("webhook.url", "%v", err)
		}
		if c.Webhook.URLFile != "" {
			add("webhook.url_file", "there is webhook.url too: leave one of the two empty")
		}
	}
	if w := c.Webhook; w.used() && (w.Within < time.Second || w.Within > sendWithin) {
		add("webhook.within", "%v: must be from 1s to %v", w.Within, sendWithin)
	}
	if !c.Webhook.used() && c.Webhook.SecretFile != "" {
		add("webhook.secret_file", "there is no webhook.url or webhook.url_file that it could sign for: set one or leave this out")
	}
	if c.Retry.Every < time.Second || c.Retry.Every > time.Hour {
		add("retry.every", "%v: must be from 1s to 1h", c.Retry.Every)
	}
	if c.Retry.Most < c.Retry.Every || c.Retry.Most > 24*time.Hour {
		add("retry.most", "%v: must be from retry.every to 24h", c.Retry.Most)
	}
	if c.Retry.Tries < 1 {
		add("retry.tries", "%d: must be 1 at least", c.Retry.Tries)
	}
	return ps
}

func checkURL(text string) error {
	u, err := url.Parse(text)
	if err != nil {
		return errors.New("cannot be read as an address: write it as https://host/path")
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return fmt.Errorf("has scheme %q and host %q: write it as https://host/path", u.Scheme, u.Host)
	}
	return nil
}

// Channels opens what the configuration names.
func Channels(c Config, log *zap.Logger) ([]Channel, error) {
	if log == nil {
		log = zap.NewNop()
	}
	var out []Channel
	if c.Log {
		out = append(out, NewLog(log))
	}
	if c.File.Path != "" {
		out = append(out, NewFile(c.File.Path))
	}
	if c.Webhook.used() {
		w, err := NewWebhook(c.Webhook)
		if err != nil {
			return nil, err
		}
		out = append(out, w)
	}
	return out, nil
}
