package grid

import (
	"math"
	"time"
)

// Unit is an operating unit of the company, a node of the unit tree.
type Unit struct {
	ID     UnitID
	Name   string
	Parent UnitID // empty for the root
	// Successor is the unit that takes over what stands in this one when it
	// ends, as by a merger; empty: none.
	Successor UnitID
}

// Feeder is a medium-voltage line.
type Feeder struct {
	ID   FeederID
	Name string
	Unit UnitID
	KV   float64 // nominal voltage, kV
}

// Substation is a distribution substation (TBA).
type Substation struct {
	ID          SubstationID
	Name        string
	Unit        UnitID
	Feeder      FeederID
	Dedicated   bool   // serves one customer (chuyên dùng); false: public (công cộng)
	Address     string // the place in words
	Pole        string // pole number, for the crew that looks for it
	KeeperPhone string
	Lat, Lon    float64 // degrees, both zero where unknown
	Priority    string  // what must not lose supply, for people to read; empty for none
}

// PrioritySite is a reason why a substation must not lose supply. One that
// holds for some days only, as an exam does, is a fact of those days.
type PrioritySite struct {
	Substation SubstationID
	Tag        PriorityTag
	Name       string // of the hospital, the school…; empty: the tag says all
}

// PriorityTag sorts the sites.
type PriorityTag string

// The tags.
const (
	Hospital   PriorityTag = "hospital"
	WaterPlant PriorityTag = "water"
	School     PriorityTag = "school"
	ExamSite   PriorityTag = "exam"
	EventSite  PriorityTag = "event"
	OtherSite  PriorityTag = "other"
)

// Neighbour is a substation to which load of another can be moved (san tải)
// over a low-voltage tie.
type Neighbour struct {
	Substation SubstationID // whose load moves
	Other      SubstationID // that takes it
	KVA        float64      // the most that the tie carries; zero: not known
	Tie        string       // where the tie is: pole or switch
}

// Cooling names a transformer's cooling class as IEC 60076-7 tables it.
type Cooling string

// The cooling classes that the thermal model has constants for. The empty
// value counts as Distribution.
const (
	Distribution Cooling = "distribution"
	ONAN         Cooling = "onan"
	ONAF         Cooling = "onaf"
	OF           Cooling = "of"
	OD           Cooling = "od"
)

// Transformer is one distribution transformer (MBA) by its nameplate. A zero
// figure means unknown.
type Transformer struct {
	ID          TransformerID
	Name        string
	Substation  SubstationID
	RatedKVA    float64
	HVKV, LVKV  float64 // rated voltages, kV
	Cooling     Cooling
	LoadLossW   float64 // Pk at rated current
	NoLoadLossW float64 // P0
	TopOilRiseK float64 // rated; 0: the table's example value
	HotSpotK    float64 // H·g_r; 0: the table's example value
	EnclosureK  float64 // added to the top-oil rise for a kiosk or a vault
	BreakerA    float64 // setting of the main breaker on the low-voltage side
	VectorGroup string
	Year        int
}

// RatedCurrent is In = Sn/(√3·Un) in A, with Un the rated voltage of the side
// in kV; zero where either is unknown.
func (t *Transformer) RatedCurrent(side Side) float64 {
	kv := t.LVKV
	if side == MV {
		kv = t.HVKV
	}
	if t.RatedKVA <= 0 || kv <= 0 {
		return 0
	}
	return t.RatedKVA / (math.Sqrt(3) * kv)
}

// Side is the side of the transformer on which it is metered.
type Side string

// The sides. The empty value counts as LV.
const (
	LV Side = "LV"
	MV Side = "MV"
)

// Wiring is how the instrument transformers are connected.
type Wiring string

// The wirings. The empty value counts as ThreeCT.
const (
	ThreeCT Wiring = "3CT"
	TwoCT   Wiring = "2CT" // Aron: no current of phase B is measured
)

// MeteringPoint (điểm đo) is where a totalizing meter sits and what stands
// between it and the primary side.
type MeteringPoint struct {
	ID           PointID
	Name         string
	Substation   SubstationID
	Transformers []TransformerID // behind the meter; two share the load by rating
	Side         Side
	Wiring       Wiring
	CTPrimary    float64 // A
	CTSecondary  float64 // A
	VTPrimary    float64 // V; zero with VTSecondary zero: no voltage transformer
	VTSecondary  float64 // V
	CTThermal    float64 // continuous thermal current rating factor, e.g. 1.2; zero: 1.2
}

// Ratio gives the instrument-transformer ratios; without a voltage transformer
// VT is 1, without current transformers CT is 1.
func (p *MeteringPoint) Ratio() Ratio {
	r := Ratio{CT: 1, VT: 1}
	if p.CTPrimary > 0 && p.CTSecondary > 0 {
		r.CT = p.CTPrimary / p.CTSecondary
	}
	if p.VTPrimary > 0 && p.VTSecondary > 0 {
		r.VT = p.VTPrimary / p.VTSecondary
	}
	return r
}

// Meter is one meter at one point and how to reach it.
type Meter struct {
	ID        MeterID // serial number, by which a swap is seen
	Point     PointID
	Profile   string        // name of a meter profile in configs/meters
	Line      string        // tcp://host:port, later serial:… and listen:…
	Address   int           // Modbus unit id, or DLMS server wPort; zero: the profile's default
	Client    int           // DLMS client address; zero: the profile's default
	Secret    string        // name of the password in the secret store; empty: none
	Collector CollectorID   // empty: the default collector
	Every     time.Duration // between instantaneous polls; zero: the collector's default
	// Since is when the meter came to stand at Point, UTC; zero: ever. What its
	// load profile holds from before belongs to another place. It is worked
	// out for plans and is no column of the register.
	Since time.Time
}
