// Package catalog reads what a destination is from its file: one YAML file for each, with its golden cases next to it. It checks
// what can be checked without compiling a formula, and writes the page of each destination. It compiles and sends nothing.
package catalog

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"headgate/document"
)

// Catalog is every destination that can be used, by name.
type Catalog struct {
	specs map[string]*Spec
	cases map[string]caseSource // by the destination's name

	unread map[string]string // files that are not YAML, by the name that they would have
}

// Load reads every *.yaml in the folders and below: destinations, and their golden cases in *_test.yaml. A file
// in a later folder takes the place of one with the same name in an earlier folder.
func Load(folders ...Folder) (*Catalog, document.Mistakes) {
	c := &Catalog{specs: map[string]*Spec{}, cases: map[string]caseSource{}, unread: map[string]string{}}
	var ms document.Mistakes
	for _, folder := range folders {
		ms = append(ms, c.load(folder)...)
	}
	for _, name := range c.Names() {
		ms = append(ms, c.extend(c.specs[name])...)
	}
	for _, name := range c.Names() {
		ms = append(ms, c.specs[name].check()...)
	}
	return c, ms
}

// Names are the names of the catalogue, in alphabetical order.
func (c *Catalog) Names() []string {
	names := make([]string, 0, len(c.specs))
	for name := range c.specs {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// EventNames are our names of the events that a destination of the catalogue has a name for, each once.
func (c *Catalog) EventNames() (names []string) {
	seen := map[string]bool{"*": true, "": true}
	for _, spec := range c.Names() {
		for _, e := range c.specs[spec].Events {
			if !seen[e.Key] {
				seen[e.Key] = true
				names = append(names, e.Key)
			}
		}
	}
	return names
}

// Spec returns a destination of the catalogue, nil when it has none of that name.
func (c *Catalog) Spec(name string) *Spec { return c.specs[name] }

// Called returns the destination that people know by another name, "" when none is. Case, blanks and dashes do not count.
func (c *Catalog) Called(name string) string {
	fold := strings.NewReplacer("-", "", "_", "", " ", "", ".", "").Replace
	for _, one := range c.Names() {
		if slices.ContainsFunc(append(c.specs[one].Also, one), func(other string) bool { return strings.EqualFold(fold(other), fold(name)) }) {
			return one
		}
	}
	return ""
}

// Cases returns the golden cases of a destination, nil when it has none.
func (c *Catalog) Cases(name string) *CaseFile {
	source, ok := c.cases[name]
	if !ok {
		return nil
	}
	cases, _ := source.read() // CheckCases says what is wrong with them
	return cases
}

// CheckCases returns what is wrong with how the golden cases of a destination are written. Load reports it for those of a user's own.
func (c *Catalog) CheckCases(name string) document.Mistakes {
	source, ok := c.cases[name]
	if !ok {
		return nil
	}
	_, ms := source.read()
	return ms
}

// load takes over what is in a folder. A spec that is kept for others is copied, since extend fills it in.
func (c *Catalog) load(folder Folder) document.Mistakes {
	in, ms := folder.contents()
	for _, spec := range in.specs {
		own := *spec
		c.specs[own.Name] = &own
	}
	maps.Copy(c.cases, in.cases)
	maps.Copy(c.unread, in.unread)
	return ms
}

// readSpec reads one file; the spec is nil when it is not YAML.
func readSpec(file string, data []byte) (*Spec, document.Mistakes) {
	node, ms := document.Parse(file, data)
	if len(ms) > 0 {
		return nil, ms
	}
	spec := &Spec{At: document.Place{File: file}, places: placesOf(node)}
	ms = document.Decode(node, spec)
	name := strings.TrimSuffix(path.Base(file), ".yaml")
	if spec.Name != name {
		fact := "no name"
		if spec.Name != "" {
			fact = fmt.Sprintf("the name %q is not the file's", spec.Name)
		}
		ms.Add(spec.Place("name"), fact, fmt.Sprintf("write name: %s", name))
		spec.Name = name
	}
	return spec, ms
}

// Unread returns the file that would hold a destination of this name if it were YAML, "" when there is none.
func (c *Catalog) Unread(name string) string { return c.unread[name] }
