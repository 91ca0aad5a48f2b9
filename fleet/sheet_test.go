package fleet_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"phutai/fleet"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestRegisterComesBackFromCSVAndWorkbook(t *testing.T) {
	c := &clock{day(6, 20)}
	r, _ := openRegister(t, c)
	mustImport(t, r, province(), time.Time{})
	mustImport(t, r, transformer1(400, day(6, 1), time.Time{}), time.Time{})
	back := transformer1(400, day(6, 1), day(6, 5).Add(90*time.Minute))
	back.Transformers = append(back.Transformers, transformer1(250, day(6, 5).Add(90*time.Minute), time.Time{}).Transformers...)
	mustImport(t, r, back, time.Time{})
	want, err := r.Export(t.Context(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "csv")
	for i, next := range []string{"a.xlsx", "csv2", "b.xlsx"} {
		if err := want.Write(path, rules); err != nil {
			t.Fatal(err)
		}
		got, problems := fleet.Read(path, rules)
		if len(problems) > 0 {
			t.Fatalf("%s:\n%v", filepath.Base(path), problems)
		}
		if d := cmp.Diff(want.Tables(rules), got.Tables(rules)); d != "" {
			t.Errorf("step %d, %s: -want +got\n%s", i, filepath.Base(path), d)
		}
		if d := mustImport(t, r, got, time.Time{}); !d.Empty() {
			t.Errorf("%s is not a repetition: %+v", filepath.Base(path), d.Changes)
		}
		want, path = got, filepath.Join(dir, next)
	}
}

// write puts files into a new folder; a name is that of the file.
func write(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestEveryProblemIsToldWithItsLine(t *testing.T) {
	set, _ := fleet.Read("testdata/broken", rules)
	got := set.Check(rules).Error() + "\n"
	const golden = "testdata/broken.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); d != "" {
		t.Error(d)
	}
}

func TestWorkbookProblemsNameSheetAndRow(t *testing.T) {
	s := province()
	s.Points[1].Body.VTSecondary = 0
	path := filepath.Join(t.TempDir(), "book.xlsx")
	if err := s.Write(path, rules); err != nil {
		t.Fatal(err)
	}
	set, _ := fleet.Read(path, rules)
	want := "book.xlsx!points:3: vt_secondary: is empty although vt_primary is given: give both or none"
	if got := set.Check(rules).Error(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestVietnameseExportsAreRead(t *testing.T) {
	dir := write(t, map[string]string{
		"don_vi.csv":  "\ufeffMA_DVIQLY;TEN_DVIQLY;MA_DVICTREN\nPD0600;Đội Thái Thụy;\n",
		"lo.csv":      "MA_LO;TEN_LO;MA_DVIQLY;DIEN_AP\n471E11;Lộ 471;PD0600;22\n",
		"tram.csv":    "STT;MA_TRAM;TEN_TRAM;MA_DVIQLY;MA_LO;LOAI_TRAM\n1;0101;Thụy Liên;PD0600;471E11;CD\n",
		"mba.csv":     "MA_MBA;MA_TRAM;CONG_SUAT;LV_KV\nT1;0101;400;0,4\n",
		"diem_do.csv": "MA_DDO;MA_TRAM;MA_MBA;TI;HSN;NGAY_HLUC\nP1;0101;T1;600/5;120;01/06/2026\n",
		"cong_to.csv": "SO_CTO;MA_DDO;MA_CLOAI;LINE\n001;P1;dlms-4q;tcp://127.0.0.1:4059\n",
		"ghi chú.csv": "anything\n",
		"readme.txt":  "not read",
	})
	set, problems := fleet.Read(dir, rules)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if problems := set.Check(rules); len(problems) > 0 {
		t.Fatal(problems)
	}
	if got := set.Transformers[0].Body; got.LVKV != 0.4 || got.RatedKVA != 400 {
		t.Errorf("the transformer reads %+v", got)
	}
	if got := set.Points[0]; got.Body.Ratio().Product() != 120 || !got.From.Equal(day(6, 1)) {
		t.Errorf("the point reads %+v", got)
	}
	if !set.Substations[0].Body.Dedicated || set.Units[0].Body.Name != "Đội Thái Thụy" {
		t.Errorf("type or name is lost: %+v %+v", set.Substations[0].Body, set.Units[0].Body)
	}
}

func TestNumbersAreReadOrAskedFor(t *testing.T) {
	for cell, want := range map[string]float64{
		"0,4": 0.4, "0.400": 0.4, "22": 22, "22,000": 22, "22.0000": 22, "1": 1,
	} {
		set, problems := fleet.Read(write(t, map[string]string{"feeders.csv": "id;name;unit;kv\nF;f;U;" + cell + "\n"}), rules)
		if len(problems) > 0 || set.Feeders[0].Body.KV != want {
			t.Errorf("%q: %v, want %v", cell, problems, want)
		}
	}
	for cell, want := range map[string]float64{"1.234,5": 1234.5, "1,234.5": 1234.5, "1.234.567": 1234567, "12 500": 12500} {
		set, problems := fleet.Read(write(t, map[string]string{"transformers.csv": "id;substation;load_loss_w\nT;S;" + cell + "\n"}), rules)
		if len(problems) > 0 || set.Transformers[0].Body.LoadLossW != want {
			t.Errorf("%q: %v, want %v", cell, problems, want)
		}
	}
	for _, cell := range []string{"2.150", "2,150", "1e999", "NaN", "0x10", "12W", "1.2.3", "--1"} {
		if _, problems := fleet.Read(write(t, map[string]string{"transformers.csv": "id;substation;load_loss_w\nT;S;" + cell + "\n"}), rules); len(problems) != 1 {
			t.Errorf("%q: got %v, want one problem", cell, problems)
		}
	}
}

func TestDatesAreReadAsPeopleAndExcelWriteThem(t *testing.T) {
	for cell, want := range map[string]time.Time{
		"2026-06-01": day(6, 1), "01/06/2026": day(6, 1), "1/6/2026": day(6, 1), "46174": day(6, 1),
		"2026-06-01T07:30:00+07:00": day(6, 1).Add(7*time.Hour + 30*time.Minute),
	} {
		set, problems := fleet.Read(write(t, map[string]string{"units.csv": "id,name,valid_from\nU,u," + cell + "\n"}), rules)
		if len(problems) > 0 || !set.Units[0].From.Equal(want) {
			t.Errorf("%q: %v, %v, want %v", cell, set.Units[0].From, problems, want)
		}
	}
}

func TestHeaderThatIsNotUnderstoodIsToldOnce(t *testing.T) {
	for header, want := range map[string]string{
		"id,name,colour":    `units.csv: colour: is no column`,
		"id,name,ma_dviqly": `units.csv: ma_dviqly: stands twice`,
		"id,parent":         `units.csv: name: the column is missing`,
	} {
		_, problems := fleet.Read(write(t, map[string]string{"units.csv": header + "\nA,a,x\nB,b,y\n"}), rules)
		if len(problems) != 1 || !strings.HasPrefix(problems[0].String(), want) {
			t.Errorf("%s: got %v, want %q", header, problems, want)
		}
	}
}

func TestUnreadablePathsAreProblems(t *testing.T) {
	file := filepath.Join(write(t, map[string]string{"x.xlsx": "no workbook"}), "x.xlsx")
	for _, path := range []string{"no such folder", t.TempDir(), "sheet_test.go", file} {
		set, problems := fleet.Read(path, rules)
		if len(problems) != 1 {
			t.Errorf("%s: got %v, want one problem", path, problems)
		}
		if len(set.Check(rules)) == 0 {
			t.Errorf("%s: the set would be imported", path)
		}
	}
}

func TestListIsReadInBothLanguages(t *testing.T) {
	c := &clock{day(6, 20)}
	r, _ := openRegister(t, c)
	mustImport(t, r, province(), time.Time{})
	for lang, wants := range map[fleet.Lang][]string{
		fleet.Vietnamese: {"đơn vị PD0600", "250 kVA", "TI 50/5 A TU 22000/100 V", "HSN 2200", "2 TBA"},
		fleet.English:    {"unit PD0600", "dedicated", "T1+T2", "tcp://127.0.0.1:502", "2 substations"},
	} {
		var b strings.Builder
		if err := fleet.List(&b, r.View(c.t), lang); err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s: %q is missing in\n%s", lang, want, b.String())
			}
		}
	}
}

func TestSearchNeedsNoAccents(t *testing.T) {
	for in, want := range map[string]string{
		"Đội  Thái Thụy": "doi thai thuy", "THU\u0323Y LIE\u0302N": "thuy lien", "471E11": "471e11", " Ươ ": "uo", "": "",
	} {
		if got := fleet.Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("id;name;parent\nA;a;\n", "id,profile,line,point,address\n1,x,y,z,4\n")
	f.Add("\ufeffid,name\n\"A\n", "id\n4.71E+11\n")
	f.Fuzz(func(t *testing.T, units, meters string) {
		set, problems := fleet.Read(write(t, map[string]string{"units.csv": units, "meters.csv": meters}), rules)
		for _, p := range problems {
			if p.File == "" || p.Text == "" {
				t.Errorf("a problem without file or text: %+v", p)
			}
		}
		if len(set.Check(rules)) > 0 {
			return
		}
		dir := t.TempDir()
		if err := set.Write(dir, rules); err != nil {
			t.Fatal(err)
		}
		again, problems := fleet.Read(dir, rules)
		if len(problems) > 0 {
			t.Fatalf("does not read back: %v", problems)
		}
		if d := cmp.Diff(set.Tables(rules), again.Tables(rules)); d != "" {
			t.Error(d)
		}
	})
}
