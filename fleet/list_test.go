package fleet_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/fleet"
	"phutai/grid"
)

// readList reads one CSV file as a list against the province.
func readList(t *testing.T, r *fleet.Register, text string, m *fleet.Mapping) *fleet.Set {
	t.Helper()
	return r.Read(filepath.Join(write(t, map[string]string{"CMIS thang 6.csv": text}), "CMIS thang 6.csv"), fleet.ReadOptions{Rules: rules, Mapping: m})
}

func mapping(t *testing.T, text string) *fleet.Mapping {
	t.Helper()
	m, err := fleet.ParseMapping("m.yml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func withProvince(t *testing.T) *fleet.Register {
	t.Helper()
	r, _ := openRegister(t, &clock{day(6, 20)})
	mustImport(t, r, province(), time.Time{})
	return r
}

func lines(p []fleet.Problem) []string {
	out := make([]string, len(p))
	for i := range p {
		out[i] = p[i].String()
	}
	return out
}

const cmis = "MA_DVIQLY;MA_TRAM;TEN_TRAM;LOAI_TRAM;MA_DDO;MA_KHANG;MA_CLOAI;HSN;BCS\n"

func TestColumnsThatStaffUseAreKnown(t *testing.T) {
	r := withProvince(t)
	set := readList(t, r, cmis+
		"PD0600;0101;Thụy Liên 1A;CC;P1;PD06000000001;DTS27;120;KT\n"+
		"PD0600;0101;Thụy Liên 1A;CC;P1;PD06000000001;DTS27;120;VC\n"+
		"PD0600;0103;Bệnh viện;CD;;;;;\n", nil)
	c := r.Compare(set, fleet.ImportOptions{Rules: rules})
	want := []fleet.Difference{
		{Kind: fleet.Substations, ID: "0101", Name: "Thụy Liên 1A", What: fleet.Changed, Fields: []fleet.Field{{Column: "name", Before: "Thụy Liên 1", After: "Thụy Liên 1A"}}},
		{Kind: fleet.Substations, ID: "0103", Name: "Bệnh viện", What: fleet.Added},
		{Kind: fleet.Substations, ID: "0102", Name: `=HYPERLINK("x";"Nhà máy ""B""")`, What: fleet.Removed},
		{Kind: fleet.Points, ID: "P2", What: fleet.Removed},
	}
	if d := cmp.Diff(want, c.Differences); d != "" || len(c.Problems) > 0 || len(c.Unmatched) > 0 {
		t.Errorf("problems %v, unmatched %v\n%s", c.Problems, c.Unmatched, d)
	}
	if _, err := r.Import(t.Context(), set, fleet.ImportOptions{Rules: rules}); err != nil {
		t.Fatal(err)
	}
	v := r.View(day(6, 21))
	got, _ := v.Substation("0101")
	kept := province().Substations[0].Body
	kept.Name = "Thụy Liên 1A"
	if d := cmp.Diff(kept, got); d != "" {
		t.Errorf("what the list does not say is not as it was: %s", d)
	}
	if s, _ := v.Substation("0103"); !s.Dedicated || s.Unit != "PD0600" {
		t.Errorf("the new one reads %+v", s)
	}
}

func TestOtherMultiplierIsADifferenceThatNobodyCanTakeIn(t *testing.T) {
	r := withProvince(t)
	set := readList(t, r, cmis+"PD0600;0101;Thụy Liên 1;CC;P1;;;160;KT\n", nil)
	c := r.Compare(set, fleet.ImportOptions{Rules: rules})
	want := fleet.Difference{Kind: fleet.Points, ID: "P1", What: fleet.Changed, Fields: []fleet.Field{{Column: "multiplier", Before: "120", After: "160"}}}
	if !slices.ContainsFunc(c.Differences, func(d fleet.Difference) bool { return cmp.Equal(d, want) }) {
		t.Errorf("got %+v", c.Differences)
	}
	if want := "CMIS thang 6.csv:2: HSN: HSN 160 does not follow from the CT and VT given"; len(c.Problems) != 1 || !strings.HasPrefix(c.Problems[0].String(), want) {
		t.Errorf("got %v", c.Problems)
	}
	if _, err := r.Import(t.Context(), set, fleet.ImportOptions{Rules: rules}); err == nil || r.Version() != 1 {
		t.Errorf("it was imported: %v", err)
	}
}

func TestRatioFollowsFromTheMultiplierWhereTheMappingGivesTheSecondary(t *testing.T) {
	r := withProvince(t)
	m := mapping(t, "tables:\n  points:\n    id: MA_DDO\n    multiplier: HSN\n    ct_secondary: {value: 5}\n")
	set := readList(t, r, "MA_DDO;HSN\nP1;160\nP2;2200\n", m)
	c := r.Compare(set, fleet.ImportOptions{Rules: rules})
	want := []fleet.Difference{{Kind: fleet.Points, ID: "P1", What: fleet.Changed, Fields: []fleet.Field{{Column: "ct", Before: "600/5", After: "800/5"}, {Column: "multiplier", Before: "120", After: "160"}}}}
	if d := cmp.Diff(want, c.Differences); d != "" || len(c.Problems) > 0 {
		t.Errorf("%v\n%s", c.Problems, d)
	}
	set = readList(t, r, "MA_DDO,TI,TU\nP1,1000/5,\nP2,100/5,\"22000/110\"\n", nil)
	if _, err := r.Import(t.Context(), set, fleet.ImportOptions{Rules: rules}); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[grid.PointID]float64{"P1": 200, "P2": 4000} {
		if got, _ := r.Ratio(id, day(6, 21)); got.Product() != want {
			t.Errorf("%s: HSN %v, want %v", id, got.Product(), want)
		}
	}
}

func TestNamesAreMatchedWithoutAccentsAndCase(t *testing.T) {
	r := withProvince(t)
	m := mapping(t, `tables:
  transformers:
    id: So may
    substation: {from: Tên trạm, by: name}
    rated_kva: Công suất
    no_load_loss_w: P0
    cooling: {value: onan}
`)
	set := readList(t, r, "So may,TEN TRAM,CONG SUAT,P0,khác\nt1,THUY LIEN 1,400,433,x\nT9,thụy   liên 1,250,,y\nT10,Thuỵ Nơi Khác,250,,\n", m)
	if d := cmp.Diff([]string{`CMIS thang 6.csv:4: Tên trạm: "Thuỵ Nơi Khác" matches none of substations: correct it, or add it to the register first`},
		lines(r.Compare(set, fleet.ImportOptions{Rules: rules}).Unmatched)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{
		`CMIS thang 6.csv: columns that are not read: khác`,
		`CMIS thang 6.csv:2: So may: "t1" is written as "T1"`,
	}, lines(set.Notes())); d != "" {
		t.Error(d)
	}
	if _, err := r.Import(t.Context(), set, fleet.ImportOptions{Rules: rules}); err == nil || !strings.Contains(err.Error(), "matches none of substations") {
		t.Errorf("a list with unmatched rows: %v", err)
	}
	set = readList(t, r, "So may,TEN TRAM,CONG SUAT,P0\nt1,THUY LIEN 1,400,433\nT9,thụy   liên 1,250,\n", m)
	if _, err := r.Import(t.Context(), set, fleet.ImportOptions{Rules: rules}); err != nil {
		t.Fatal(err)
	}
	v := r.View(day(6, 21))
	t1, _ := v.Transformer("T1")
	t9, _ := v.Transformer("T9")
	if t1.RatedKVA != 400 || t1.NoLoadLossW != 433 || t1.TopOilRiseK != 52.125 || t9.RatedKVA != 250 || t9.Substation != "0101" {
		t.Errorf("got %+v and %+v", t1, t9)
	}
}

func TestNewPointStandsBeforeTheOnlyTransformer(t *testing.T) {
	r := withProvince(t)
	_, err := takeIn(t, r, map[string]string{"points.csv": "id,substation,transformers,side,ct,valid_to\nP2,0102,T3,MV,50/5,2026-06-01\n", "meters.csv": "id,point,profile,line,address,collector,valid_to\n0012345678902,P2,sdm630,tcp://127.0.0.1:502,12,east,2026-06-01\n"})
	if err != nil {
		t.Fatal(err)
	}
	set := readList(t, r, "MA_DDO,MA_TRAM,TI,NGAY_HLUC\nP8,0102,100/5,01/06/2026\n", nil)
	if _, err := r.Import(t.Context(), set, fleet.ImportOptions{Rules: rules}); err != nil {
		t.Fatal(err)
	}
	if p, _ := r.View(day(6, 2)).Point("P8"); !cmp.Equal(p.Transformers, []grid.TransformerID{"T3"}) {
		t.Errorf("got %+v", p)
	}
	if n := lines(set.Notes()); len(n) != 1 || n[0] != `CMIS thang 6.csv:2: transformers: the only one of substation "0102", "T3", is taken for point "P8"` {
		t.Errorf("noted %v", n)
	}
}

func TestRowsThatContradictEachOtherAreTold(t *testing.T) {
	r := withProvince(t)
	set := readList(t, r, cmis+"PD0600;0101;Một;CC;P1;;;120;KT\nPD0600;0101;Hai;CC;P1;;;120;VC\n", nil)
	c := r.Compare(set, fleet.ImportOptions{Rules: rules})
	want := `CMIS thang 6.csv:3: TEN_TRAM: tells "Hai" of "0101", but CMIS thang 6.csv:2 tells "Một": correct one of the two`
	if got := lines(c.Problems); len(got) != 1 || got[0] != want {
		t.Errorf("got %v", got)
	}
}

func TestTransformerIsFoundByItsSubstationWhereItStandsAlone(t *testing.T) {
	r := withProvince(t)
	m := mapping(t, "tables:\n  transformers:\n    id: {from: MA_TRAM, by: substation}\n    rated_kva: SDM\n")
	set := readList(t, r, "MA_TRAM,SDM\n102,630\n0101,400\n0109,250\n", m)
	c := r.Compare(set, fleet.ImportOptions{Rules: rules})
	want := []fleet.Difference{{Kind: fleet.Transformers, ID: "T3", What: fleet.Changed, Fields: []fleet.Field{{Column: "rated_kva", Before: "", After: "630"}}}}
	if d := cmp.Diff(want, c.Differences); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{
		`CMIS thang 6.csv:3: MA_TRAM: substation "0101" has 2 transformers: give the code of the one that is meant`,
		`CMIS thang 6.csv:4: MA_TRAM: "0109" matches none of substations: correct it, or add it to the register first`,
	}, lines(c.Unmatched)); d != "" {
		t.Error(d)
	}
}

// What a list says is taken in whole or refused; the register stays sound.
func FuzzReadList(f *testing.F) {
	f.Add(cmis + "PD0600;0101;Thụy Liên 1A;CC;P1;PD06;DTS27;120;KT\n")
	f.Add("MA_TRAM,TEN_TRAM,MA_DVIQLY,NGAY_HLUC,NGAY_HET_HLUC\n101,x,PD0600,01/06/2026,\n4.71E+13,y,PD,,1/7/2026\n")
	f.Add("MA_DDO;MA_TRAM;MA_MBA;TI;TU;HSN\nP1;0101;T1+T2;800/5;;160\nP9;102;T3;;22000/100;\n")
	f.Add("SO_CTO,MA_DDO,MA_CLOAI,line\n12345678901,P1,dlms-4q,tcp://10.0.0.1:1\n")
	f.Fuzz(func(t *testing.T, text string) {
		r := withProvince(t)
		set := readList(t, r, text, nil)
		_ = r.Compare(set, fleet.ImportOptions{Rules: rules})
		if _, err := r.Import(t.Context(), set, fleet.ImportOptions{Rules: rules, Removal: true}); err != nil {
			if r.Version() != 1 {
				t.Errorf("refused by %v, and yet there is version %d", err, r.Version())
			}
			return
		}
		all, err := r.Export(t.Context(), time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		if problems := all.Check(rules); len(problems) > 0 {
			t.Error(problems)
		}
	})
}
