package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// Webhook is the channel that posts each page as JSON. The body is the message;
// Idempotency-Key is its key; X-Phutai-Signature is "sha256=" and the hex
// HMAC-SHA256 of the body where a secret is set. Redirects are not followed.
type Webhook struct {
	url    string
	secret []byte
	client *http.Client
}

// leastSecret is the shortest secret in bytes that is worth signing with.
const leastSecret = 16

// NewWebhook makes the channel and reads the address and the secret, where they
// stand in files. It never tells of an address more than the host: the rest may
// be a secret of the receiver's.
func NewWebhook(c WebhookConfig) (*Webhook, error) {
	address := c.URL
	if c.URLFile != "" {
		var err error
		if address, err = readSecret(c.URLFile); err != nil {
			return nil, fmt.Errorf("webhook address: %w", err)
		}
	}
	if err := checkURL(address); err != nil {
		return nil, fmt.Errorf("webhook: %w", err)
	}
	w := &Webhook{url: address, client: &http.Client{
		Timeout: c.Within,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}}
	if c.SecretFile == "" {
		return w, nil
	}
	secret, err := readSecret(c.SecretFile)
	if err != nil {
		return nil, fmt.Errorf("webhook secret: %w", err)
	}
	if len(secret) < leastSecret {
		return nil, fmt.Errorf("webhook secret in %s has %d characters: put at least %d random ones into it", c.SecretFile, len(secret), leastSecret)
	}
	w.secret = []byte(secret)
	return w, nil
}

// readSecret reads a file that only its owner may read.
func readSecret(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("others can read %s; chmod 600 it", path)
	}
	b, err := os.ReadFile(path)
	return strings.TrimSpace(string(b)), err
}

// Name is "webhook".
func (*Webhook) Name() string { return "webhook" }

// Send posts the message. Answers 2xx are success. 400, 410, 413, 415 and 422
// are Permanent, because the same request will be refused again; all others are
// tried again, 401 and 404 too: they end when somebody mends the settings.
func (w *Webhook) Send(ctx context.Context, m Message) error {
	body, err := json.Marshal(m)
	if err != nil {
		return Permanent{fmt.Errorf("encode page %s: %w", m.Key, err)}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return Permanent{fmt.Errorf("post page %s: %w", m.Key, w.discreet(err))}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", m.Key)
	req.Header.Set("User-Agent", "phutai")
	if len(w.secret) > 0 {
		mac := hmac.New(sha256.New, w.secret)
		mac.Write(body)
		req.Header.Set("X-Phutai-Signature", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	}
	resp, err := w.client.Do(req)
	if err != nil {
		return fmt.Errorf("post page %s: %w", m.Key, w.discreet(err))
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection is used again
	return verdict(m.Key, resp.StatusCode)
}

// discreet takes the address out of an error, which is logged and kept in the
// outbox, and leaves the host.
func (w *Webhook) discreet(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	host := "its receiver"
	if u, bad := url.Parse(w.url); bad == nil {
		host = u.Host
	}
	return fmt.Errorf("%s: %w", host, err)
}

func verdict(key string, status int) error {
	if status >= 200 && status < 300 {
		return nil
	}
	err := fmt.Errorf("post page %s: the receiver answered %d %s", key, status, http.StatusText(status))
	switch status {
	case http.StatusBadRequest, http.StatusGone, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		return Permanent{err}
	}
	return err
}
