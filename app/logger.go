package app

import (
	"fmt"
	"io"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// newLogger makes the process's logger; a nil w is for checking the level only.
func newLogger(cfg LogConfig, w io.Writer) (*zap.Logger, error) {
	level, err := zapcore.ParseLevel(cfg.Level)
	if err != nil || cfg.Level == "" {
		return nil, fmt.Errorf("%q is no level; use debug, info, warn or error", cfg.Level)
	}
	if w == nil {
		return zap.NewNop(), nil
	}
	ec := zap.NewProductionEncoderConfig()
	ec.EncodeTime = zapcore.ISO8601TimeEncoder
	ec.EncodeDuration = zapcore.StringDurationEncoder // with its unit
	enc := zapcore.NewConsoleEncoder(ec)
	if cfg.JSON {
		enc = zapcore.NewJSONEncoder(ec)
	}
	core := zapcore.NewCore(enc, zapcore.Lock(zapcore.AddSync(w)), level)
	// A dead meter repeats itself; the first few lines of a second say it all.
	return zap.New(zapcore.NewSamplerWithOptions(core, samplePeriod, sampleFirst, sampleThereafter)), nil
}

const (
	samplePeriod     = 1_000_000_000 // one second, in ns
	sampleFirst      = 20
	sampleThereafter = 100
)
