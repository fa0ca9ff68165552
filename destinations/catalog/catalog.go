// Package catalog reads what a destination is from its file: one YAML file for each, with its golden cases next to it. It checks
// what can be checked without compiling a formula, and writes the page of each destination. It compiles and sends nothing.
package catalog

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"headgate/document"
)

// Folder is where the files of destinations are. Name is put before their paths in mistakes.
type Folder struct {
	FS      fs.FS
	Name    string
	BuiltIn bool // its files are a part of the program
}

// Catalog is every destination that can be used, by name.
type Catalog struct {
	specs map[string]*Spec
	cases map[string]caseSource // by the destination's name

	unread map[string]string // files that are not YAML, by the name that they would have
}

// caseSource is where golden cases are. They are read again when they are asked for: they are most of a catalogue, and a
// server never asks.
type caseSource struct {
	folder Folder
	file   string
}

func (s caseSource) read() (*CaseFile, document.Mistakes) {
	shown := path.Join(s.folder.Name, s.file)
	data, err := fs.ReadFile(s.folder.FS, s.file)
	if err != nil {
		var ms document.Mistakes
		ms.Add(document.Place{File: shown}, fmt.Sprintf("cannot be read: %v", err), "")
		return &CaseFile{At: document.Place{File: shown}, Path: s.file}, ms
	}
	cases, ms := readCases(shown, data)
	cases.Path = s.file
	return cases, ms
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
	cases, _ := source.read() // what is wrong with them was found when the catalogue was loaded
	return cases
}

func (c *Catalog) load(folder Folder) (ms document.Mistakes) {
	seen := map[string]document.Place{}
	err := fs.WalkDir(folder.FS, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(file) != ".yaml" {
			return err
		}
		if name, ok := strings.CutSuffix(path.Base(file), "_test.yaml"); ok {
			source := caseSource{folder, file}
			_, wrong := source.read()
			ms = append(ms, wrong...)
			c.cases[name] = source
			return nil
		}
		data, err := fs.ReadFile(folder.FS, file)
		if err != nil {
			return err
		}
		spec, wrong := readSpec(path.Join(folder.Name, file), data)
		ms = append(ms, wrong...)
		if spec == nil {
			c.unread[strings.TrimSuffix(path.Base(file), ".yaml")] = path.Join(folder.Name, file)
			return nil
		}
		if at, twice := seen[spec.Name]; twice {
			ms.Add(spec.At, "a second destination "+spec.Name, "the first is "+at.String())
			return nil
		}
		spec.BuiltIn = folder.BuiltIn
		seen[spec.Name] = spec.At
		c.specs[spec.Name] = spec
		return nil
	})
	if err != nil {
		ms.Add(document.Place{File: folder.Name}, fmt.Sprintf("cannot be read: %v", err), "")
	}
	return ms
}

// readSpec reads one file; the spec is nil when it is not YAML.
func readSpec(file string, data []byte) (*Spec, document.Mistakes) {
	node, ms := document.Parse(file, data)
	if len(ms) > 0 {
		return nil, ms
	}
	spec := &Spec{At: document.Place{File: file}, node: node}
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

// placeOf is where a key of a map is written, the map itself when it is not.
func placeOf(n *document.Node, key string) document.Place {
	for i := range n.Fields {
		if n.Fields[i].Key == key {
			return n.Fields[i].At
		}
	}
	return n.At
}

// Unread returns the file that would hold a destination of this name if it were YAML, "" when there is none.
func (c *Catalog) Unread(name string) string { return c.unread[name] }
