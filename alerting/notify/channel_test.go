package notify_test

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"phutai/alerting/notify"
	"phutai/grid"
)

func message(key string) notify.Message {
	return notify.Message{Key: key, Change: notify.Raised, At: at, Title: "QUÁ TẢI", SMS: "QUA TAI", Text: "QUÁ TẢI\nphần trăm", Alarm: grid.Alarm{ID: "7F3K", Value: grid.Known(118)}}
}

func TestFileHoldsEachPageAsALineAndAsText(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "pages.jsonl")
	f := notify.NewFile(path)
	for _, key := range []string{"7F3K/1", "7F3K/2"} {
		if err := f.Send(t.Context(), message(key)); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var keys []string
	for s := bufio.NewScanner(file); s.Scan(); {
		var m notify.Message
		if err := json.Unmarshal(s.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		keys = append(keys, m.Key)
	}
	text, err := os.ReadFile(path + ".txt")
	if err != nil || strings.Join(keys, " ") != "7F3K/1 7F3K/2" || strings.Count(string(text), "phần trăm") != 2 {
		t.Errorf("keys %v, text %q, %v", keys, text, err)
	}
	if err := notify.NewFile(t.TempDir()).Send(t.Context(), message("k")); err == nil {
		t.Error("a folder took a page")
	}
}

func TestWebhookSignsAndCarriesTheKey(t *testing.T) {
	const secret = "0123456789abcdef0123"
	var got http.Header
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = r.Header
		body, _ = io.ReadAll(r.Body)
	}))
	defer server.Close()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := notify.NewWebhook(notify.WebhookConfig{URL: server.URL, Within: 5 * time.Second, SecretFile: path})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Send(t.Context(), message("7F3K/1")); err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	if want := "sha256=" + hex.EncodeToString(mac.Sum(nil)); got.Get("X-Phutai-Signature") != want || got.Get("Idempotency-Key") != "7F3K/1" {
		t.Errorf("headers %v, want signature %s", got, want)
	}
	var m notify.Message
	if err := json.Unmarshal(body, &m); err != nil || m.Alarm.Value.X != 118 {
		t.Errorf("body %s, %v", body, err)
	}
}

func TestWebhookAnswersDecideWhetherToTryAgain(t *testing.T) {
	var status int
	visits := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		visits++
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
	}))
	defer server.Close()
	w, err := notify.NewWebhook(notify.WebhookConfig{URL: server.URL, Within: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	for s, want := range map[int]string{200: "ok", 204: "ok", 302: "again", 400: "never", 401: "again", 404: "again", 422: "never", 429: "again", 503: "again"} {
		status, visits = s, 0
		err := w.Send(t.Context(), message("k"))
		got := "again"
		if err == nil {
			got = "ok"
		} else if _, ok := errors.AsType[notify.Permanent](err); ok {
			got = "never"
		}
		if got != want || visits != 1 {
			t.Errorf("status %d: %s after %d visits (%v), want %s", s, got, visits, err, want)
		}
	}
}

func TestWebhookGivesUpOnASilentReceiver(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer server.Close()
	defer close(release)
	w, err := notify.NewWebhook(notify.WebhookConfig{URL: server.URL, Within: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Send(t.Context(), message("k")); err == nil {
		t.Error("silence counts as success")
	}
}

func TestWeakSecretsAndBadAddressesAreRefused(t *testing.T) {
	short := filepath.Join(t.TempDir(), "short")
	if err := os.WriteFile(short, []byte("1234"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []notify.WebhookConfig{
		{URL: "http://localhost", SecretFile: short}, {URL: "http://localhost", SecretFile: short + "er"}, {URL: "ftp://localhost"}, {URL: "pages"},
	} {
		if _, err := notify.NewWebhook(c); err == nil {
			t.Errorf("%+v was accepted", c)
		}
	}
}

func TestWebhookNeverTellsItsAddress(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	host := strings.TrimPrefix(closed.URL, "http://")
	closed.Close()
	release := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer silent.Close()
	defer close(release)
	odd := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNotFound) }))
	defer odd.Close()
	for _, base := range []string{"http://" + host, silent.URL, odd.URL} {
		w, err := notify.NewWebhook(notify.WebhookConfig{URL: base + "/hook/t0ken?key=t0ken", Within: 50 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		err = w.Send(t.Context(), message("7F3K/1"))
		if err == nil || strings.Contains(err.Error(), "t0ken") || !strings.Contains(err.Error(), "7F3K/1") {
			t.Errorf("told as %v", err)
		}
		if base != odd.URL && !strings.Contains(err.Error(), strings.TrimPrefix(base, "http://")) {
			t.Errorf("the host is missing: %v", err)
		}
	}
	for _, address := range []string{"ftp://host/t0ken", "https:///t0ken", "http://[::1/t0ken"} {
		if _, err := notify.NewWebhook(notify.WebhookConfig{URL: address}); err == nil || strings.Contains(err.Error(), "t0ken") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestWebhookAddressStandsInAFileOfItsOwn(t *testing.T) {
	visits := 0
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/t0ken" {
			visits++
		}
	}))
	defer server.Close()
	path := filepath.Join(t.TempDir(), "url")
	if err := os.WriteFile(path, []byte(server.URL+"/t0ken\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := notify.DefaultConfig()
	c.Log, c.Webhook.URLFile = false, path
	if ps := c.Validate(); len(ps) != 0 {
		t.Errorf("refused: %v", ps)
	}
	channels, err := notify.Channels(c, nil)
	if err != nil || len(channels) != 1 {
		t.Fatalf("%v, %v; want one channel", channels, err)
	}
	if err := channels[0].Send(t.Context(), message("k")); err != nil || visits != 1 {
		t.Errorf("%v after %d visits", err, visits)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, open := range []notify.WebhookConfig{{URLFile: path}, {URL: server.URL, SecretFile: path}, {URLFile: path + "s"}} {
		if _, err := notify.NewWebhook(open); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%+v: %v, want an error that names the file", open, err)
		}
	}
	c.Webhook.URL = server.URL
	if ps := c.Validate(); len(ps) != 1 || ps[0].Field != "webhook.url_file" {
		t.Errorf("both were accepted: %v", ps)
	}
}

func TestLogChannelWritesTheShortText(t *testing.T) {
	core, seen := observer.New(zap.InfoLevel)
	if err := notify.NewLog(zap.New(core)).Send(context.Background(), message("7F3K/1")); err != nil {
		t.Fatal(err)
	}
	if all := seen.All(); len(all) != 1 || all[0].ContextMap()["text"] != "QUA TAI" {
		t.Errorf("logged %v", all)
	}
}

func TestConfigOpensWhatItNames(t *testing.T) {
	c := notify.DefaultConfig()
	if ps := c.Validate(); len(ps) != 0 {
		t.Errorf("the defaults are refused: %v", ps)
	}
	c.File.Path, c.Webhook.URL = filepath.Join(t.TempDir(), "p"), "http://127.0.0.1:1/"
	channels, err := notify.Channels(c, nil)
	if err != nil || len(channels) != 3 {
		t.Errorf("%v, %v; want three channels", channels, err)
	}
	c = notify.Config{Lang: "fr", Webhook: notify.WebhookConfig{URL: "x", SecretFile: "y"}}
	if ps := c.Validate(); len(ps) != 5 {
		t.Errorf("got %v, want 5 problems", ps)
	}
}
