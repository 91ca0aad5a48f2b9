package dashboards_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"phutai/dashboards"
)

var update = flag.Bool("update", false, "write the boards instead of comparing them")

func render(t *testing.T) []dashboards.File {
	t.Helper()
	files, err := dashboards.Render()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestCommittedBoardsAreWhatTheSourceMakes(t *testing.T) {
	made := map[string]bool{}
	for _, f := range render(t) {
		made[filepath.FromSlash(f.Name)] = true
		if *update {
			if err := os.MkdirAll(filepath.Dir(f.Name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(f.Name, f.JSON, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		have, err := os.ReadFile(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(have), string(f.JSON)); diff != "" {
			t.Errorf("%s is not what the source makes; run go generate ./dashboards (-file +source):\n%s", f.Name, diff)
		}
	}
	onDisk, err := filepath.Glob("*/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range onDisk {
		if !made[name] {
			t.Errorf("%s is made by no source: delete it", name)
		}
	}
}

type board struct {
	UID           string
	Title         string
	Editable      bool
	SchemaVersion int
	Links         []struct{ URL string }
	Templating    struct {
		List []struct{ Name, Type, Query string }
	}
	Panels []panel
}

type panel struct {
	ID                       int
	Type, Title, Description string
	GridPos                  struct{ H, W, X, Y int }
	Datasource               struct{ UID string }
	Targets                  []struct{ Query string }
	FieldConfig              struct {
		Defaults struct {
			Unit       string
			NoValue    string
			Thresholds struct{ Steps []step }
		}
	}
}

type step struct {
	Color string
	Value *float64
}

func boards(t *testing.T) map[string]board {
	t.Helper()
	all := map[string]board{}
	for _, f := range render(t) {
		var b board
		if err := json.Unmarshal(f.JSON, &b); err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		all[f.Name] = b
	}
	return all
}

func TestBoardsKeepTheHouseRules(t *testing.T) {
	uids := map[string]bool{}
	for name, b := range boards(t) {
		if uids[b.UID] || !regexp.MustCompile(`^[a-z0-9-]{1,40}$`).MatchString(b.UID) {
			t.Errorf("%s: uid %q is used twice or is no uid", name, b.UID)
		}
		uids[b.UID] = true
		if b.Editable || b.SchemaVersion != 42 || b.Title == "" {
			t.Errorf("%s: editable %v, schema %d, title %q", name, b.Editable, b.SchemaVersion, b.Title)
		}
		ids := map[int]bool{}
		for _, p := range b.Panels {
			if ids[p.ID] {
				t.Errorf("%s: panel id %d is there twice", name, p.ID)
			}
			ids[p.ID] = true
			d := p.FieldConfig.Defaults
			if p.Title == "" || p.Description == "" || d.Unit == "" || d.NoValue == "" || p.Datasource.UID != "${ds}" || len(p.Targets) == 0 {
				t.Errorf("%s: panel %d lacks title, description, unit, what to show without a value, ${ds} or a query", name, p.ID)
			}
			for i, s := range d.Thresholds.Steps {
				if !slices.Contains([]string{"#8e8e8e", "#e0a100", "#d0342c"}, s.Color) {
					t.Errorf("%s: panel %d uses colour %s, which means nothing here", name, p.ID, s.Color)
				}
				if (i == 0) != (s.Value == nil) || i > 1 && *s.Value <= *d.Thresholds.Steps[i-1].Value {
					t.Errorf("%s: panel %d: threshold %d does not go up", name, p.ID, i)
				}
			}
		}
	}
	for name, b := range boards(t) {
		for _, l := range b.Links {
			if !uids[strings.TrimPrefix(l.URL, "/d/")] {
				t.Errorf("%s: the link %s leads nowhere", name, l.URL)
			}
		}
	}
}

// A wall has 1080 px: at most 26 rows of 38 px below Grafana's head.
func TestTheOverviewFitsOneScreenWithoutOverlap(t *testing.T) {
	for name, b := range boards(t) {
		taken := map[[2]int]int{}
		queries := 0
		for _, p := range b.Panels {
			g := p.GridPos
			queries += len(p.Targets)
			if g.X < 0 || g.X+g.W > 24 || g.Y+g.H > 26 {
				t.Errorf("%s: panel %d at %+v leaves the screen", name, p.ID, g)
			}
			for x := g.X; x < g.X+g.W; x++ {
				for y := g.Y; y < g.Y+g.H; y++ {
					if other, ok := taken[[2]int{x, y}]; ok {
						t.Fatalf("%s: panels %d and %d overlap", name, other, p.ID)
					}
					taken[[2]int{x, y}] = p.ID
				}
			}
		}
		if len(b.Panels) > 10 || queries > 12 {
			t.Errorf("%s: %d panels and %d queries are too many for a wall", name, len(b.Panels), queries)
		}
	}
}

// words are the only keys in which the two languages may differ.
var words = []string{"title", "description", "label", "displayName", "url", "uid", "tags"}

func TestTheLanguagesDifferInWordsOnly(t *testing.T) {
	var trees []any
	for _, f := range render(t) {
		var tree any
		if err := json.Unmarshal(f.JSON, &tree); err != nil {
			t.Fatal(err)
		}
		trees = append(trees, blank(tree))
	}
	if len(trees) != 2 {
		t.Fatalf("got %d boards, want one in each language", len(trees))
	}
	if diff := cmp.Diff(trees[0], trees[1]); diff != "" {
		t.Errorf("vi and en differ in more than words:\n%s", diff)
	}
	for _, f := range render(t) {
		vietnamese := bytes.ContainsRune(f.JSON, 'ộ')
		if want := strings.HasPrefix(f.Name, "vi/"); vietnamese != want {
			t.Errorf("%s: holds Vietnamese: %v", f.Name, vietnamese)
		}
	}
}

// blank takes out what people read; the overrides hold it under "value" beside
// an "id" of displayName.
func blank(node any) any {
	switch n := node.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, v := range n {
			if !slices.Contains(words, k) && (k != "value" || n["id"] != "displayName") {
				out[k] = blank(v)
			}
		}
		return out
	case []any:
		out := make([]any, len(n))
		for i, v := range n {
			out[i] = blank(v)
		}
		return out
	}
	return node
}
