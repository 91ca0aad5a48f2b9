package fleet_test

import (
	"path/filepath"
	"testing"
	"time"

	"phutai/fleet"
	"phutai/grid"
	"phutai/sheet"
)

const many = 20_000

func TestLargeRegisterIsSound(t *testing.T) {
	if problems := large(2_000).Check(rules); len(problems) > 0 {
		t.Fatal(problems[0])
	}
}

func BenchmarkCheck20000(b *testing.B) {
	s := large(many)
	for b.Loop() {
		if problems := s.Check(rules); len(problems) > 0 {
			b.Fatal(problems[0])
		}
	}
}

func BenchmarkImportAndOpen20000(b *testing.B) {
	s := large(many)
	for b.Loop() {
		r, d := openRegister(b, &clock{day(6, 1)})
		mustImport(b, r, s, time.Time{})
		if _, err := fleet.Open(b.Context(), d, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenAndCheck20000(b *testing.B) {
	r, d := openRegister(b, &clock{day(6, 1)})
	mustImport(b, r, large(many), time.Time{})
	for b.Loop() {
		again, err := fleet.Open(b.Context(), d, nil)
		if err != nil {
			b.Fatal(err)
		}
		set, err := again.Export(b.Context(), time.Time{})
		if err != nil {
			b.Fatal(err)
		}
		if problems := set.Check(rules); len(problems) > 0 {
			b.Fatal(problems[0])
		}
	}
}

// BenchmarkImportList20000 reads a list of another system from a workbook, in
// which each name is new, and takes it in.
func BenchmarkImportList20000(b *testing.B) {
	known := large(many)
	list := sheet.Table{Name: "CMIS", Header: []string{"MA_DVIQLY", "MA_TRAM", "TEN_TRAM", "LOAI_TRAM", "MA_DDO", "MA_KHANG", "MA_CLOAI", "HSN", "BCS"}}
	for i := range known.Substations {
		s, p := &known.Substations[i].Body, &known.Points[i].Body
		list.Rows = append(list.Rows, sheet.Row{Cells: []string{"U", string(s.ID), s.Name + " mới", "CC", string(p.ID), "PD0" + string(s.ID), "DTS27", "120", "KT"}})
	}
	path := filepath.Join(b.TempDir(), "cmis.xlsx")
	if err := sheet.WriteWorkbookFile(path, []sheet.Table{list}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		b.StopTimer()
		r, _ := openRegister(b, &clock{day(6, 1)})
		mustImport(b, r, known, time.Time{})
		b.StartTimer()
		set := r.Read(path, fleet.ReadOptions{Rules: rules})
		diff, err := r.Import(b.Context(), set, fleet.ImportOptions{Rules: rules})
		if err != nil || diff.Count(fleet.Changed) != many {
			b.Fatalf("%d changed, %v", diff.Count(fleet.Changed), err)
		}
	}
}

func BenchmarkAsOfLookup(b *testing.B) {
	r, _ := openRegister(b, &clock{day(6, 1)})
	mustImport(b, r, large(many), time.Time{})
	at := day(6, 2)
	b.Run("ratio", func(b *testing.B) {
		for b.Loop() {
			if _, ok := r.Ratio("P12345", at); !ok {
				b.Fatal("no ratio")
			}
		}
	})
	b.Run("view", func(b *testing.B) {
		for b.Loop() {
			if _, ok := r.View(at).Transformer(grid.TransformerID("T12345")); !ok {
				b.Fatal("no transformer")
			}
		}
	})
}
