// Package archtest holds the rules of the house as a test: which package may
// import which, which package owns which library, and that each package says
// once what it is. It reads the files itself, so that the test cache sees a
// change in any of them.
package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "phutai"

// policy lists, for each package, the packages of this repository that its
// non-test files may import. It is a statement of policy: do not widen it to
// fix a build; say in an ADR why the arrow is needed.
var policy = map[string][]string{
	"grid":    {},
	"db":      {},
	"sheet":   {},
	"thermal": {"grid"},
	"weather": {"grid", "sheet"},

	"fleet": {"grid", "db", "sheet"},
	"line":  {"grid"},

	"meter":              {"grid", "line", "meter/modbus", "meter/dlms", "meter/dlms/obis"},
	"meter/modbus":       {"grid"},
	"meter/dlms":         {"grid", "meter/dlms/axdr", "meter/dlms/apdu", "meter/dlms/wrapper", "meter/dlms/cosem", "meter/dlms/obis"},
	"meter/dlms/obis":    {},
	"meter/dlms/axdr":    {"meter/dlms/obis"},
	"meter/dlms/apdu":    {"meter/dlms/axdr", "meter/dlms/obis"},
	"meter/dlms/wrapper": {},
	"meter/dlms/cosem":   {"grid", "meter/dlms/axdr", "meter/dlms/apdu", "meter/dlms/obis"},

	"collector": {"grid", "line", "meter", "db"},
	"mqtt":      {"grid"},

	"store":           {"grid", "db", "store/pack"},
	"store/pack":      {"grid"},
	"store/lineproto": {"grid"},
	"store/influx":    {"grid", "store/lineproto"},
	"store/victoria":  {"grid", "store/lineproto"},
	"store/storetest": {"grid", "store", "db"},

	"loading":         {"grid", "thermal"},
	"plausibility":    {"grid"},
	"cases":           {"grid", "db", "plausibility"},
	"alerting":        {"grid", "db", "alerting/notify"},
	"alerting/notify": {"grid"},
	"planning":        {"grid"},
	"web":             {"grid"},

	"configs":    {},
	"dashboards": {},

	"sim":             {"grid", "sim/dlmsmeter", "sim/modbusmeter"},
	"sim/dlmsmeter":   {"grid", "meter/dlms/axdr", "meter/dlms/apdu", "meter/dlms/wrapper", "meter/dlms/cosem", "meter/dlms/obis"},
	"sim/modbusmeter": {"grid"},

	"app": {
		"grid", "db", "sheet", "thermal", "weather", "fleet", "line", "meter", "collector", "mqtt",
		"store", "store/influx", "store/lineproto", "store/victoria", "loading", "plausibility", "cases", "alerting", "alerting/notify", "planning", "web", "configs", "sim",
	},
	"cmd/phutai": {"app"},

	"internal/archtest":   {},
	"internal/disktest":   {},
	"internal/lossless":   {"grid", "db", "store", "collector", "sim"}, // judges their files; for tests only
	"internal/lossy":      {},
	"internal/servertest": {},
}

// owners names the one package that may import a library (prefix of the path).
var owners = map[string]string{
	"github.com/eclipse/paho.mqtt.golang":         "mqtt",
	"github.com/nats-io/":                         "mqtt",
	"modernc.org/sqlite":                          "db",
	"github.com/xuri/excelize":                    "sheet",
	"github.com/influxdata/influxdb-client-go":    "store/influx",
	"github.com/goburrow/modbus":                  "meter/modbus",
	"github.com/alecthomas/kong":                  "cmd/phutai",
	"github.com/coreos/go-systemd":                "app",
	"github.com/prometheus/client_golang":         "app",
	"database/sql/driver":                         "db",
	"github.com/simonvetter/modbus":               "interop only",
	"github.com/influxdata/influxdb-client-go/v2": "store/influx",
}

// shared lists what of a library another package than its owner imports, for
// tests alone: no package of the program may import that one.
var shared = map[string][]string{
	// A disk that loses power stands below SQLite, where db does not reach.
	"internal/lossy": {"modernc.org/sqlite/lib"},
}

// drawers are package names that say nothing about what is inside.
var drawers = regexp.MustCompile(`^(util|utils|common|helper|helpers|types|models|base|core|manager|service|misc)$`)

type source struct {
	dir  string // of the package, slash-separated, relative to the module
	name string // of the file
	file *ast.File
}

func sources(t *testing.T) []source {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	var all []source
	err = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, p)
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if rel == "interop" || rel == "bench" || rel == "fault" || d.Name() == "testdata" || (strings.HasPrefix(d.Name(), ".") && rel != ".") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		all = append(all, source{path.Dir(rel), path.Base(rel), f})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 50 {
		t.Fatalf("found only %d Go files: is the walk broken?", len(all))
	}
	return all
}

func TestImportsFollowThePolicy(t *testing.T) {
	for _, s := range sources(t) {
		if strings.HasSuffix(s.name, "_test.go") {
			continue
		}
		allowed, known := policy[s.dir]
		if !known {
			t.Errorf("%s/%s: package is not in the policy: add it with the arrows it needs", s.dir, s.name)
			continue
		}
		for _, im := range s.file.Imports {
			p, _ := strconv.Unquote(im.Path.Value)
			rel, ours := strings.CutPrefix(p, module+"/")
			if ours && !slices.Contains(allowed, rel) {
				t.Errorf("%s/%s imports %s, which the policy does not allow", s.dir, s.name, rel)
			}
			for library, owner := range owners {
				if strings.HasPrefix(p, library) && s.dir != owner && !slices.Contains(shared[s.dir], p) {
					t.Errorf("%s/%s imports %s, which belongs to %s alone", s.dir, s.name, p, owner)
				}
			}
			if s.dir == "grid" && strings.Contains(p, ".") {
				t.Errorf("grid/%s imports %s: grid knows only the standard library", s.name, p)
			}
		}
	}
}

func TestPolicyNamesNoPackageThatIsGone(t *testing.T) {
	found := map[string]bool{}
	for _, s := range sources(t) {
		found[s.dir] = true
	}
	for dir := range policy {
		if !found[dir] {
			t.Errorf("the policy names %s, which does not exist", dir)
		}
	}
}

func TestEachPackageSaysOnceWhatItIs(t *testing.T) {
	comments := map[string][]string{}
	for _, s := range sources(t) {
		if strings.HasSuffix(s.name, "_test.go") && s.dir != "internal/archtest" {
			continue
		}
		if _, there := comments[s.dir]; !there {
			comments[s.dir] = nil
		}
		if s.file.Doc != nil {
			comments[s.dir] = append(comments[s.dir], s.name)
		}
		if name := s.file.Name.Name; drawers.MatchString(name) {
			t.Errorf("package %s in %s says nothing about what is inside", name, s.dir)
		}
	}
	for dir, files := range comments {
		if len(files) != 1 {
			t.Errorf("%s has %d package comments %v, want 1", dir, len(files), files)
		}
	}
}

func TestOnlyMainEndsTheProcess(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sources(t) {
		if strings.HasSuffix(s.name, "_test.go") || s.dir == "cmd/phutai" {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, s.dir, s.name), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && ((x.Name == "os" && n.Sel.Name == "Exit") || (x.Name == "log" && strings.HasPrefix(n.Sel.Name, "Fatal"))) {
					t.Errorf("%s/%s calls %s.%s", s.dir, s.name, x.Name, n.Sel.Name)
				}
			case *ast.FuncDecl:
				if n.Recv == nil && n.Name.Name == "init" {
					t.Errorf("%s/%s has an init function", s.dir, s.name)
				}
			}
			return true
		})
	}
}
