package app

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"phutai/internal/servertest"
)

// metric gives a figure of /metrics.
func (t *troubled) metric(name string) float64 {
	t.Helper()
	resp, err := http.Get(t.app.URL() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^phutai_` + name + ` (\S+)$`).FindSubmatch(body)
	if found == nil {
		t.Fatalf("there is no metric %s", name)
	}
	x, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// An InfluxDB that is away, and then one that refuses the writer, hold up their
// own copy and nothing else: meters are polled, alarms are raised, and in the end
// every reading of the journal is there.
func TestInfluxDBThatFailsHoldsUpNothingElse(t *testing.T) {
	db := servertest.NewInflux(t)
	file := filepath.Join(t.TempDir(), "token")
	give := func(token string) {
		t.Helper()
		if err := os.WriteFile(file+".next", []byte(token), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(file+".next", file); err != nil {
			t.Fatal(err)
		}
	}
	give(db.Token)
	tr := run(t, t.TempDir(), func(cfg *Config) {
		to := &cfg.Store.Influx
		to.URL, to.Org, to.Bucket, to.TokenFile = db.URL, db.Org, db.Bucket, file
	})
	defer tr.stop()
	says := func(vi string) {
		t.Helper()
		tr.until("/readyz and the page say so", func() bool {
			code, problems := tr.ready()
			return code == http.StatusServiceUnavailable && strings.Contains(problems, `"influx"`) && strings.Contains(tr.page(), vi)
		})
	}
	same := func() {
		t.Helper()
		tr.until("all is well again", func() bool { code, _ := tr.ready(); return code == http.StatusOK })
		tr.until("every reading is in InfluxDB", func() bool {
			kept, err := db.Samples("reading", map[string]string{"source": "instant"})
			if err != nil {
				t.Log(err)
				return false
			}
			n := 0
			for _, s := range kept {
				if s.Field == "quality" {
					n++
				}
			}
			return n == int(tr.metric("journal_readings")) // asked for later: it can only be more
		})
	}

	db.Kill()
	says("InfluxDB chưa nhận số liệu")
	before, raised := tr.polled(), tr.metric("alarms_raised_total")
	tr.until("meters are polled and alarms raised meanwhile", func() bool {
		return tr.polled() > before+100 && tr.metric("alarms_raised_total") > raised
	})
	db.Start()
	same()

	db.Revoke()
	says("InfluxDB từ chối kết nối ghi")
	before = tr.polled()
	tr.until("meters are polled meanwhile", func() bool { return tr.polled() > before+40 })
	give(db.NewToken())
	same()
	if n := tr.metric("journal_dead_letters"); n != 0 {
		t.Errorf("%v dead letters", n)
	}
	tr.settle()
}
