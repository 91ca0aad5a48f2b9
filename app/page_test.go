package app_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"phutai/app"
)

// output takes what a demo prints while it runs.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

var pagesAt = regexp.MustCompile(`pages: (http://\S+)`)

// TestDemoShowsTheOverloadOnThePage looks at a running demo as a person does: the
// overloaded phase with its percentage, and a silent meter told apart from it.
func TestDemoShowsTheOverloadOnThePage(t *testing.T) {
	chromium := findChromium(t)
	ctx, stop := context.WithCancel(t.Context())
	out, done := &output{}, make(chan error, 1)
	began := time.Now()
	go func() {
		done <- app.Demo(ctx, app.DemoOptions{Listen: "127.0.0.1:0", Speed: 60, Lang: "vi", LogLevel: "error"}, out, os.Stderr)
	}()
	url := waitFor(t, "the address of the pages", func() string {
		if m := pagesAt.FindStringSubmatch(out.String()); m != nil {
			return m[1]
		}
		return ""
	})

	opts := append(chromedp.DefaultExecAllocatorOptions[:len(chromedp.DefaultExecAllocatorOptions):len(chromedp.DefaultExecAllocatorOptions)],
		chromedp.ExecPath(chromium), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("no-proxy-server", true),
		chromedp.UserDataDir(t.TempDir()))
	alloc, stopAlloc := chromedp.NewExecAllocator(t.Context(), opts...)
	defer stopAlloc()
	tab, closeTab := chromedp.NewContext(alloc)
	defer closeTab()
	look := func(page, what string, words ...string) {
		t.Helper()
		if err := chromedp.Do(tab, chromedp.Navigate(url+page)); err != nil {
			t.Fatal(err)
		}
		waitFor(t, what, func() string {
			text, err := chromedp.Run(tab, chromedp.Evaluate[string](`document.body.innerText.replace(/\s+/g, " ")`))
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range words {
				if !strings.Contains(text, w) {
					return ""
				}
			}
			return text
		})
		t.Logf("%s: %s after the demo's start", what, time.Since(began).Round(time.Second))
	}
	look("/", "the steady transformer ranks at 110.9 %", "TBA Vũ Thư 1", "110,9 %")
	look("/alarms", "an overload with phase and percentage", "110,9 %", "pha A", "NGHIÊM TRỌNG")
	look("/alarms", "a comms loss told apart", "MẤT KẾT NỐI", "công tơ không trả lời")
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if !strings.Contains(out.String(), "\nlost 0\n") {
		t.Errorf("the demo ended with:\n%s", out)
	}
}

func findChromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("PHUTAI_REAL") == "1" {
		t.Fatal("no Chromium in PATH; install one (Debian: apt-get install chromium)")
	}
	t.Skip("no Chromium in PATH: the demo is not looked at in a browser")
	return ""
}

// waitFor asks again and again until there is an answer.
func waitFor(t *testing.T, what string, ask func() string) string {
	t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if answer := ask(); answer != "" {
			return answer
		}
	}
	t.Fatalf("never came: %s", what)
	return ""
}
