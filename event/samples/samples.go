// Package samples holds events as real sites send them, one YAML file each: golden cases, docs, explain and the console
// use them by name. It also reads events that people write in YAML, whole or as changes to a sample. It does no I/O.
package samples

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"headgate/document"
	"headgate/event"
)

//go:embed *.yaml
var files embed.FS

// Names lists the samples in the alphabet's order.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic("BUG: the samples are not embedded: " + err.Error())
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".yaml")
	}
	return names
}

// Get returns a sample of the caller's own; ok is false when there is none of that name.
func Get(name string) (e *event.Event, ok bool) {
	node, ok := nodes()[name]
	if !ok {
		return nil, false
	}
	e, ms := whole(node)
	if len(ms) > 0 {
		panic("BUG: a sample is wrong: " + ms.Error())
	}
	return e, true
}

// nodes are the samples as they are written, by name.
var nodes = sync.OnceValue(func() map[string]*document.Node {
	all := map[string]*document.Node{}
	for _, name := range Names() {
		data, err := files.ReadFile(name + ".yaml")
		if err != nil {
			panic("BUG: the samples are not embedded: " + err.Error())
		}
		node, ms := document.Parse(name+".yaml", data)
		if len(ms) > 0 {
			panic("BUG: a sample is wrong: " + ms.Error())
		}
		all[name] = node
	}
	return all
})

// Now is a few minutes after the samples were received: a clock for tests.
func Now() time.Time { return time.Date(2026, time.November, 2, 10, 10, 0, 0, time.UTC) }

// Move shifts all times of an event so that it was received now.
func Move(e *event.Event, now time.Time) {
	by := now.Sub(e.Received)
	for _, t := range []*time.Time{&e.Time, &e.Received, &e.Session.Start} {
		if !t.IsZero() {
			*t = t.Add(by).UTC()
		}
	}
}

// Read returns the event that someone wrote: the name of a sample, a map with `sample:` and the paths to change, or a
// whole event in the vocabulary. Paths may be nested or joined by dots: `params: {value: 3}` and `params.value: 3` are
// the same.
func Read(n *document.Node) (*event.Event, document.Mistakes) {
	var ms document.Mistakes
	switch n.Kind {
	case document.Text:
		if e, ok := Get(n.Text); ok {
			return e, nil
		}
		ms.Add(n.At, fmt.Sprintf("no sample %q", n.Text), suggest(n.Text))
	case document.Map:
		sample := n.Get("sample")
		if sample == nil {
			return whole(n)
		}
		e, ok := Get(sample.Text)
		if !ok {
			ms.Add(sample.At, fmt.Sprintf("no sample %q", sample.Text), suggest(sample.Text))
			return nil, ms
		}
		rest := *n
		rest.Fields = slices.DeleteFunc(slices.Clone(n.Fields), func(f document.Field) bool { return f.Key == "sample" })
		ms = fill(e, "", &rest)
		return e, ms
	default:
		ms.Add(n.At, "expected an event", "write the name of a sample, or {sample: purchase, params.value: 3}")
	}
	return nil, ms
}

func suggest(name string) string {
	if cure := document.DidYouMean(name, Names()); cure != "" {
		return cure
	}
	return "the samples are " + strings.Join(Names(), ", ")
}

func whole(n *document.Node) (*event.Event, document.Mistakes) {
	e := &event.Event{}
	ms := fill(e, "", n)
	if e.Name == "" && len(ms) == 0 {
		ms.Add(n.At, "the event has no name", "write name: page_view, or sample: with the name of a sample")
	}
	return e, ms
}

// groups are the first parts of paths that are no field themselves.
var groups = []string{"user", "session", "page", "campaign", "device", "geo", "traffic"}

func fill(e *event.Event, prefix string, n *document.Node) (ms document.Mistakes) {
	for _, f := range n.Fields {
		path := prefix + f.Key
		if slices.Contains(groups, path) {
			if f.Value.Kind != document.Map {
				ms.Add(f.Value.At, path+" is a group of fields", "write "+path+": {...}")
				continue
			}
			ms = append(ms, fill(e, path+".", f.Value)...)
			continue
		}
		if _, _, ok := event.Lookup(path); !ok {
			ms.Add(f.At, fmt.Sprintf("no field %q", path), document.DidYouMean(path, paths()))
			continue
		}
		if err := e.SetPath(path, Value(f.Value)); err != nil {
			ms.Add(f.Value.At, err.Error(), "")
		}
	}
	return ms
}

func paths() []string {
	names := make([]string, len(event.Fields))
	for i := range event.Fields {
		names[i] = event.Fields[i].Path
	}
	return names
}

// Value is plain YAML as a value: numbers keep how they were written.
func Value(n *document.Node) event.Value {
	switch n.Kind {
	case document.Bool:
		return event.Boolean(strings.EqualFold(n.Text, "true"))
	case document.Number:
		if v, ok := event.NumberText(n.Text); ok {
			return v
		}
		if f, ok := n.Float(); ok {
			return event.Float(f)
		}
		return event.String(n.Text)
	case document.Text:
		return event.String(n.Text)
	case document.List:
		vs := make([]event.Value, len(n.Items))
		for i, item := range n.Items {
			vs[i] = Value(item)
		}
		return event.ListOf(vs...)
	case document.Map:
		m := make(event.Map, 0, len(n.Fields))
		for _, f := range n.Fields {
			m.Set(f.Key, Value(f.Value))
		}
		return event.ObjectOf(m)
	}
	return event.Value{}
}
