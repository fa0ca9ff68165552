package editing

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"headgate/config/edit"
	"headgate/config/schema"
	"headgate/console/access"
	"headgate/console/exchange"
	"headgate/console/failure"
	"headgate/console/versions"
	"headgate/destinations/catalog"
	"headgate/document"
)

// offer is a destination of the catalogue, with what a person fills in.
type offer struct {
	Name     string    `json:"name"`
	Title    string    `json:"title"`
	Group    string    `json:"group"` // ads, analytics, engagement, warehouse or generic
	About    string    `json:"about"`
	Docs     string    `json:"docs"`
	Needs    []string  `json:"needs"`
	Settings []setting `json:"settings"`
	Notes    []string  `json:"notes,omitempty"`
}

// setting is one field of the form.
type setting struct {
	Name     string   `json:"name"`
	Kind     string   `json:"kind"` // how it is filled in: text, number, switch, list or map
	Type     string   `json:"type"` // text, secret, number, bool, choice, list, map, duration, url or formula
	Help     string   `json:"help"`
	Required bool     `json:"required"`
	Unless   string   `json:"unless,omitempty"` // another setting, without which this one is required
	Secret   bool     `json:"secret"`
	Default  string   `json:"default"` // as it is filled in
	Example  string   `json:"example"`
	Choices  []string `json:"choices"`
	Pattern  string   `json:"pattern,omitempty"`
	Min      *float64 `json:"min,omitempty"`
	Max      *float64 `json:"max,omitempty"`
}

func offerOf(s *catalog.Spec) offer {
	out := offer{Name: s.Name, Title: s.Title, Group: s.Kind, About: s.About, Docs: s.Docs, Needs: slices.Clone(s.Needs.Purposes), Settings: []setting{}, Notes: s.Notes}
	if out.Needs == nil {
		out.Needs = []string{}
	}
	for _, e := range s.Settings {
		v := &e.Value
		one := setting{Name: e.Key, Kind: kindOf(v.Type), Type: v.Type, Help: v.Help, Required: v.Required, Unless: v.Unless, Secret: v.Type == "secret", Choices: v.Choices,
			Pattern: v.Pattern, Min: v.Min, Max: v.Max}
		if one.Choices == nil {
			one.Choices = []string{}
		}
		one.Default, one.Example = filledIn(v.Default), filledIn(v.Example)
		out.Settings = append(out.Settings, one)
	}
	return out
}

func kindOf(settingType string) string {
	switch settingType {
	case "number", "list", "map":
		return settingType
	case "bool":
		return "switch"
	}
	return "text"
}

// filledIn is a value as a person types it into the form: lists with commas between, maps as lines of key: value.
func filledIn(n *document.Node) string {
	if n == nil {
		return ""
	}
	var parts []string
	switch n.Kind {
	case document.List:
		for _, one := range n.Items {
			parts = append(parts, filledIn(one))
		}
		return strings.Join(parts, ", ")
	case document.Map:
		for _, f := range n.Fields {
			parts = append(parts, f.Key+": "+filledIn(f.Value))
		}
		return strings.Join(parts, "\n")
	}
	return n.Text
}

// Catalogue answers with what can be sent to; q picks those that have all of its words in what is said of them.
func (e *Editor) Catalogue(w http.ResponseWriter, r *http.Request) {
	files := e.service.Catalog()
	words := strings.Fields(strings.ToLower(r.URL.Query().Get("q")))
	offers := []offer{}
	for _, name := range files.Names() {
		s := files.Spec(name)
		about := strings.ToLower(strings.Join(append([]string{s.Name, s.Title, s.Kind, s.About}, s.Also...), " "))
		if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(about, word) }) {
			offers = append(offers, offerOf(s))
		}
	}
	exchange.Answer(w, http.StatusOK, map[string]any{"destinations": offers})
}

// Offered answers with one of them.
func (e *Editor) Offered(w http.ResponseWriter, r *http.Request) {
	s := e.service.Catalog().Spec(r.PathValue("name"))
	if s == nil {
		exchange.Refuse(w, http.StatusNotFound, "the catalogue has no "+r.PathValue("name"))
		return
	}
	exchange.Answer(w, http.StatusOK, offerOf(s))
}

// Schema answers with the JSON schema of the configuration.
func (e *Editor) Schema(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(schema.JSON(e.service.Catalog())) // the client is gone
}

// addition is the body of POST /api/destinations.
type addition struct {
	Name     string         `json:"name"`
	Use      string         `json:"use"`
	Settings map[string]any `json:"settings"`
	Fields   map[string]any `json:"fields"` // further keys of the entry
	File     string         `json:"file"`
	Reason   string         `json:"reason"`
	DryRun   bool           `json:"dry_run"`
}

// added is what is written for a destination.
type added struct {
	File     string             `json:"file"`
	YAML     string             `json:"yaml"`
	Patch    string             `json:"patch"`
	Text     string             `json:"text"` // of the whole file
	Warnings []exchange.Mistake `json:"warnings,omitempty"`
	Version  string             `json:"version,omitempty"`
}

// AddDestination writes a destination into the configuration, or says what it would write.
func (e *Editor) AddDestination(w http.ResponseWriter, r *http.Request) {
	var asked addition
	if err := exchange.ReadJSON(w, r, exchange.MaxQuestion, &asked); err != nil {
		exchange.Refuse(w, exchange.StatusOf(err), err.Error())
		return
	}
	c, ok := e.edited(w, r)
	if !ok {
		return
	}
	if isTaken(c, asked.Name) {
		exchange.Refuse(w, http.StatusConflict, edit.ErrTaken.Error()+": "+asked.Name)
		return
	}
	file, err := fileToAddTo(c, asked.File)
	if err != nil {
		exchange.Refuse(w, http.StatusNotFound, err.Error())
		return
	}
	text, yaml, err := asked.of(e.service.Catalog()).AddTo(file.Text)
	if err != nil {
		status := http.StatusBadRequest
		if errors.Is(err, edit.ErrFlow) {
			status = http.StatusConflict
		}
		exchange.Refuse(w, status, err.Error())
		return
	}
	out := added{File: file.Name, YAML: yaml, Text: string(text), Patch: versions.Patch(file.Name, file.Text, text)}
	if !asked.DryRun {
		access.Detail(r.Context(), "destination", asked.Name)
		e.save(w, r, change{c, file, text, asked.Reason}, func(s saved) any {
			out.Version = s.Version
			return out
		})
		return
	}
	access.Detail(r.Context(), "dry_run", true)
	warnings, err := e.service.Check(r.Context(), edit.Draft{file.Name: text})
	if err != nil {
		failure.OfDraft(w, err)
		return
	}
	out.Warnings = exchange.MistakesOf(warnings)
	exchange.Answer(w, http.StatusOK, out)
}

// of is what is to be written, in the order of the catalogue.
func (asked *addition) of(files *catalog.Catalog) *edit.Addition {
	out := &edit.Addition{Name: asked.Name, Use: asked.Use, Fields: inOrder(asked.Fields, nil)}
	use := asked.Use
	if use == "" {
		use = asked.Name
	}
	var order []string
	if s := files.Spec(use); s != nil {
		order = s.Settings.Keys()
	}
	out.Settings = inOrder(asked.Settings, order)
	return out
}

// inOrder lists what is in a map: first the keys that an order names, then the others.
func inOrder(m map[string]any, order []string) (out []edit.Written) {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	place := func(key string) int {
		if i := slices.Index(order, key); i >= 0 {
			return i
		}
		return len(order)
	}
	slices.SortFunc(keys, func(a, b string) int {
		if d := place(a) - place(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	for _, key := range keys {
		out = append(out, edit.Written{Key: key, Value: m[key]})
	}
	return out
}

// isTaken reports whether any file has a destination of a name.
func isTaken(c edit.Configuration, name string) bool {
	return slices.ContainsFunc(c.Files, func(f edit.File) bool {
		root, _ := document.Parse(f.Name, f.Text)
		return root.Get("destinations").Get(name) != nil
	})
}

// fileToAddTo is the file of a name; without one, the first that has destinations, or else the first.
func fileToAddTo(c edit.Configuration, name string) (edit.File, error) {
	if name != "" || len(c.Files) < 2 {
		return pickFile(c, name)
	}
	for _, f := range c.Files {
		if root, _ := document.Parse(f.Name, f.Text); root.Get("destinations") != nil {
			return f, nil
		}
	}
	return c.Files[0], nil
}
