package meter_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"phutai/configs"
	"phutai/grid"
	"phutai/meter"
)

const small = `maker: ACME
model: M1
source: manual 7
protocol: modbus
modbus:
  function: 3
  type: u16
  registers:
    - {quantity: ua, address: 0, unit: V, scale: 0.1}
`

func files(texts map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	for name, text := range texts {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

func TestProblemsOfAProfileAreAllListedWithTheirLines(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		want       []string
	}{
		{"sound", small, nil},
		{"empty", "", []string{"x.yml:1: is empty: a profile names maker, model, source and protocol"}},
		{"comment only", "# nothing\n", []string{"x.yml:1: is empty: a profile names maker, model, source and protocol"}},
		{"no yaml", "maker: [\n", []string{"x.yml:"}},
		{"two documents", small + "---\nmaker: B\n", []string{"x.yml:1: holds more than one document: write one profile to a file"}},
		{"nothing said", "limits: {voltage_max: -1}\n", []string{
			"x.yml:1: maker: is missing: say who makes the meter",
			"x.yml:1: model: is missing: say the type on the nameplate",
			"x.yml:1: source: is missing: say the manual, address or clause that the map was taken from",
			"x.yml:1: limits: must be positive, and frequency_max above frequency_min",
			"x.yml:1: protocol: is \"\": write modbus or dlms",
		}},
		{"field that does not exist", strings.Replace(small, "model:", "modell:", 1), []string{
			"x.yml:2: field modell not found", "x.yml:1: model: is missing: say the type on the nameplate",
		}},
		{"protocol without its part", "maker: A\nmodel: B\nsource: C\nprotocol: dlms\nmodbus: {}\n", []string{
			"x.yml:4: protocol: is dlms: one part dlms and no part modbus is needed",
		}},
		{"modbus", `maker: A
model: B
source: C
protocol: modbus
modbus:
  unit: 300
  max_registers: 126
  max_gap: -1
  timeout: -1s
  registers:
    - {quantity: volts, address: 0, function: 4, type: f32}
    - {quantity: ua, address: 70000, function: 4, type: f32}
    - quantity: ua
      address: 65535
      function: 6
      type: f16
      order: XYZ
      unit: W
      fold_pf: true
    - {quantity: ia, address: 65535, function: 4, type: f32}
`, []string{
			"x.yml:6: modbus.unit: is 300: unit ids go from 1 to 247",
			"x.yml:7: modbus.max_registers: is 126: one request reads 1 to 125 registers",
			"x.yml:8: modbus.max_gap: is -1: write 0 to read no register in vain",
			"x.yml:6: modbus: timeout and pause cannot be negative",
			"x.yml:11: modbus.registers[0].quantity: is \"volts\", which is no quantity such as ua, p or ea_imp",
			"x.yml:12: modbus.registers[1].address: is 70000: addresses go from 0 to 65535, counted from 0 as on the wire",
			"x.yml:15: modbus.registers[2].function: is 6: write 3 for holding or 4 for input registers",
			"x.yml:16: modbus.registers[2].type: is \"f16\": write u16, s16, u32, s32, u64, s64, f32 or f64",
			"x.yml:17: modbus.registers[2].order: is \"XYZ\": write ABCD, CDAB, BADC or DCBA",
			"x.yml:18: modbus.registers[2].unit: is \"W\", which cannot become ua in \"V\"",
			"x.yml:19: modbus.registers[2].fold_pf: is for the power factor only",
			"x.yml:20: modbus.registers[3].address: is 65535: addresses go from 0 to 65535, counted from 0 as on the wire",
		}},
		{"modbus without registers", "maker: A\nmodel: B\nsource: C\nprotocol: modbus\nmodbus: {unit: 1}\n", []string{
			"x.yml:5: modbus.registers: is empty: name at least one register",
		}},
		{"dlms", `maker: A
model: B
source: C
protocol: dlms
dlms:
  client: 70000
  list_max: -1
  timeout: -1s
  objects:
    - {quantity: ua, code: 1.0.32}
    - {quantity: volts, code: 1.0.32.7.0.255, class: -1, attribute: 200}
  load_profile:
    code: x
    status: y
    period: -1s
`, []string{
			"x.yml:6: dlms.client: is 70000: wrapper ports go from 1 to 65535",
			"x.yml:7: dlms.list_max: is -1: write 1 for single requests, up to 255 for lists",
			"x.yml:8: dlms.timeout: is -1s: write a positive time such as 10s",
			"x.yml:10: dlms.objects[0].code: is \"1.0.32\": write an OBIS code such as 1.0.32.7.0.255",
			"x.yml:11: dlms.objects[1].class: is -1: write 3 for a register, or leave it out",
			"x.yml:11: dlms.objects[1].attribute: is 200: write 2 for the value, or leave it out",
			"x.yml:11: dlms.objects[1].quantity: is \"volts\", which is no quantity such as ua, p or ea_imp",
			"x.yml:13: dlms.load_profile.code: is \"x\": write an OBIS code such as 1.0.32.7.0.255",
			"x.yml:14: dlms.load_profile.status: is \"y\": write an OBIS code such as 1.0.32.7.0.255",
			"x.yml:15: dlms.load_profile.period: is -1s: write a positive time such as 30m, or leave it to the meter",
			"x.yml:13: dlms.load_profile.columns: is empty: name at least one captured object",
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ps, err := meter.LoadProfiles(files(map[string]string{"x.yml": tc.text}))
			var got []string
			if err != nil {
				got = strings.Split(err.Error(), "\n")
			}
			if (ps == nil) != (err != nil) {
				t.Errorf("profiles %v beside error %v", ps, err)
			}
			if len(tc.want) == 1 && len(got) == 1 && strings.HasPrefix(got[0], tc.want[0]) {
				return
			}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestOwnFolderAddsAndReplacesProfiles(t *testing.T) {
	own := files(map[string]string{
		"acme-m1.yml":        small,
		"generic-dlms.yaml":  small,
		"notes.txt":          "not a profile",
		"old/eastron-x.yml":  "not read: deeper than meters",
		"meters/acme-m2.yml": strings.Replace(small, "M1", "M2", 1),
	})
	ps, err := meter.LoadProfiles(configs.Meters, own)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(ps.Names()); got != "[acme-m1 acme-m2 eastron-sdm630 generic-dlms]" {
		t.Errorf("names: %s", got)
	}
	if p, ok := ps.Get("generic-dlms"); !ok || p.Maker != "ACME" || p.Protocol != meter.Modbus || p.HasHistory() {
		t.Errorf("generic-dlms was not replaced: %+v", p)
	}
	if _, ok := ps.Get("nothing"); ok {
		t.Error("found a profile that is not there")
	}
}

func TestTwoFilesOfOneNameAreRefused(t *testing.T) {
	_, err := meter.LoadProfiles(files(map[string]string{"a.yml": small, "meters/a.yaml": small}))
	if err == nil || err.Error() != "meters/a.yaml:1: has the same name as a.yml: rename or remove one" {
		t.Errorf("got %v", err)
	}
}

func TestShippedProfilesSayWhatTheyMeasure(t *testing.T) {
	for name, want := range map[string]string{
		"eastron-sdm630": "ua ub uc ia ib ic p q s pf pa pb pc qa qb qc f ea_imp ea_exp er_imp er_exp",
		"generic-dlms":   "ua ub uc ia ib ic in p q s pf pa pb pc qa qb qc f ea_imp ea_exp er_imp er_exp",
	} {
		p, ok := shipped(t).Get(name)
		if !ok {
			t.Fatalf("no profile %s", name)
		}
		var got []string
		for q := range grid.NumQuantities {
			if p.Quantities()&(1<<q) != 0 {
				got = append(got, q.String())
			}
		}
		if d := cmp.Diff(want, strings.Join(got, " ")); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
		if p.Name != name || p.Source == "" || p.Limits.VoltageMax == 0 {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

// FuzzProfile lets anything be a profile: it is refused or usable.
func FuzzProfile(f *testing.F) {
	f.Add(small)
	f.Add("protocol: dlms\ndlms: {objects: [{quantity: p, code: 1.0.1.7.0.255}]}")
	f.Add("a: &a [*a]")
	f.Fuzz(func(t *testing.T, text string) {
		ps, err := meter.LoadProfiles(files(map[string]string{"x.yml": text}))
		if err == nil {
			if p, ok := ps.Get("x"); !ok || p.Measures() == 0 {
				t.Errorf("took a profile that measures nothing: %+v", p)
			}
		}
	})
}
