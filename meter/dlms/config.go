package dlms

import (
	"fmt"
	"time"

	"phutai/grid"
	"phutai/meter/dlms/cosem"
	"phutai/meter/dlms/obis"
)

// The defaults of Config.
const (
	DefaultClient  = 16 // the public client
	DefaultServer  = 1  // the management logical device
	DefaultListMax = 30
	DefaultTimeout = 10 * time.Second
)

// vietnam is the time zone of meters that state no deviation, unless
// Config.Location says otherwise. Vietnam has had no summer time since 1975.
var vietnam = time.FixedZone("+07", 7*60*60)

// Config is what one meter needs to be read. The zero value of each field is
// its default.
type Config struct {
	Client, Server uint16   // wrapper ports; 0: DefaultClient and DefaultServer
	Password       []byte   // nil: no security; else low-level security (LLS)
	Objects        []Object // what Poll reads
	Profile        *LoadProfile
	// ListMax is how many attributes one get-with-list may ask for; 1 means
	// plain GETs; 0 is DefaultListMax. A meter that refuses lists is read by
	// plain GETs from then on.
	ListMax  int
	Timeout  time.Duration  // of one request and its answer; 0: DefaultTimeout
	Location *time.Location // of times without deviation; nil: UTC+7
}

// Object is one attribute that Poll reads. Objects with the same quantity add
// up, so that import and export (Factor -1) make one signed power; if one of
// them is missing the quantity is.
type Object struct {
	Code     obis.Code
	Class    uint16 // 3 register, 4 extended register, 5 demand register, 1 data; 0: 3
	Attr     int8   // 0: 2, the value
	Quantity grid.Quantity
	Factor   float64           // multiplies after scaler and unit; 0: 1
	Scale    *cosem.ScalerUnit // nil: read from the meter; a class without scaler counts as {0, Count}
}

// LoadProfile is the profile generic object that History reads.
type LoadProfile struct {
	Code    obis.Code // zero: 1.0.99.1.0.255
	Columns []Column
	// StatusCode is the column whose bits mark a row, zero for none.
	// StatusSuspect are the bits that make a row's figures suspect; 0: the
	// three lowest (critical error, clock invalid, data not valid).
	StatusCode    obis.Code
	StatusSuspect uint64
	Period        time.Duration // 0: the capture period that the meter states
}

// Column says which captured attribute is which quantity. Columns with the
// same quantity add up as objects do.
type Column struct {
	Code     obis.Code
	Attr     int8 // 0: 2, the value
	Quantity grid.Quantity
	Factor   float64           // 0: 1; 2 turns the energy of 30 min into mean power
	Scale    *cosem.ScalerUnit // nil: read from the register that is captured
}

// Validate gives what is wrong with the configuration.
func (c *Config) Validate() []grid.Problem {
	var problems []grid.Problem
	problem := func(field, format string, args ...any) {
		problems = append(problems, grid.Problem{Field: field, Text: fmt.Sprintf(format, args...)})
	}
	if len(c.Objects) == 0 && c.Profile == nil {
		problem("objects", "is empty: name at least one object to read")
	}
	if c.ListMax < 0 {
		problem("list_max", "is %d: give 1 for plain GETs or how many attributes one list may hold", c.ListMax)
	}
	if c.Timeout < 0 {
		problem("timeout", "is %v: give a positive duration such as 10s", c.Timeout)
	}
	for i, o := range c.Objects {
		if o.Code.IsZero() {
			problem(fmt.Sprintf("objects[%d].code", i), "is missing: give an OBIS code such as 1-0:1.7.0*255")
		}
		if o.Quantity >= grid.NumQuantities {
			problem(fmt.Sprintf("objects[%d].quantity", i), "names no quantity")
		}
	}
	if c.Profile == nil {
		return problems
	}
	if len(c.Profile.Columns) == 0 {
		problem("profile.columns", "is empty: name at least one captured object")
	}
	for i, col := range c.Profile.Columns {
		if col.Code.IsZero() {
			problem(fmt.Sprintf("profile.columns[%d].code", i), "is missing: give the OBIS code of a captured object")
		}
		if col.Quantity >= grid.NumQuantities {
			problem(fmt.Sprintf("profile.columns[%d].quantity", i), "names no quantity")
		}
	}
	return problems
}

// withDefaults fills what was left zero, on a copy.
func (c Config) withDefaults() Config {
	if c.Client == 0 {
		c.Client = DefaultClient
	}
	if c.Server == 0 {
		c.Server = DefaultServer
	}
	if c.ListMax <= 0 {
		c.ListMax = DefaultListMax
	}
	if c.Timeout <= 0 {
		c.Timeout = DefaultTimeout
	}
	if c.Location == nil {
		c.Location = vietnam
	}
	objects := make([]Object, len(c.Objects))
	for i, o := range c.Objects {
		if o.Class == 0 {
			o.Class = cosem.ClassRegister
		}
		if o.Attr == 0 {
			o.Attr = cosem.AttrValue
		}
		if o.Factor == 0 {
			o.Factor = 1
		}
		objects[i] = o
	}
	c.Objects = objects
	if c.Profile != nil {
		p := c.Profile.withDefaults()
		c.Profile = &p
	}
	return c
}

func (p LoadProfile) withDefaults() LoadProfile {
	if p.Code.IsZero() {
		p.Code = cosem.LoadProfile1
	}
	if p.StatusSuspect == 0 {
		p.StatusSuspect = 7
	}
	columns := make([]Column, len(p.Columns))
	for i, col := range p.Columns {
		if col.Attr == 0 {
			col.Attr = cosem.AttrValue
		}
		if col.Factor == 0 {
			col.Factor = 1
		}
		columns[i] = col
	}
	p.Columns = columns
	return p
}
