package fleet_test

import (
	"testing"
	"time"

	"phutai/fleet"
	"phutai/grid"
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
