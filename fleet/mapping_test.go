package fleet_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"phutai/fleet"
	"phutai/sheet"
)

func TestMappingThatIsWrongIsToldByLine(t *testing.T) {
	for text, want := range map[string]string{
		"":                               `m.yml:1: tables: is missing: say which column`,
		"- a\n":                          `m.yml:1: mapping: does not fit here`,
		"a: [":                           `m.yml: is no YAML: `,
		"colour: red\n":                  `m.yml:1: colour: there is no such setting`,
		"encoding: koi8\ntables: {}\n":   `m.yml:1: encoding: "koi8" is not known: write utf-8, tcvn3 or vni`,
		"sheets: a\n":                    `m.yml:1: sheets: does not fit here`,
		"tables:\n  tram: {id: A}\n":     `m.yml:2: tram: is no table of the register: write one of units, feeders`,
		"tables:\n  points: {name: A}\n": `m.yml:2: points.id: is missing: without it no row is told from another`,
		"tables:\n  priorities: {substation: A}\n":                                 `m.yml:2: priorities.tag: is missing`,
		"tables:\n  points:\n    id: A\n    colour: B\n":                           `m.yml:4: points.colour: is no column of points`,
		"tables:\n  points:\n    id: A\n    id: B\n":                               `m.yml:4: id: stands twice: remove one`,
		"tables:\n  points:\n    id: {value: ''}\n":                                `m.yml:3: points.id: has neither from`,
		"tables:\n  points:\n    id: A\n    name: {from: B, by: name}\n":           `m.yml:4: points.name.by: "name" does not fit here`,
		"tables:\n  points:\n    id: {from: A, by: substation}\n":                  `m.yml:3: points.id.by: "substation" does not fit here`,
		"tables:\n  points:\n    id: {from: A, with: b}\n":                         `m.yml:3: points.id.with: there is no such setting`,
		"tables:\n  points:\n    id: {from: [A]}\n":                                `m.yml:3: points.id.from: does not fit here: write text`,
		"tables:\n  meters:\n    id: A\n    profile: {from: B, words: {x: [y]}}\n": `m.yml:4: meters.profile.words: does not fit here: write text`,
	} {
		_, err := fleet.ParseMapping("m.yml", []byte(text))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

func TestMappingNamesEncodingWordsAndFixedValues(t *testing.T) {
	r := withProvince(t)
	m := mapping(t, "encoding: tcvn3\ntables:\n  substations:\n    MA_TRAM: Ma\n    name: Ten\n    unit: {value: PD0600}\n    type: {from: Loai, words: {KH: dedicated}}\n")
	if m.Encoding != sheet.TCVN3 {
		t.Errorf("the encoding is %q", m.Encoding)
	}
	set := readList(t, r, "Ma;Ten;Loai\n0104;Th\xf4y Li\xaan;kh\n", m)
	if len(set.Substations) != 1 || set.Substations[0].Body.Name != "Thụy Liên" || !set.Substations[0].Body.Dedicated || set.Substations[0].Body.Unit != "PD0600" {
		t.Errorf("got %+v, noted %v", set.Substations, set.Notes())
	}
}

func TestListWithoutTheColumnsOfItsMappingIsRefused(t *testing.T) {
	r := withProvince(t)
	m := mapping(t, "tables:\n  points:\n    id: MA_DDO\n    multiplier: HSN\n")
	for text, want := range map[string]string{
		"MA_DDO;TI\nP1;600/5\n": `CMIS thang 6.csv: lacks columns that the mapping names (CMIS thang 6.csv: HSN): correct the mapping, or the list`,
		"":                      `CMIS thang 6.csv: lacks columns that the mapping names (CMIS thang 6.csv: HSN, MA_DDO)`,
	} {
		set := readList(t, r, text, m)
		if got := set.Check(rules); len(got) != 1 || !strings.HasPrefix(got[0].String(), want) {
			t.Errorf("got %v, want %s", got, want)
		}
	}
	set := readList(t, r, "MA_DVIQLY;A;B\nPD;1;2\n", nil)
	if got := set.Check(rules); len(got) != 1 || !strings.Contains(got[0].String(), "has no columns that are known, such as MA_TRAM with TEN_TRAM") {
		t.Errorf("got %v", got)
	}
}

func TestSheetsOfAListAreChosen(t *testing.T) {
	r := withProvince(t)
	path := workbook(t, map[string][][]any{
		"Tháng 5": {{"MA_DDO", "TI"}, {"P1", "400/5"}},
		"Tháng 6": {{"MA_DDO", "TI"}, {"P1", "800/5"}},
		"Ghi chú": {{"xem"}},
	})
	m := mapping(t, "sheets: [Tháng 6]\ntables:\n  points:\n    id: MA_DDO\n    ct: TI\n")
	set := r.Read(path, fleet.ReadOptions{Rules: rules, Mapping: m})
	if len(set.Points) != 1 || set.Points[0].Body.CTPrimary != 800 {
		t.Errorf("got %+v", set.Points)
	}
	if file, line := set.Points[0].Source(); file != "book.xlsx!Tháng 6" || line != 2 {
		t.Errorf("read from %s:%d", file, line)
	}
	both := r.Read(path, fleet.ReadOptions{Rules: rules}).Check(rules)
	if len(both) == 0 || !strings.Contains(both.Error(), `of "P1", but book.xlsx!`) {
		t.Errorf("two sheets that contradict each other: %v", both)
	}
}

func TestKnownColumnsAreThoseOfTheExampleMapping(t *testing.T) {
	text, err := os.ReadFile("../configs/mapping.example.yml")
	if err != nil {
		t.Fatal(err)
	}
	want := mapping(t, string(text))
	got := fleet.KnownColumns([]string{"MA_DVIQLY", "MA_TRAM", "TEN_TRAM", "LOAI_TRAM", "MA_DDO", "MA_KHANG", "MA_CLOAI", "HSN", "BCS"})
	got.Encoding = sheet.UTF8
	if d := cmp.Diff(want, got, cmp.AllowUnexported(fleet.Mapping{})); d != "" {
		t.Error(d)
	}
	m := fleet.KnownColumns([]string{"MA_DVIQLY", "TEN_DVIQLY", "SO_CTO", "MA_DDO", "id", "name"})
	want = mapping(t, "tables:\n  units: {id: MA_DVIQLY, name: TEN_DVIQLY}\n  meters: {id: SO_CTO, point: MA_DDO}\n")
	if d := cmp.Diff(want, m, cmp.AllowUnexported(fleet.Mapping{})); d != "" {
		t.Error(d)
	}
}
