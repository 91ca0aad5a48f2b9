package app

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"phutai/grid"
)

// ConfigError lists all that is wrong with a configuration file, each as
// `file:line: field: problem`.
type ConfigError struct {
	Problems []string
}

// Error gives the problems, a line each.
func (e *ConfigError) Error() string { return strings.Join(e.Problems, "\n") }

// Load reads and checks the configuration at path. Relative paths in it count
// from the folder in which it stands. All problems come at once, in a
// ConfigError.
func Load(path string) (Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%w; phutai init DIR writes an example", err)
		}
		return Config{}, fmt.Errorf("read configuration: %w", err)
	}
	return parseConfig(path, text)
}

func parseConfig(path string, text []byte) (Config, error) {
	cfg := DefaultConfig()
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return Config{}, &ConfigError{yamlProblems(path, &root, err)}
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	var problems []string
	if err := dec.Decode(&cfg); err != nil && !errors.Is(err, io.EOF) {
		problems = yamlProblems(path, &root, err)
	}
	cfg.resolve(filepath.Dir(path))
	found := cfg.Validate()
	sort.SliceStable(found, func(i, j int) bool { return lineOf(&root, found[i].Field) < lineOf(&root, found[j].Field) })
	for _, p := range found {
		problems = append(problems, fmt.Sprintf("%s:%d: %s: %s", path, lineOf(&root, p.Field), p.Field, p.Text))
	}
	if len(problems) > 0 {
		return Config{}, &ConfigError{problems}
	}
	return cfg, nil
}

var (
	unknownField = regexp.MustCompile(`^line (\d+): field (\S+) not found in type \S+$`)
	wrongType    = regexp.MustCompile(`^line (\d+): cannot unmarshal \S+ (.*) into (\S+)$`)
	otherAtLine  = regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*)$`)
)

// yamlProblems words the parser's complaints like all the others.
func yamlProblems(path string, root *yaml.Node, err error) []string {
	lines := []string{err.Error()}
	if te, ok := errors.AsType[*yaml.TypeError](err); ok {
		lines = te.Errors
	}
	for i, s := range lines {
		switch {
		case unknownField.MatchString(s):
			m := unknownField.FindStringSubmatch(s)
			lines[i] = fmt.Sprintf("%s:%s: %s: there is no such setting here; phutai init DIR writes an example with all that exist", path, m[1], m[2])
		case wrongType.MatchString(s):
			m := wrongType.FindStringSubmatch(s)
			at, _ := strconv.Atoi(m[1])
			lines[i] = fmt.Sprintf("%s:%d: %s: %s does not fit here, want %s", path, at, fieldAt(root, at), m[2], typeInWords(m[3]))
		case otherAtLine.MatchString(s):
			m := otherAtLine.FindStringSubmatch(s)
			lines[i] = fmt.Sprintf("%s:%s: syntax: %s", path, m[1], m[2])
		default:
			lines[i] = fmt.Sprintf("%s:1: syntax: %s", path, s)
		}
	}
	return lines
}

func typeInWords(goType string) string {
	switch strings.TrimLeft(goType, "*") {
	case "time.Duration":
		return "a duration such as 5m or 30s"
	case "int", "int64", "uint16", "uint64":
		return "a whole number"
	case "float64":
		return "a number"
	case "bool":
		return "true or false"
	case "string":
		return "text"
	}
	return "another kind of value (a list or a group of settings?)"
}

// fieldAt finds the dotted path of the value that stands on a line; "value"
// where there is none.
func fieldAt(root *yaml.Node, line int) string {
	if root.Kind == yaml.DocumentNode && len(root.Content) > 0 {
		root = root.Content[0]
	}
	found := "value"
	var walk func(n *yaml.Node, path string)
	walk = func(n *yaml.Node, path string) {
		if n.Line == line && path != "" {
			found = path
		}
		if n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			walk(n.Content[i+1], strings.TrimPrefix(path+"."+n.Content[i].Value, "."))
		}
	}
	walk(root, "")
	return found
}

// lineOf finds the line of a dotted field path, or of the nearest group that
// holds it; 1 where nothing of it is written.
func lineOf(root *yaml.Node, path string) int {
	node, line := root, 1
	if node.Kind == yaml.DocumentNode && len(node.Content) > 0 {
		node = node.Content[0]
	}
	for part := range strings.SplitSeq(path, ".") {
		next := (*yaml.Node)(nil)
		switch node.Kind {
		case yaml.MappingNode:
			for i := 0; i+1 < len(node.Content); i += 2 {
				if node.Content[i].Value == part {
					line, next = node.Content[i].Line, node.Content[i+1]
				}
			}
		case yaml.SequenceNode:
			if i, err := strconv.Atoi(part); err == nil && i >= 0 && i < len(node.Content) {
				next = node.Content[i]
				line = next.Line
			}
		case yaml.DocumentNode, yaml.ScalarNode, yaml.AliasNode:
		}
		if next == nil {
			break
		}
		node = next
	}
	return line
}

// under puts a stage's problems below the name of its group.
func under(group string, problems []grid.Problem) []grid.Problem {
	for i := range problems {
		problems[i].Field = group + "." + problems[i].Field
	}
	return problems
}
