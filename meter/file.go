package meter

import (
	"bytes"
	"errors"
	"io"
	"time"

	"gopkg.in/yaml.v3"
)

// profileFile is a profile as it is written.
type profileFile struct {
	Maker    string      `yaml:"maker"`
	Model    string      `yaml:"model"`
	Source   string      `yaml:"source"`
	Protocol Protocol    `yaml:"protocol"`
	Limits   Limits      `yaml:"limits"`
	Modbus   *modbusFile `yaml:"modbus"`
	DLMS     *dlmsFile   `yaml:"dlms"`
}

type modbusFile struct {
	Unit         int            `yaml:"unit"`     // default unit id
	Function     int            `yaml:"function"` // of registers that name none
	Type         string         `yaml:"type"`     // likewise
	Order        string         `yaml:"order"`    // likewise
	Absent       []uint64       `yaml:"absent"`   // likewise
	MaxRegisters int            `yaml:"max_registers"`
	MaxGap       int            `yaml:"max_gap"`
	Timeout      time.Duration  `yaml:"timeout"`
	Pause        time.Duration  `yaml:"pause"`
	Registers    []registerFile `yaml:"registers"`
}

type registerFile struct {
	Quantity string   `yaml:"quantity"`
	Address  int      `yaml:"address"`
	Unit     string   `yaml:"unit"`
	Scale    float64  `yaml:"scale"` // of one step of the register, in unit; zero: 1
	Function int      `yaml:"function"`
	Type     string   `yaml:"type"`
	Order    string   `yaml:"order"`
	Absent   []uint64 `yaml:"absent"`
	FoldPF   bool     `yaml:"fold_pf"`
}

type dlmsFile struct {
	Client         int           `yaml:"client"`
	PasswordClient int           `yaml:"password_client"`
	Server         int           `yaml:"server"`
	ListMax        int           `yaml:"list_max"`
	Timeout        time.Duration `yaml:"timeout"`
	Objects        []objectFile  `yaml:"objects"`
	LoadProfile    *loadFile     `yaml:"load_profile"`
}

type objectFile struct {
	Quantity string  `yaml:"quantity"`
	Code     string  `yaml:"code"`
	Class    int     `yaml:"class"`
	Attr     int     `yaml:"attribute"`
	Factor   float64 `yaml:"factor"` // after scaler and unit; zero: 1
}

type loadFile struct {
	Code    string        `yaml:"code"`
	Status  string        `yaml:"status"`
	Period  time.Duration `yaml:"period"`
	Columns []objectFile  `yaml:"columns"`
}

// parse reads one profile and lists all that is wrong with it.
func parse(name, file string, text []byte) (*Profile, []error) {
	probs := &problems{file: file}
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		probs.addYAML(err)
		return nil, probs.list
	}
	probs.root = &root
	var f profileFile
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	switch err := dec.Decode(&f); {
	case errors.Is(err, io.EOF):
		probs.add("", "is empty: a profile names maker, model, source and protocol")
		return nil, probs.list
	case err != nil:
		probs.addYAML(err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		probs.add("", "holds more than one document: write one profile to a file")
	}
	p := f.compile(name, probs)
	return p, probs.list
}

func (f *profileFile) compile(name string, probs *problems) *Profile {
	p := &Profile{Name: name, Maker: f.Maker, Model: f.Model, Source: f.Source, Protocol: f.Protocol, Limits: f.Limits.withDefaults()}
	for _, want := range []struct{ field, have, text string }{
		{"maker", f.Maker, "who makes the meter"},
		{"model", f.Model, "the type on the nameplate"},
		{"source", f.Source, "the manual, address or clause that the map was taken from"},
	} {
		if want.have == "" {
			probs.add(want.field, "is missing: say %s", want.text)
		}
	}
	l := p.Limits
	if l.VoltageMax < 0 || l.CurrentMax < 0 || l.FrequencyMin < 0 || l.FrequencyMax < l.FrequencyMin {
		probs.add("limits", "must be positive, and frequency_max above frequency_min")
	}
	switch f.Protocol {
	case Modbus:
		if f.Modbus == nil || f.DLMS != nil {
			probs.add("protocol", "is modbus: one part modbus and no part dlms is needed")
			break
		}
		p.modbus = f.Modbus.compile(probs)
	case DLMS:
		if f.DLMS == nil || f.Modbus != nil {
			probs.add("protocol", "is dlms: one part dlms and no part modbus is needed")
			break
		}
		p.dlms, p.passwordClient = f.DLMS.compile(probs)
	default:
		probs.add("protocol", "is %q: write modbus or dlms", f.Protocol)
	}
	return p
}
