package meter

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// ProfileProblem is one thing that is wrong with a profile.
type ProfileProblem struct {
	File  string
	Line  int // zero: unknown
	Field string
	Text  string
}

// Error gives "file:line: field: problem".
func (p *ProfileProblem) Error() string {
	text := p.Text
	if p.Field != "" {
		text = p.Field + ": " + text
	}
	return fmt.Sprintf("%s:%d: %s", p.File, max(p.Line, 1), text)
}

// problems gathers what is wrong with one file.
type problems struct {
	file string
	root *yaml.Node
	list []error
}

func (p *problems) add(field, format string, args ...any) {
	p.list = append(p.list, &ProfileProblem{p.file, lineOf(p.root, field), field, fmt.Sprintf(format, args...)})
}

var yamlLine = regexp.MustCompile(`line (\d+): (.*)`)

// addYAML takes the decoder's complaints apart, so that each names its line.
func (p *problems) addYAML(err error) {
	texts := []string{err.Error()}
	if te, ok := errors.AsType[*yaml.TypeError](err); ok {
		texts = te.Errors
	}
	for _, text := range texts {
		problem := &ProfileProblem{File: p.file, Text: text}
		if m := yamlLine.FindStringSubmatch(text); m != nil {
			problem.Line, _ = strconv.Atoi(m[1]) // the pattern has digits only
			problem.Text, _, _ = strings.Cut(m[2], " in type ")
		}
		p.list = append(p.list, problem)
	}
}

var pathStep = regexp.MustCompile(`[^.\[\]]+`)

// lineOf gives the line of the deepest node on a path like
// "modbus.registers[3].unit" that exists.
func lineOf(node *yaml.Node, path string) int {
	if node == nil {
		return 0
	}
	if node.Kind == yaml.DocumentNode && len(node.Content) > 0 {
		node = node.Content[0]
	}
	for _, step := range pathStep.FindAllString(path, -1) {
		next := child(node, step)
		if next == nil {
			break
		}
		node = next
	}
	return node.Line
}

func child(node *yaml.Node, step string) *yaml.Node {
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == step {
				return node.Content[i+1]
			}
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(node.Content) {
			return node.Content[i]
		}
	}
	return nil
}
