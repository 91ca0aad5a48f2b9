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
	File   string        `yaml:"file"`    // CSV time,temperature_c; empty: climatology only
	MaxAge time.Duration `yaml:"max_age"` // how long the last value holds
}

// DefaultConfig knows no file and lets a value hold for three hours.
func DefaultConfig() Config { return Config{MaxAge: 3 * time.Hour} }

// Validate gives all that is wrong.
func (c Config) Validate() []grid.Problem {
	if c.MaxAge < 10*time.Minute || c.MaxAge > 24*time.Hour {
		return []grid.Problem{{Field: "max_age", Text: fmt.Sprintf("%v: must be from 10m to 24h", c.MaxAge)}}
	}
	return nil
}

// File is a CSV file of temperatures for the whole province, read again when it
// changes. It may be used by several goroutines.
type File struct {
	cfg  Config
	zone *time.Location
	log  *zap.Logger

	mu      sync.Mutex // guards the fields below
	series  Series
	stamp   time.Time // modification time of what was read
	size    int64
	checked time.Time // by the machine's clock
}

// recheck is how often the file is looked at, by the machine's clock.
const recheck = 10 * time.Second

// largest is the size in bytes over which a file is refused; a year of minutes
// is a quarter of it.
const largest = 64 << 20

// Open reads the file for the first time; times without an offset are local to
// zone (nil: UTC). A file that later turns bad keeps its last good values, and
// the log says so.
func Open(cfg Config, zone *time.Location, log *zap.Logger) (*File, error) {
	if log == nil {
		log = zap.NewNop()
	}
	if zone == nil {
		zone = time.UTC
	}
	f := &File{cfg: cfg, zone: zone, log: log}
	if err := f.reload(); err != nil {
		return nil, err
	}
	return f, nil
}

// Air gives the temperature at t, or the climatology and false where the file
// does not reach.
func (f *File) Air(t time.Time, _ grid.SubstationID) (celsius float64, known bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if time.Since(f.checked) > recheck {
		if err := f.reload(); err != nil {
			f.log.Warn("read the temperatures again; going on with the last good ones", zap.Error(err))
		}
	}
	if c, ok := f.series.At(t, f.cfg.MaxAge); ok {
		return c, true
	}
	return Climatology(t), false
}

// reload reads the file if it changed.
func (f *File) reload() error {
	f.checked = time.Now()
	info, err := os.Stat(f.cfg.File)
	if err != nil {
		return fmt.Errorf("read temperatures: %w", err)
	}
	if info.ModTime().Equal(f.stamp) && info.Size() == f.size {
		return nil
	}
	if info.Size() > largest {
		return fmt.Errorf("read temperatures: %s has %d bytes, over %d: keep one year in it", f.cfg.File, info.Size(), largest)
	}
	b, err := os.ReadFile(f.cfg.File)
	if err != nil {
		return fmt.Errorf("read temperatures: %w", err)
	}
	f.stamp, f.size = info.ModTime(), info.Size()
	series, err := Parse(bytes.NewReader(b), f.zone)
	if err != nil {
		return fmt.Errorf("read temperatures: %s: %w", f.cfg.File, err)
	}
	f.series = series
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
