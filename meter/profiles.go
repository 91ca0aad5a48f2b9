package meter

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// Profiles are the kinds of meter that are known, by name. They never change
// once loaded and may be used from any goroutine.
type Profiles struct {
	byName map[string]*Profile
}

// LoadProfiles reads every *.yml and *.yaml in the root and in the folder
// meters of each file system. A later file system replaces profiles of an
// earlier one by name, so that a company can correct ours. The error joins a
// *ProfileProblem for each thing that is wrong, in all files.
func LoadProfiles(fsys ...fs.FS) (*Profiles, error) {
	all := &Profiles{byName: map[string]*Profile{}}
	var wrong []error
	for _, f := range fsys {
		found := map[string]string{}
		for _, pattern := range []string{"*.yml", "*.yaml", "meters/*.yml", "meters/*.yaml"} {
			files, err := fs.Glob(f, pattern)
			if err != nil {
				return nil, fmt.Errorf("look for meter profiles: %w", err)
			}
			for _, file := range files {
				name := strings.TrimSuffix(path.Base(file), path.Ext(file))
				if other, twice := found[name]; twice {
					wrong = append(wrong, &ProfileProblem{File: file, Text: "has the same name as " + other + ": rename or remove one"})
					continue
				}
				found[name] = file
				p, probs := load(f, name, file)
				wrong = append(wrong, probs...)
				all.byName[name] = p
			}
		}
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	return all, nil
}

func load(f fs.FS, name, file string) (*Profile, []error) {
	text, err := fs.ReadFile(f, file)
	if err != nil {
		return nil, []error{fmt.Errorf("read meter profile: %w", err)}
	}
	return parse(name, file, text)
}

// Get finds a profile by name.
func (p *Profiles) Get(name string) (*Profile, bool) {
	profile, ok := p.byName[name]
	return profile, ok
}

// Names lists the profiles in order.
func (p *Profiles) Names() []string { return slices.Sorted(maps.Keys(p.byName)) }
