package meter

import (
	"cmp"
	"fmt"

	"phutai/grid"
	"phutai/meter/modbus"
)

func (f *modbusFile) compile(probs *problems) modbus.Config {
	cfg := modbus.Config{
		Unit: byte(max(f.Unit, 1)), MaxRegisters: f.MaxRegisters, MaxGap: f.MaxGap,
		Timeout: f.Timeout, Pause: f.Pause,
	}
	if f.Unit < 0 || f.Unit > 247 {
		probs.add("modbus.unit", "is %d: unit ids go from 1 to 247", f.Unit)
	}
	if f.MaxRegisters < 0 || f.MaxRegisters > modbus.MaxRegisters {
		probs.add("modbus.max_registers", "is %d: one request reads 1 to %d registers", f.MaxRegisters, modbus.MaxRegisters)
	}
	if f.MaxGap < 0 {
		probs.add("modbus.max_gap", "is %d: write 0 to read no register in vain", f.MaxGap)
	}
	if f.Timeout < 0 || f.Pause < 0 {
		probs.add("modbus", "timeout and pause cannot be negative")
	}
	if len(f.Registers) == 0 {
		probs.add("modbus.registers", "is empty: name at least one register")
	}
	for i := range f.Registers {
		cfg.Registers = append(cfg.Registers, f.register(i, probs))
	}
	return cfg
}

// register compiles one entry, with the part's own settings for what it leaves out.
func (f *modbusFile) register(i int, probs *problems) modbus.Register {
	r := &f.Registers[i]
	at := func(field string) string { return fmt.Sprintf("modbus.registers[%d].%s", i, field) }
	q := quantity(r.Quantity, at("quantity"), probs)
	function := cmp.Or(r.Function, f.Function)
	if function != 3 && function != 4 {
		probs.add(at("function"), "is %d: write 3 for holding or 4 for input registers", function)
	}
	name := cmp.Or(r.Type, f.Type)
	typ, ok := modbus.ParseType(name)
	if !ok {
		probs.add(at("type"), "is %q: write u16, s16, u32, s32, u64, s64, f32 or f64", name)
	}
	name = cmp.Or(r.Order, f.Order)
	order, ok := modbus.ParseOrder(name)
	if !ok {
		probs.add(at("order"), "is %q: write ABCD, CDAB, BADC or DCBA", name)
	}
	if r.Address < 0 || r.Address+typ.Words() > 1<<16 {
		probs.add(at("address"), "is %d: addresses go from 0 to 65535, counted from 0 as on the wire", r.Address)
	}
	unit, ok := unitFactor(q, r.Unit)
	if !ok {
		probs.add(at("unit"), "is %q, which cannot become %s in %q", r.Unit, q, q.Unit())
	}
	absent := r.Absent
	if absent == nil {
		absent = f.Absent
	}
	if r.FoldPF && q != grid.Pf {
		probs.add(at("fold_pf"), "is for the power factor only")
	}
	return modbus.Register{
		Function: byte(function), Address: uint16(r.Address), Type: typ, Order: order, Quantity: q,
		Factor: cmp.Or(r.Scale, 1) * unit, Absent: absent, FoldPF: r.FoldPF,
	}
}

func quantity(name, field string, probs *problems) grid.Quantity {
	q, ok := grid.ParseQuantity(name)
	if !ok {
		probs.add(field, "is %q, which is no quantity such as ua, p or ea_imp", name)
	}
	return q
}
