package meter

import (
	"cmp"
	"fmt"
	"math"

	"phutai/meter/dlms"
	"phutai/meter/dlms/obis"
)

func (f *dlmsFile) compile(probs *problems) (cfg dlms.Config, passwordClient uint16) {
	cfg = dlms.Config{
		Client: port(f.Client, "dlms.client", probs), Server: port(f.Server, "dlms.server", probs),
		ListMax: f.ListMax, Timeout: f.Timeout,
	}
	passwordClient = port(f.PasswordClient, "dlms.password_client", probs)
	if f.ListMax < 0 || f.ListMax > 255 {
		probs.add("dlms.list_max", "is %d: write 1 for single requests, up to 255 for lists", f.ListMax)
	}
	if f.Timeout < 0 {
		probs.add("dlms.timeout", "is %v: write a positive time such as 10s", f.Timeout)
	}
	if len(f.Objects) == 0 {
		probs.add("dlms.objects", "is empty: name at least one object")
	}
	for i := range f.Objects {
		o := &f.Objects[i]
		field := fmt.Sprintf("dlms.objects[%d]", i)
		o.check(field, probs)
		cfg.Objects = append(cfg.Objects, dlms.Object{
			Code: code(o.Code, field+".code", probs), Class: uint16(o.Class), Attr: int8(o.Attr),
			Quantity: quantity(o.Quantity, field+".quantity", probs), Factor: cmp.Or(o.Factor, 1),
		})
	}
	if f.LoadProfile != nil {
		cfg.Profile = f.LoadProfile.compile(probs)
	}
	return cfg, passwordClient
}

func (f *loadFile) compile(probs *problems) *dlms.LoadProfile {
	lp := &dlms.LoadProfile{Code: code(f.Code, "dlms.load_profile.code", probs), Period: f.Period}
	if f.Status != "" {
		lp.StatusCode = code(f.Status, "dlms.load_profile.status", probs)
	}
	if f.Period < 0 {
		probs.add("dlms.load_profile.period", "is %v: write a positive time such as 30m, or leave it to the meter", f.Period)
	}
	if len(f.Columns) == 0 {
		probs.add("dlms.load_profile.columns", "is empty: name at least one captured object")
	}
	for i := range f.Columns {
		c := &f.Columns[i]
		field := fmt.Sprintf("dlms.load_profile.columns[%d]", i)
		c.check(field, probs)
		lp.Columns = append(lp.Columns, dlms.Column{
			Code: code(c.Code, field+".code", probs), Attr: int8(c.Attr),
			Quantity: quantity(c.Quantity, field+".quantity", probs), Factor: cmp.Or(c.Factor, 1),
		})
	}
	return lp
}

func (o *objectFile) check(field string, probs *problems) {
	if o.Class < 0 || o.Class > math.MaxUint16 {
		probs.add(field+".class", "is %d: write 3 for a register, or leave it out", o.Class)
	}
	if o.Attr < 0 || o.Attr > math.MaxInt8 {
		probs.add(field+".attribute", "is %d: write 2 for the value, or leave it out", o.Attr)
	}
}

func port(n int, field string, probs *problems) uint16 {
	if n < 0 || n > math.MaxUint16 {
		probs.add(field, "is %d: wrapper ports go from 1 to 65535", n)
	}
	return uint16(n)
}

func code(text, field string, probs *problems) obis.Code {
	c, err := obis.Parse(text)
	if err != nil {
		probs.add(field, "is %q: write an OBIS code such as 1.0.32.7.0.255", text)
	}
	return c
}
