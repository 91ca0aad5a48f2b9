package thermal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"phutai/grid"
)

// Paper is the insulation paper, which decides how temperature ages it.
type Paper string

// The papers. The empty value counts as Normal.
const (
	Normal   Paper = "normal"   // Kraft paper, design hot spot 98 °C
	Upgraded Paper = "upgraded" // thermally upgraded paper, design hot spot 110 °C
)

// Params is what the model needs to know of a transformer. The JSON names are
// the contract of `phutai thermal`. A zero figure means "not given": the
// example value of IEC 60076-7, table 4, for the cooling class then holds,
// except for RatedCurrentA, which has no default.
type Params struct {
	Note           string       `json:"note,omitempty"` // for people; not used
	RatedCurrentA  float64      `json:"rated_current_a"`
	LoadLossW      float64      `json:"load_loss_w,omitempty"`      // at rated current
	NoLoadLossW    float64      `json:"no_load_loss_w,omitempty"`   //
	TopOilRiseK    float64      `json:"top_oil_rise_k,omitempty"`   // over ambient, at rated load
	HotSpotRiseK   float64      `json:"hot_spot_rise_k,omitempty"`  // H·g_r, over top oil, at rated load
	EnclosureRiseK float64      `json:"enclosure_rise_k,omitempty"` // added to TopOilRiseK
	Cooling        grid.Cooling `json:"cooling,omitempty"`          // empty: distribution
	OilExponent    float64      `json:"oil_exponent,omitempty"`     // x
	WindingExp     float64      `json:"winding_exponent,omitempty"` // y
	K11            float64      `json:"k11,omitempty"`              //
	K21            float64      `json:"k21,omitempty"`              //
	K22            float64      `json:"k22,omitempty"`              //
	OilMin         float64      `json:"oil_time_constant_min,omitempty"`
	WindingMin     float64      `json:"winding_time_constant_min,omitempty"`
	Paper          Paper        `json:"paper,omitempty"`
	Start          Start        `json:"start"`
}

// constants is one row of IEC 60076-7:2018, table 4, with the example nameplate
// figures that the standard's annexes use for the class.
type constants struct {
	x, y, k11, k21, k22, oilMin, windingMin float64
	topOilK, hotSpotK, lossRatio            float64
}

func table(c grid.Cooling) (constants, bool) {
	switch c {
	case grid.Distribution, "":
		return constants{0.8, 1.6, 1.0, 1.0, 2.0, 180, 4, 55, 23, 5}, true
	case grid.ONAN:
		return constants{0.8, 1.3, 0.5, 2.0, 2.0, 210, 10, 52, 26, 6}, true
	case grid.ONAF:
		return constants{0.8, 1.3, 0.5, 2.0, 2.0, 150, 7, 52, 26, 6}, true
	case grid.OF:
		return constants{1.0, 1.3, 1.0, 1.3, 1.0, 90, 7, 56, 22, 6}, true
	case grid.OD:
		return constants{1.0, 2.0, 1.0, 1.0, 1.0, 90, 7, 49, 29, 6}, true
	}
	return constants{}, false
}

// FromTransformer gives the parameters of a nameplate, with the rated current
// of the given side. It fails where the rating is unknown.
func FromTransformer(t grid.Transformer, side grid.Side) (Params, error) {
	p := Params{
		RatedCurrentA: t.RatedCurrent(side), LoadLossW: t.LoadLossW, NoLoadLossW: t.NoLoadLossW,
		TopOilRiseK: t.TopOilRiseK, HotSpotRiseK: t.HotSpotK, EnclosureRiseK: t.EnclosureK, Cooling: t.Cooling,
	}
	if p.RatedCurrentA == 0 {
		return p, fmt.Errorf("transformer %s: rated power or voltage is unknown: enter it in the register", t.ID)
	}
	return p, nil
}

// ReadParams reads the JSON form. A name that the contract does not have is an
// error, because a misspelt override would otherwise be left out in silence.
func ReadParams(r io.Reader) (Params, error) {
	var p Params
	var text bytes.Buffer
	d := json.NewDecoder(io.TeeReader(r, &text))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return p, fmt.Errorf("read thermal parameters: %w", err)
	}
	if d.More() {
		return p, errors.New("read thermal parameters: more than one JSON value: give one transformer's object")
	}
	if err := writtenZeros(text.Bytes()); err != nil {
		return p, fmt.Errorf("read thermal parameters: %w", err)
	}
	return p, nil
}

// writtenZeros refuses figures that are given as zero: a zero in Params stands
// for the class's constant, which is not what somebody wrote who wrote 0.
func writtenZeros(text []byte) error {
	var given map[string]any
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&given); err != nil {
		return err
	}
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if given[name] == 0.0 && name != "enclosure_rise_k" {
			problems = append(problems, fmt.Errorf("%s is 0: give a positive figure, or leave it out for the constant of the cooling class", name))
		}
	}
	return errors.Join(problems...)
}

// Oil outside these, in °C, is a slip of the pen.
const (
	coldestOil = -50
	hottestOil = 250
)

// filled gives p with the table's values where nothing is given, or all that
// is wrong with it.
func (p Params) filled() (Params, error) {
	var problems []error
	c, known := table(p.Cooling)
	if !known {
		problems = append(problems, fmt.Errorf("cooling %q: use distribution, onan, onaf, of or od", p.Cooling))
	}
	if p.Paper == "" {
		p.Paper = Normal
	}
	if p.Paper != Normal && p.Paper != Upgraded {
		problems = append(problems, fmt.Errorf("paper %q: use normal or upgraded", p.Paper))
	}
	if p.RatedCurrentA == 0 {
		problems = append(problems, errors.New("rated_current_a is missing: give the rated current in A of the metered side"))
	}
	for _, f := range []struct {
		name   string
		x      *float64
		preset float64
	}{
		{"rated_current_a", &p.RatedCurrentA, 0}, {"load_loss_w", &p.LoadLossW, 0}, {"no_load_loss_w", &p.NoLoadLossW, 0},
		{"enclosure_rise_k", &p.EnclosureRiseK, 0},
		{"top_oil_rise_k", &p.TopOilRiseK, c.topOilK}, {"hot_spot_rise_k", &p.HotSpotRiseK, c.hotSpotK},
		{"oil_exponent", &p.OilExponent, c.x}, {"winding_exponent", &p.WindingExp, c.y},
		{"k11", &p.K11, c.k11}, {"k21", &p.K21, c.k21}, {"k22", &p.K22, c.k22},
		{"oil_time_constant_min", &p.OilMin, c.oilMin}, {"winding_time_constant_min", &p.WindingMin, c.windingMin},
	} {
		if *f.x < 0 || math.IsNaN(*f.x) || math.IsInf(*f.x, 0) {
			problems = append(problems, fmt.Errorf("%s is %v: it must be a positive figure", f.name, *f.x))
		}
		if *f.x == 0 {
			*f.x = f.preset
		}
	}
	if t := p.Start.TopOilC; p.Start.Warm && !(t >= coldestOil && t <= hottestOil) {
		problems = append(problems, fmt.Errorf("start: top_oil_c is %v: give °C from %d to %d", t, coldestOil, hottestOil))
	}
	if p.LoadLossW == 0 || p.NoLoadLossW == 0 {
		p.LoadLossW, p.NoLoadLossW = c.lossRatio, 1 // only their ratio counts
	}
	return p, errors.Join(problems...)
}

// Start says in which state a run begins. The zero value is steady state under
// the first row's load and ambient.
type Start struct {
	Cold    bool    // top oil at the first row's ambient, no winding gradient
	Warm    bool    // top oil at TopOilC, no winding gradient
	TopOilC float64 // of a Warm start
}

// MarshalJSON writes "steady", "cold" or {"top_oil_c": 75}.
func (s Start) MarshalJSON() ([]byte, error) {
	switch {
	case s.Cold:
		return []byte(`"cold"`), nil
	case s.Warm:
		return json.Marshal(map[string]float64{"top_oil_c": s.TopOilC})
	}
	return []byte(`"steady"`), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (s *Start) UnmarshalJSON(b []byte) error {
	switch string(bytes.TrimSpace(b)) {
	case `"steady"`, "null":
		*s = Start{}
		return nil
	case `"cold"`:
		*s = Start{Cold: true}
		return nil
	}
	var warm struct {
		TopOilC *float64 `json:"top_oil_c"`
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&warm); err != nil || warm.TopOilC == nil {
		return fmt.Errorf(`start is %s: use "steady", "cold" or {"top_oil_c": 75}`, b)
	}
	*s = Start{Warm: true, TopOilC: *warm.TopOilC}
	return nil
}
