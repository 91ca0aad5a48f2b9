package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"phutai/fleet"
	"phutai/grid"
)

// stationsOfImport make an import of which both reading and writing take time.
const stationsOfImport = 4000

// bigRegister writes a register of so many stations as CSV files.
func bigRegister(t *testing.T, dir string) {
	t.Helper()
	s := &fleet.Set{Units: fleet.Of(grid.Unit{ID: "U", Name: "unit"})}
	for i := range stationsOfImport {
		id := fmt.Sprintf("%05d", i)
		s.Substations = append(s.Substations, fleet.Of(grid.Substation{ID: grid.SubstationID(id), Name: "Trạm " + id, Unit: "U"})...)
		s.Transformers = append(s.Transformers, fleet.Of(grid.Transformer{ID: grid.TransformerID("T" + id), Substation: grid.SubstationID(id), RatedKVA: 400})...)
	}
	if err := s.Write(dir, fleet.Rules{}); err != nil {
		t.Fatal(err)
	}
}

// An import that is killed, while it reads and while it writes, leaves all of
// it or nothing, and the next one works.
func TestKilledImportLeavesAllOrNothing(t *testing.T) {
	dir := t.TempDir()
	binary, source := filepath.Join(dir, "phutai"), filepath.Join(dir, "source")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("build the program: %v\n%s", err, out)
	}
	bigRegister(t, source)
	command := func(args ...string) *exec.Cmd { return exec.CommandContext(t.Context(), binary, args...) }
	install := func(name string) string {
		home := filepath.Join(dir, name)
		if out, err := command("init", home).CombinedOutput(); err != nil {
			t.Fatalf("init: %v\n%s", err, out)
		}
		return home
	}
	count := func(home string) string {
		out, err := command("fleet", "list", "--lang", "en", "-c", filepath.Join(home, "phutai.yml")).Output()
		if err != nil {
			t.Fatalf("list: %v", err)
		}
		rows := strings.Split(strings.TrimSpace(string(out)), "\n")
		return rows[len(rows)-1]
	}
	whole := install("whole")
	start := time.Now()
	if out, err := command("fleet", "import", "-c", filepath.Join(whole, "phutai.yml"), source).CombinedOutput(); err != nil {
		t.Fatalf("import: %v\n%s", err, out)
	}
	took := time.Since(start)
	all, none := count(whole), count(install("none"))
	if all == none || !strings.Contains(all, fmt.Sprintf("%d substations", stationsOfImport)) {
		t.Fatalf("the whole register is %q, an empty one %q", all, none)
	}
	for i := range 8 {
		home := install(fmt.Sprintf("killed-%d", i))
		cmd := command("fleet", "import", "-c", filepath.Join(home, "phutai.yml"), source)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		kill := time.AfterFunc(took*time.Duration(i+3)/10, func() { _ = cmd.Process.Kill() })
		err := cmd.Wait()
		kill.Stop()
		got := count(home)
		t.Logf("killed after %d/10: %v, %s", i+3, err, got)
		if got != none && got != all || err == nil && got != all {
			t.Errorf("an import that ended with %v left %q", err, got)
		}
		if out, err := command("fleet", "import", "-c", filepath.Join(home, "phutai.yml"), source).CombinedOutput(); err != nil || count(home) != all {
			t.Errorf("the next import: %v\n%s", err, out)
		}
		if err := os.RemoveAll(home); err != nil {
			t.Fatal(err)
		}
	}
}
