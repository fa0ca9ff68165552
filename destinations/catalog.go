package destinations

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"headgate/document"
)

// The directory listing is the registry: catalog/NAME.yaml, and NAME/NAME.yaml beside the code of a driver.
//
//go:embed */*.yaml
var builtIn embed.FS

// BuiltIn is the catalogue that ships with Headgate, and its golden cases.
func BuiltIn() Folder { return Folder{FS: builtIn, Name: "destinations"} }

// Folder is where files of destinations lie. Name stands before their paths in mistakes.
type Folder struct {
	FS   fs.FS
	Name string
}

// Catalog is every destination that can be used, by name.
type Catalog struct {
	specs map[string]*Spec
	cases map[string]caseSource // by the destination's name

	unread map[string]string // files that are no YAML, by the name that they would have
}

// caseSource is where golden cases lie. They are read again when they are asked for: they are most of a catalogue, and a
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

// LoadCatalog reads every *.yaml in the folders and below: destinations, and their golden cases in *_test.yaml. A file
// in a later folder takes the place of one with the same name in an earlier folder.
func LoadCatalog(folders ...Folder) (*Catalog, document.Mistakes) {
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

// Names are the names of the catalogue, in the alphabet's order.
func (c *Catalog) Names() []string {
	names := make([]string, 0, len(c.specs))
	for name := range c.specs {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Spec returns a destination of the catalogue, nil when it has none of that name.
func (c *Catalog) Spec(name string) *Spec { return c.specs[name] }

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
		seen[spec.Name] = spec.At
		c.specs[spec.Name] = spec
		return nil
	})
	if err != nil {
		ms.Add(document.Place{File: folder.Name}, fmt.Sprintf("cannot be read: %v", err), "")
	}
	return ms
}

// readSpec reads one file; the spec is nil when it is no YAML, or not what was meant.
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
		ms.Add(spec.place("name"), fact, fmt.Sprintf("write name: %s", name))
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

// extend fills a variant with the keys that it does not write itself. What concerns consent is never taken over: needs,
// any_of, refused, vendor and reason are written again, or check says that they are missing.
func (c *Catalog) extend(s *Spec) (ms document.Mistakes) {
	if s.Extends == "" {
		return nil
	}
	from := c.specs[s.Extends]
	switch {
	case from == nil:
		ms.Add(s.At, fmt.Sprintf("extends %q, which is not in the catalogue", s.Extends), suggestion(s.Extends, c.Names()))
		return ms
	case from.Extends != "":
		ms.Add(s.At, fmt.Sprintf("extends %s, which itself extends %s", s.Extends, from.Extends), "extend "+from.Extends)
		return ms
	}
	take(&s.Title, from.Title)
	take(&s.Kind, from.Kind)
	take(&s.About, from.About)
	take(&s.Docs, from.Docs)
	take(&s.Duplicates, from.Duplicates)
	take(&s.Driver, from.Driver)
	take(&s.Naming, from.Naming)
	take(&s.PlainReason, from.PlainReason)
	if s.MaxAge == 0 {
		s.MaxAge = from.MaxAge
	}
	if s.Rate == 0 {
		s.Rate = from.Rate
	}
	s.Settings = overlay(from.Settings, s.Settings)
	s.Events = overlay(from.Events, s.Events)
	s.Plain = instead(s.Plain, from.Plain)
	s.Ages = instead(s.Ages, from.Ages)
	s.Requires = instead(s.Requires, from.Requires)
	s.Send = instead(s.Send, from.Send)
	s.Flags = instead(s.Flags, from.Flags)
	s.Answers = instead(s.Answers, from.Answers)
	s.Limits = instead(s.Limits, from.Limits)
	s.Notes = instead(s.Notes, from.Notes)
	return nil
}

func take(own *string, from string) {
	if *own == "" {
		*own = from
	}
}

// overlay is base with the keys of own in the place of its own, new ones at the end.
func overlay[T any](base, own document.Ordered[T]) document.Ordered[T] {
	out := slices.Clone(base)
	for _, e := range own {
		i := slices.IndexFunc(out, func(b document.Entry[T]) bool { return b.Key == e.Key })
		if i < 0 {
			out = append(out, e)
			continue
		}
		out[i] = e
	}
	return out
}

func instead[S ~[]E, E any](own, from S) S {
	if own == nil {
		return from
	}
	return own
}

func suggestion(word string, from []string) string {
	if near := document.Suggest(word, from); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return ""
}
