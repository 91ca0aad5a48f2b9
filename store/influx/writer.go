package influx

import (
	"context"
	"errors"
	"net/http"
	"time"

	influxdb2 "github.com/influxdata/influxdb-client-go/v2"
	"github.com/influxdata/influxdb-client-go/v2/api"
	influxhttp "github.com/influxdata/influxdb-client-go/v2/api/http"

	"phutai/store/lineproto"
)

func name() lineproto.Name {
	return lineproto.Name{Cursor: "influx", Title: "InfluxDB", Settings: "url, org, bucket"}
}

// Consumers names the writer's places in the journal's feed.
func Consumers() []string { return name().Cursors() }

// New makes a writer; Run starts it. The configuration says where the token is.
func New(cfg Config, parts lineproto.Parts) *lineproto.Writer {
	parts.TokenFile = cfg.TokenFile
	return lineproto.New(name(), cfg.Pace, newDatabase(cfg), parts)
}

// database is InfluxDB, through its client library.
type database struct {
	client influxdb2.Client
	api    api.WriteAPIBlocking
	http   *http.Client
}

func newDatabase(cfg Config) *database {
	hc := lineproto.Client(cfg.Timeout)
	opts := influxdb2.DefaultOptions().SetHTTPClient(hc).SetPrecision(time.Millisecond).
		SetUseGZip(true).SetApplicationName("phutai").SetLogLevel(0)
	client := influxdb2.NewClientWithOptions(cfg.URL, "", opts)
	return &database{client: client, api: client.WriteAPIBlocking(cfg.Org, cfg.Bucket), http: hc}
}

// Write makes one request and no other: without batching the library keeps
// nothing and repeats nothing.
func (d *database) Write(ctx context.Context, token string, lines []string) error {
	d.client.HTTPService().SetAuthorization("Token " + token)
	err := d.api.WriteRecord(ctx, lines...)
	e, ok := errors.AsType[*influxhttp.Error](err)
	if !ok || e.StatusCode == 0 {
		return err
	}
	return &lineproto.Answer{Status: e.StatusCode, RetryAfter: lineproto.RetryAfter(e.Header, time.Now()), Text: err.Error()}
}

func (d *database) Close() { d.http.CloseIdleConnections() }
