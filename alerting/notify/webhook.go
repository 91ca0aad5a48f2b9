package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
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

// NewWebhook makes the channel and reads the secret.
func NewWebhook(c WebhookConfig) (*Webhook, error) {
	if err := checkURL(c.URL); err != nil {
		return nil, fmt.Errorf("webhook: %w", err)
	}
	w := &Webhook{url: c.URL, client: &http.Client{
		Timeout: c.Within,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}}
	if c.SecretFile == "" {
		return w, nil
	}
	b, err := os.ReadFile(c.SecretFile)
	if err != nil {
		return nil, fmt.Errorf("read the webhook's secret: %w", err)
	}
	w.secret = []byte(strings.TrimSpace(string(b)))
	if len(w.secret) < leastSecret {
		return nil, fmt.Errorf("webhook secret in %s has %d characters: put at least %d random ones into it", c.SecretFile, len(w.secret), leastSecret)
	}
	return w, nil
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
		return Permanent{fmt.Errorf("post page %s: %w", m.Key, err)}
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
		return fmt.Errorf("post page %s: %w", m.Key, err)
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection is used again
	return verdict(m.Key, resp.StatusCode)
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
