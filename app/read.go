package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"phutai/grid"
	"phutai/line"
	"phutai/meter"
)

// ReadOptions are the flags of the read verb: a point of an installation's
// register, or an address with a profile.
type ReadOptions struct {
	Config, Point    string
	Address, Profile string
	Unit             int
	PasswordFile     string
	Timeout          time.Duration
	JSON             bool
}

// Validate tells whether the options name one meter.
func (o ReadOptions) Validate() error {
	switch {
	case o.Address != "" && o.Profile == "":
		return errors.New("--address needs --profile, the name of a meter profile such as generic-dlms")
	case o.Address == "" && (o.Config == "" || o.Point == ""):
		return errors.New("say which meter: -c FILE --point ID, or --address URL --profile NAME")
	case o.Timeout <= 0:
		return fmt.Errorf("--timeout %s: give a time to wait, such as 30s", o.Timeout)
	}
	return nil
}

// Read asks one meter now and prints what it says, on its secondary side. What
// came in part is printed too; why the rest did not come is the error.
func Read(ctx context.Context, opt ReadOptions, out io.Writer) (err error) {
	m, profiles, password, err := whichMeter(ctx, opt)
	if err != nil {
		return err
	}
	profile, ok := profiles.Get(m.Profile)
	if !ok {
		return fmt.Errorf("there is no meter profile %q; there are: %s", m.Profile, strings.Join(profiles.Names(), ", "))
	}
	opened, err := line.Open(m.Line, line.Options{})
	if err != nil {
		return err
	}
	b := meter.NewBus(opened)
	defer func() { err = errors.Join(err, b.Close()) }()
	device, err := meter.Open(b, profile, m, password)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, opt.Timeout)
	defer cancel()
	sample, asked := device.Poll(ctx)
	now := time.Now().UTC()
	// The values are in hand; a meter that does not say goodbye loses nothing.
	_ = device.Release(ctx)
	if asked != nil {
		asked = fmt.Errorf("meter at %s: %s: %w", m.Line, inWords(asked), asked)
	}
	if sample.Values.Len() == 0 {
		return asked
	}
	if opt.JSON {
		return errors.Join(asked, sampleJSON(out, sample, now))
	}
	return errors.Join(asked, sampleText(out, sample, now))
}

// inWords says what an error of a poll means and what to look at.
func inWords(err error) string {
	switch r := meter.Reason(err); r {
	case grid.NoRoute:
		return "cannot be reached; check its address, the network and the modem (no-route)"
	case grid.NoAnswer:
		return "can be reached and does not answer; check the unit id, the profile and the wiring (no-answer)"
	case grid.WrongPassword:
		return "answers and does not let us in; the password is wrong or missing (wrong-password)"
	case grid.MeterError:
		return "refuses, or answers with nonsense; where it is busy, try again when no other program asks it, else check the profile (meter-error)"
	default:
		return r.String()
	}
}

// whichMeter finds the meter that is meant, the profiles and its password.
func whichMeter(ctx context.Context, opt ReadOptions) (m grid.Meter, profiles *meter.Profiles, password []byte, err error) {
	if opt.Address != "" {
		cfg := DefaultConfig()
		if profiles, err = loadProfiles(&cfg); err != nil {
			return m, nil, nil, err
		}
		if opt.PasswordFile != "" {
			if password, err = os.ReadFile(opt.PasswordFile); err != nil {
				return m, nil, nil, fmt.Errorf("password: %w", err)
			}
			password = trimLine(password)
		}
		return grid.Meter{ID: "asked by address", Line: opt.Address, Profile: opt.Profile, Address: opt.Unit}, profiles, password, nil
	}
	cfg, register, closeIt, err := openRegister(ctx, opt.Config)
	if err != nil {
		return m, nil, nil, err
	}
	defer func() { err = errors.Join(err, closeIt()) }()
	if profiles, err = loadProfiles(&cfg); err != nil {
		return m, nil, nil, err
	}
	m, ok := register.View(time.Now()).Meter(grid.PointID(opt.Point))
	if !ok {
		return m, nil, nil, fmt.Errorf("the register has no meter at point %q; phutai fleet list shows the points", opt.Point)
	}
	password, err = secretFolder(cfg.Secrets).Secret(m.Secret)
	return m, profiles, password, err
}

func sampleText(out io.Writer, s grid.Sample, now time.Time) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	for q, x := range s.Values.All() {
		fmt.Fprintf(w, "%s\t%.4f\t%s\t%s\t\n", q, x, q.Unit(), s.Quality.Of(q))
	}
	if !s.Clock.IsZero() {
		fmt.Fprintf(w, "clock\t%+.0f\ts\tagainst this machine\t\n", s.Clock.Sub(now).Seconds())
	}
	return w.Flush()
}

func sampleJSON(out io.Writer, s grid.Sample, now time.Time) error {
	type value struct {
		Value   float64 `json:"value"`
		Unit    string  `json:"unit"`
		Quality string  `json:"quality"`
	}
	doc := struct {
		At     time.Time        `json:"at"`
		Clock  *time.Time       `json:"meter_clock,omitempty"`
		Values map[string]value `json:"values"`
	}{At: now, Values: map[string]value{}}
	if !s.Clock.IsZero() {
		doc.Clock = &s.Clock
	}
	for q, x := range s.Values.All() {
		doc.Values[q.String()] = value{x, q.Unit(), s.Quality.Of(q).String()}
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}
