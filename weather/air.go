package weather

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"phutai/grid"
)

// Config is where the air temperature comes from.
type Config struct {
	File     string        `yaml:"file"`    // CSV time,temperature_c; empty: climatology only
	MaxAge   time.Duration `yaml:"max_age"` // how long the last value holds
	Timezone string        `yaml:"-"`       // of times that have no offset
}

// DefaultConfig knows no file and lets a value hold for three hours.
func DefaultConfig() Config { return Config{MaxAge: 3 * time.Hour, Timezone: "Asia/Ho_Chi_Minh"} }

// Validate gives all that is wrong.
func (c Config) Validate() []grid.Problem {
	var ps []grid.Problem
	if c.MaxAge < 10*time.Minute || c.MaxAge > 24*time.Hour {
		ps = append(ps, grid.Problem{Field: "max_age", Text: fmt.Sprintf("%v: must be from 10m to 24h", c.MaxAge)})
	}
	if _, err := time.LoadLocation(c.Timezone); err != nil {
		ps = append(ps, grid.Problem{Field: "timezone", Text: fmt.Sprintf("%q is not known: use a name such as Asia/Ho_Chi_Minh", c.Timezone)})
	}
	return ps
}

// Air is the air temperature of the province, from a CSV file that is read
// again when it changes. It may be used by several goroutines.
type Air struct {
	cfg   Config
	zone  *time.Location
	clock grid.Clock
	log   *zap.Logger

	mu      sync.Mutex // guards the fields below
	series  Series
	stamp   time.Time // modification time of what was read
	size    int64
	checked time.Time
}

// recheck is how often the file is looked at.
const recheck = time.Minute

// largest is the size in bytes over which a file is refused; a year of minutes
// is a quarter of it.
const largest = 64 << 20

// New reads the file for the first time. A file that later turns bad keeps its
// last good values, and the log says so; a nil log is silent.
func New(cfg Config, clock grid.Clock, log *zap.Logger) (*Air, error) {
	if log == nil {
		log = zap.NewNop()
	}
	zone, err := time.LoadLocation(cfg.Timezone)
	if err != nil {
		return nil, fmt.Errorf("read temperatures: time zone: %w", err)
	}
	a := &Air{cfg: cfg, zone: zone, clock: clock, log: log}
	return a, a.reload(clock.Now())
}

// AirAt gives the temperature at t, or the climatology and false where the file
// does not reach.
func (a *Air) AirAt(t time.Time, _ grid.SubstationID) (celsius float64, known bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if now := a.clock.Now(); now.Sub(a.checked) > recheck {
		if err := a.reload(now); err != nil {
			a.log.Warn("read the temperatures again; going on with the last good ones", zap.Error(err))
		}
	}
	if c, ok := a.series.At(t, a.cfg.MaxAge); ok {
		return c, true
	}
	return Climatology(t), false
}

// reload reads the file if it changed.
func (a *Air) reload(now time.Time) error {
	a.checked = now
	if a.cfg.File == "" {
		return nil
	}
	info, err := os.Stat(a.cfg.File)
	if err != nil {
		return fmt.Errorf("read temperatures: %w", err)
	}
	if info.ModTime().Equal(a.stamp) && info.Size() == a.size {
		return nil
	}
	if info.Size() > largest {
		return fmt.Errorf("read temperatures: %s has %d bytes, over %d: keep one year in it", a.cfg.File, info.Size(), largest)
	}
	b, err := os.ReadFile(a.cfg.File)
	if err != nil {
		return fmt.Errorf("read temperatures: %w", err)
	}
	a.stamp, a.size = info.ModTime(), info.Size()
	series, err := Parse(bytes.NewReader(b), a.zone)
	if err != nil {
		return fmt.Errorf("read temperatures: %s: %w", a.cfg.File, err)
	}
	a.series = series
	return nil
}

// Parse reads CSV with the header time,temperature_c. Times are RFC 3339, or
// local to zone as 2026-06-22 20:30. Rows must be in order of time.
func Parse(in io.Reader, zone *time.Location) (Series, error) {
	r := csv.NewReader(in)
	r.ReuseRecord, r.TrimLeadingSpace, r.FieldsPerRecord = true, true, 2
	header, err := r.Read()
	if err != nil || strings.TrimPrefix(header[0], "\ufeff") != "time" || header[1] != "temperature_c" {
		return nil, errors.New("line 1: the header must be time,temperature_c")
	}
	var out Series
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		line, _ := r.FieldPos(0)
		at, err := parseTime(strings.TrimSpace(cells[0]), zone)
		if err != nil {
			return nil, fmt.Errorf("line %d: time %q: write it as 2026-06-22T20:30:00+07:00", line, cells[0])
		}
		air, err := strconv.ParseFloat(strings.TrimSpace(cells[1]), 64)
		if err != nil || math.IsNaN(air) || air < -30 || air > 60 {
			return nil, fmt.Errorf("line %d: temperature_c %q: a number from -30 to 60 is needed", line, cells[1])
		}
		if len(out) > 0 && !at.After(out[len(out)-1].At) {
			return nil, fmt.Errorf("line %d: time %s is not after the row before it: sort the rows", line, cells[0])
		}
		out = append(out, Point{at.UTC(), air})
	}
}

func parseTime(s string, zone *time.Location) (time.Time, error) {
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t, nil
		}
	}
	return time.Parse(time.RFC3339Nano, s)
}
