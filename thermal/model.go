package thermal

import (
	"fmt"
	"math"
	"time"
)

// Model is the thermal model of one transformer. It is a value without state
// and safe for any number of goroutines; the zero value is not usable.
type Model struct {
	p         Params
	lossRatio float64 // R, load loss over no-load loss at rated current
	topOilK   float64 // rated top-oil rise with the enclosure's part

	oil, winding, backflow float64 // time constants in minutes
}

// New checks the parameters, fills what is not given from the table of the
// cooling class, and gives the model, or an error that names all problems.
func New(p Params) (Model, error) {
	p, err := p.filled()
	if err != nil {
		return Model{}, fmt.Errorf("thermal parameters: %w", err)
	}
	return Model{
		p: p, lossRatio: p.LoadLossW / p.NoLoadLossW, topOilK: p.TopOilRiseK + p.EnclosureRiseK,
		oil: p.K11 * p.OilMin, winding: p.K22 * p.WindingMin, backflow: p.OilMin / p.K22,
	}, nil
}

// Params gives the parameters with the table's values filled in.
func (m Model) Params() Params { return m.p }

// OilTimeConstant is k11·τo, by which the oil forgets its past: after five of
// it the starting state no longer matters.
func (m Model) OilTimeConstant() time.Duration {
	return time.Duration(m.oil * float64(time.Minute))
}

// State is how hot the transformer is. The hot spot lies DH1-DH2 over the oil:
// DH1 is the winding's own rise, DH2 the oil flow's answer to it, which lags.
type State struct {
	TopOilC float64 `json:"top_oil_c"` // °C
	DH1K    float64 `json:"dh1_k"`     // K
	DH2K    float64 `json:"dh2_k"`     // K, zero where k21 is 1
}

// HotSpotC is the winding's hottest temperature, °C.
func (s State) HotSpotC() float64 { return s.TopOilC + s.DH1K - s.DH2K }

// ultimate is the state that load k (per unit of rated current; the sign does
// not matter, because reverse power heats as well) leads to.
func (m Model) ultimate(k, ambientC float64) State {
	k = math.Abs(k)
	rise := m.topOilK * math.Pow((1+m.lossRatio*k*k)/(1+m.lossRatio), m.p.OilExponent)
	gradient := m.p.HotSpotRiseK * math.Pow(k, m.p.WindingExp)
	return State{TopOilC: ambientC + rise, DH1K: m.p.K21 * gradient, DH2K: (m.p.K21 - 1) * gradient}
}

// Steady is the state after load k and ambientC have prevailed for ever.
func (m Model) Steady(k, ambientC float64) State { return m.ultimate(k, ambientC) }

// Begin is the state in which a run starts under the first row's load and
// ambient, as the parameters' Start says.
func (m Model) Begin(k, ambientC float64) State {
	switch {
	case m.p.Start.Cold:
		return State{TopOilC: ambientC}
	case m.p.Start.Warm:
		return State{TopOilC: m.p.Start.TopOilC}
	}
	return m.Steady(k, ambientC)
}

// Step advances s by dt under load k, per unit of rated current, and ambientC,
// both held over dt. A dt that is not positive changes nothing.
func (m Model) Step(s State, k, ambientC float64, dt time.Duration) State {
	if dt <= 0 {
		return s
	}
	return m.toward(s, m.ultimate(k, ambientC), dt.Minutes())
}

// toward lets minutes pass under the load whose ultimate state is u.
func (m Model) toward(s, u State, minutes float64) State {
	return State{
		TopOilC: u.TopOilC + (s.TopOilC-u.TopOilC)*math.Exp(-minutes/m.oil),
		DH1K:    u.DH1K + (s.DH1K-u.DH1K)*math.Exp(-minutes/m.winding),
		DH2K:    u.DH2K + (s.DH2K-u.DH2K)*math.Exp(-minutes/m.backflow),
	}
}

// AgeingRate is how fast paper ages at a hot spot, relative to its design
// temperature, after IEC 60076-7:2018, 6.3: 1 at 98 °C for normal paper and at
// 110 °C for upgraded paper.
func (m Model) AgeingRate(hotSpotC float64) float64 {
	if m.p.Paper == Upgraded {
		return math.Exp(15000/(110+273.0) - 15000/(hotSpotC+273))
	}
	return math.Exp2((hotSpotC - 98) / 6)
}
