package servertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Influx is an InfluxDB with one bucket: of version 2 where there is one, of
// version 1.8, which takes the same requests, where there is not.
type Influx struct {
	*Server
	Org, Bucket string
	Token       string // the writer's at first
	admin       string
	first       bool   // version 1
	grant       string // what names the writer's present token to version 2
}

// NewInflux starts one without data.
func NewInflux(t testing.TB) *Influx {
	t.Helper()
	program := find(t, "InfluxDB", "influxd-2.7.12", "influxd-1.8.10", "influxd")
	about, err := exec.CommandContext(t.Context(), program, "version").Output()
	if err != nil {
		t.Fatalf("%s version: %v", program, err)
	}
	in := &Influx{Org: "o", Bucket: "phutai", first: strings.Contains(string(about), "v1.")}
	dir, address := t.TempDir(), FreeAddress(t)
	run := func() *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), program, "--http-bind-address", address, "--reporting-disabled",
			"--bolt-path", dir+"/bolt", "--sqlite-path", dir+"/sqlite", "--engine-path", dir+"/engine")
		cmd.Env = append(os.Environ(), "HOME="+dir)
		return cmd
	}
	if in.first {
		conf := filepath.Join(dir, "influxdb.conf")
		text := fmt.Sprintf("reporting-disabled = true\nbind-address = %q\n[meta]\ndir = %q\n[data]\ndir = %q\nwal-dir = %q\n[http]\nbind-address = %q\nauth-enabled = true\n",
			FreeAddress(t), dir+"/meta", dir+"/data", dir+"/wal", address)
		if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		run = func() *exec.Cmd { return exec.CommandContext(t.Context(), program, "-config", conf) }
	}
	in.Server = newServer(t, address, run)
	in.setUp()
	return in
}

func (in *Influx) setUp() {
	in.t.Helper()
	if in.first {
		in.statement("CREATE USER admin WITH PASSWORD 'admin' WITH ALL PRIVILEGES")
		in.admin = "admin:admin"
		in.statement("CREATE DATABASE " + in.Bucket)
		in.statement("CREATE USER writer WITH PASSWORD 'first'")
		in.statement("GRANT ALL ON " + in.Bucket + " TO writer")
		in.Token = "writer:first"
		return
	}
	in.admin = "operator"
	in.api(http.MethodPost, "/api/v2/setup", map[string]any{"username": "admin", "password": "adminadmin", "org": in.Org, "bucket": in.Bucket, "token": in.admin})
	in.Token = in.NewToken()
}

// Revoke takes the writer's token away.
func (in *Influx) Revoke() {
	in.t.Helper()
	if in.first {
		in.statement("SET PASSWORD FOR writer = 'another'")
		return
	}
	in.api(http.MethodDelete, "/api/v2/authorizations/"+in.grant, nil)
}

// NewToken gives the writer another token.
func (in *Influx) NewToken() string {
	in.t.Helper()
	if in.first {
		in.statement("SET PASSWORD FOR writer = 'second'")
		return "writer:second"
	}
	var orgs struct{ Orgs []struct{ ID string } }
	in.parse(in.api(http.MethodGet, "/api/v2/orgs", nil), &orgs)
	var made struct{ ID, Token string }
	in.parse(in.api(http.MethodPost, "/api/v2/authorizations", map[string]any{
		"orgID": orgs.Orgs[0].ID, "permissions": []any{map[string]any{"action": "write", "resource": map[string]string{"type": "buckets", "orgID": orgs.Orgs[0].ID}}},
	}), &made)
	in.grant = made.ID
	return made.Token
}

// Put writes lines with times in milliseconds, as another program would.
func (in *Influx) Put(lines string) {
	in.t.Helper()
	in.call(http.MethodPost, "/api/v2/write?precision=ms&org="+in.Org+"&bucket="+in.Bucket, []byte(lines))
}

// Samples gives what is kept of a measurement under these tags, by time and
// field, as InfluxQL gives it.
func (in *Influx) Samples(measurement string, tags map[string]string) ([]Sample, error) {
	where := make([]string, 0, len(tags))
	for tag, value := range tags {
		where = append(where, fmt.Sprintf("%q = '%s'", tag, strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value)))
	}
	query := fmt.Sprintf("SELECT * FROM %q WHERE %s", measurement, strings.Join(where, " AND "))
	req, err := in.request(http.MethodPost, "/query?epoch=ms&db="+in.Bucket+"&q="+url.QueryEscape(query), nil)
	if err != nil {
		return nil, err
	}
	body, err := ask(req)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Results []struct {
			Error  string
			Series []struct {
				Columns []string
				Values  [][]any
			}
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, err
	}
	var out []Sample
	for _, result := range answer.Results {
		if result.Error != "" {
			return nil, fmt.Errorf("%s: %s", query, result.Error)
		}
		for _, series := range result.Series {
			for _, row := range series.Values {
				ms, _ := row[0].(float64)
				for i, x := range row {
					if x, ok := x.(float64); ok && i > 0 {
						out = append(out, Sample{time.UnixMilli(int64(ms)).UTC(), series.Columns[i], x})
					}
				}
			}
		}
	}
	slices.SortFunc(out, order)
	return out, nil
}

func (in *Influx) request(method, path string, body []byte) (*http.Request, error) {
	req, err := http.NewRequestWithContext(in.t.Context(), method, in.URL+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if in.admin != "" {
		req.Header.Set("Authorization", "Token "+in.admin)
	}
	return req, nil
}

func (in *Influx) call(method, path string, body []byte) []byte {
	in.t.Helper()
	req, err := in.request(method, path, body)
	if err != nil {
		in.t.Fatal(err)
	}
	answer, err := ask(req)
	if err != nil {
		in.t.Fatal(err)
	}
	return answer
}

func (in *Influx) statement(q string) {
	in.t.Helper()
	in.call(http.MethodPost, "/query?q="+url.QueryEscape(q), nil)
}

func (in *Influx) api(method, path string, body any) []byte {
	in.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		in.t.Fatal(err)
	}
	return in.call(method, path, text)
}

func (in *Influx) parse(body []byte, into any) {
	in.t.Helper()
	if err := json.Unmarshal(body, into); err != nil {
		in.t.Fatal(err)
	}
}
