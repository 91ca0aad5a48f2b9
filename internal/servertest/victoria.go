package servertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// Victoria is a VictoriaMetrics that is set up as the documents say.
type Victoria struct{ *Server }

// NewVictoria starts one without data.
func NewVictoria(t testing.TB) *Victoria {
	t.Helper()
	program := find(t, "VictoriaMetrics", "victoria-metrics")
	dir, address := t.TempDir(), FreeAddress(t)
	return &Victoria{newServer(t, address, func() *exec.Cmd {
		return exec.CommandContext(t.Context(), program, "-storageDataPath="+dir, "-httpListenAddr="+address, "-retentionPeriod=100y", "-dedup.minScrapeInterval=1ms")
	})}
}

// Samples gives what is kept of the series of a measurement with these tags, by
// time and field.
func (v *Victoria) Samples(measurement string, tags map[string]string) ([]Sample, error) {
	// What was taken just now is not yet to be seen otherwise.
	if _, err := v.get("/internal/force_flush"); err != nil {
		return nil, err
	}
	match := []string{fmt.Sprintf("__name__=~%q", measurement+"_.*")}
	for tag, value := range tags {
		match = append(match, fmt.Sprintf("%s=%q", tag, value))
	}
	body, err := v.get("/api/v1/export?start=0&match[]=" + url.QueryEscape("{"+strings.Join(match, ",")+"}"))
	if err != nil {
		return nil, err
	}
	var out []Sample
	for dec := json.NewDecoder(bytes.NewReader(body)); dec.More(); {
		var series struct {
			Metric     map[string]string
			Values     []float64
			Timestamps []int64
		}
		if err := dec.Decode(&series); err != nil {
			return nil, err
		}
		for i, ms := range series.Timestamps {
			out = append(out, Sample{time.UnixMilli(ms).UTC(), strings.TrimPrefix(series.Metric["__name__"], measurement+"_"), series.Values[i]})
		}
	}
	slices.SortFunc(out, order)
	return out, nil
}

func order(a, b Sample) int {
	if c := a.At.Compare(b.At); c != 0 {
		return c
	}
	return strings.Compare(a.Field, b.Field)
}
