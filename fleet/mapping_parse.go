package fleet

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"phutai/sheet"
)

// ParseMapping reads a mapping from YAML; file is named in the problems. The
// error is of type Problems.
func ParseMapping(file string, text []byte) (*Mapping, error) {
	p := mappingParser{file: file, m: &Mapping{tables: map[Kind]map[string]Cell{}}}
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, Problems{{file, 0, "", "is no YAML: " + strings.TrimPrefix(err.Error(), "yaml: ")}}
	}
	if len(root.Content) == 0 {
		root.Content = []*yaml.Node{{Kind: yaml.MappingNode, Line: 1}}
	}
	p.each(root.Content[0], "mapping", p.setting)
	if len(p.m.tables) == 0 && len(p.problems) == 0 {
		p.problem(root.Content[0], "tables", "is missing: say which column of the list is which of the register")
	}
	if len(p.problems) > 0 {
		return nil, p.problems
	}
	return p.m, nil
}

type mappingParser struct {
	file     string
	m        *Mapping
	problems Problems
}

func (p *mappingParser) problem(n *yaml.Node, field, format string, args ...any) {
	p.problems = append(p.problems, Problem{p.file, n.Line, field, fmt.Sprintf(format, args...)})
}

// each calls do for each entry of a group.
func (p *mappingParser) each(n *yaml.Node, field string, do func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		p.problem(n, field, "does not fit here: write a group of name: value")
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if slices.ContainsFunc(n.Content[:i], func(k *yaml.Node) bool { return k.Value == n.Content[i].Value && k.Kind == yaml.ScalarNode }) {
			p.problem(n.Content[i], n.Content[i].Value, "stands twice: remove one")
		}
		do(n.Content[i], n.Content[i+1])
	}
}

// text gives the value of a plain entry.
func (p *mappingParser) text(n *yaml.Node, field string) string {
	if n.Kind != yaml.ScalarNode {
		p.problem(n, field, "does not fit here: write text")
	}
	return n.Value
}

func (p *mappingParser) setting(key, value *yaml.Node) {
	switch key.Value {
	case "encoding":
		if p.m.Encoding = sheet.Encoding(p.text(value, "encoding")); !p.m.Encoding.Known() {
			p.problem(value, "encoding", "%q is not known: write utf-8, tcvn3 or vni", value.Value)
		}
	case "sheets":
		if value.Kind != yaml.SequenceNode {
			p.problem(value, "sheets", "does not fit here: write a list such as [Sheet1]")
			return
		}
		for _, n := range value.Content {
			p.m.Sheets = append(p.m.Sheets, p.text(n, "sheets"))
		}
	case "tables":
		p.each(value, "tables", p.table)
	default:
		p.problem(key, key.Value, "there is no such setting: encoding, sheets and tables are")
	}
}

func (p *mappingParser) table(key, value *yaml.Node) {
	all := forms()
	i := slices.IndexFunc(all, func(f form) bool { return string(f.name) == key.Value })
	if i < 0 {
		p.problem(key, key.Value, "is no table of the register: write one of %s", kindNames())
		return
	}
	form := &all[i]
	columns := map[string]Cell{}
	p.each(value, key.Value, func(k, v *yaml.Node) {
		field := key.Value + "." + k.Value
		name, to := form.column(k.Value)
		if name == "" {
			p.problem(k, field, "is no column of %s", key.Value)
			return
		}
		columns[name] = p.cell(v, field, to != "" || name == "id", form.name == Transformers && name == "id")
	})
	for _, need := range form.key {
		if _, ok := columns[need]; !ok {
			p.problem(key, key.Value+"."+need, "is missing: without it no row is told from another")
		}
	}
	p.m.tables[form.name] = columns
}

// cell reads "HEADER" or {from, value, by, words}. Names tells that it may have a
// name instead of a code, sole that it may have a substation's code.
func (p *mappingParser) cell(n *yaml.Node, field string, names, sole bool) (c Cell) {
	if n.Kind == yaml.ScalarNode {
		if c.From = n.Value; c.From == "" {
			p.problem(n, field, "is empty: write the header of the list")
		}
		return c
	}
	p.each(n, field, func(k, v *yaml.Node) {
		at := field + "." + k.Value
		switch k.Value {
		case "from":
			c.From = p.text(v, at)
		case "value":
			c.Value = p.text(v, at)
		case "by":
			c.Named, c.Sole = v.Value == "name", v.Value == "substation"
			if !c.Named && !c.Sole && v.Value != "code" || c.Named && !names || c.Sole && !sole {
				p.problem(v, at, "%q does not fit here: write code; name, where the column names a thing of the register; or substation, as the id of transformers", v.Value)
			}
		case "words":
			c.Words = map[string]string{}
			p.each(v, at, func(from, to *yaml.Node) { c.Words[Fold(from.Value)] = p.text(to, at) })
		default:
			p.problem(k, at, "there is no such setting: from, value, by and words are")
		}
	})
	if c.From == "" && c.Value == "" && n.Kind == yaml.MappingNode {
		p.problem(n, field, "has neither from, a header of the list, nor value, the same for each row")
	}
	return c
}
