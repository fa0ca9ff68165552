package webhook

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"headgate/document"
	"headgate/sources/catalog"
)

// Catalogue is every webhook that use: can name: those that come with Headgate by their names, a user's own by their paths as
// the configuration has them.
type Catalogue struct {
	specs map[string]*Spec
	cases map[string]caseSource
	own   []string
}

// caseSource are golden cases as they are written. They are read when they are asked for: a server never asks.
type caseSource struct {
	file string
	text []byte
}

// builtIn is read once: its files never change, and neither does what they are read into.
var builtIn = sync.OnceValues(readBuiltIn)

// BuiltIn is the catalogue that comes with Headgate. The caller may add to it.
func BuiltIn() (*Catalogue, document.Mistakes) {
	c, ms := builtIn()
	return &Catalogue{specs: maps.Clone(c.specs), cases: maps.Clone(c.cases)}, slices.Clone(ms)
}

func readBuiltIn() (*Catalogue, document.Mistakes) {
	c := &Catalogue{specs: map[string]*Spec{}, cases: map[string]caseSource{}}
	var ms document.Mistakes
	for _, name := range catalog.Names() {
		file, cases, _ := catalog.Read(name)
		ms = append(ms, c.add(name, "sources/"+name+".yaml", file, cases)...)
	}
	return c, ms
}

// Add reads a user's own file, which use calls by this path, and its cases, nil where there are none. file is what it is called
// in mistakes.
func (c *Catalogue) Add(use, file string, text, cases []byte) document.Mistakes {
	c.own = append(c.own, use)
	return append(c.add(use, file, text, cases), c.CheckCases(use)...)
}

func (c *Catalogue) add(use, file string, text, cases []byte) document.Mistakes {
	spec, ms := readSpec(file, text)
	if spec == nil {
		spec = &Spec{At: document.Place{File: file}} // so that it is not reported as missing, too
		c.specs[use] = spec
		return ms
	}
	c.specs[use] = spec
	if cases != nil {
		c.cases[use] = caseSource{strings.TrimSuffix(file, ".yaml") + "_test.yaml", cases}
	}
	return ms
}

// Names are what use: can name: first those that come with Headgate, then a user's own.
func (c *Catalogue) Names() []string {
	names := catalog.Names()
	return append(names, c.own...)
}

// Own are the user's own files, by the paths that use: has.
func (c *Catalogue) Own() []string { return c.own }

// Spec returns a webhook of the catalogue, nil when it has none of that name.
func (c *Catalogue) Spec(use string) *Spec { return c.specs[use] }

// Cases returns the golden cases of a webhook, nil when it has none.
func (c *Catalogue) Cases(use string) *CaseFile {
	from, ok := c.cases[use]
	if !ok {
		return nil
	}
	cases, _ := readCases(from.file, from.text) // CheckCases says what is wrong with them
	return cases
}

// CheckCases returns what is wrong with how the golden cases of a webhook are written. Add reports it for those of a user's own.
func (c *Catalogue) CheckCases(use string) document.Mistakes {
	from, ok := c.cases[use]
	if !ok {
		return nil
	}
	_, ms := readCases(from.file, from.text)
	return ms
}

// IsFile reports whether use: names a file of the user's own.
func IsFile(use string) bool { return strings.HasPrefix(use, ".") || path.IsAbs(use) }

// find returns the webhook that use: names.
func (c *Catalogue) find(use document.Words) (*Spec, document.Mistakes) {
	if spec := c.specs[use.Value]; spec != nil {
		if spec.node == nil { // reported when the file was read
			return nil, nil
		}
		return spec, nil
	}
	var ms document.Mistakes
	cure := document.DidYouMean(use.Value, catalog.Names())
	switch {
	case IsFile(use.Value):
		return nil, nil // reported when the files were read
	case strings.HasSuffix(use.Value, ".yaml"):
		cure = "write ./" + use.Value + " for a file beside this one"
	}
	ms.Add(use.At, fmt.Sprintf("no webhook %q", use.Value), cure)
	return nil, ms
}

// settings reads what a configuration fills in. n may be nil.
func (s *Spec) settings(n *document.Node) (filled map[string]string, ms document.Mistakes) {
	filled = map[string]string{}
	for _, e := range s.Settings {
		filled[e.Key] = e.Value.Default
	}
	if n == nil || n.Kind == document.Null {
		return filled, nil
	}
	written := map[string]document.Words{}
	if n.Kind != document.Map {
		return filled, document.Decode(n, &written)
	}
	for _, f := range n.Fields {
		setting, known := s.Settings.Get(f.Key)
		if !known {
			ms.Add(f.At, fmt.Sprintf("%s has no setting %q", s.Name, f.Key), document.DidYouMean(f.Key, s.Settings.Keys()))
			continue
		}
		var text string
		if wrong := document.Decode(f.Value, &text); len(wrong) > 0 {
			ms = append(ms, wrong...)
			continue
		}
		if len(setting.Choices) > 0 && !slices.Contains(setting.Choices, text) {
			ms.Add(f.Value.At, fmt.Sprintf("%s cannot be %q", f.Key, text), "write "+strings.Join(setting.Choices, ", or "))
		}
		filled[f.Key] = text
	}
	return filled, ms
}
