package catalog

import (
	"strings"

	"headgate/document"
)

// Mapping is one line of a field map: where a vendor's field comes from.
type Mapping struct {
	Theirs string // user_data.em[]
	Ours   string // the formula or text: sha256(email(user.email, "meta"))
	Fixed  bool   // Ours is a text, not a formula
	When   string // condition, "" when there is none
}

// Fields is the field map of a destination, read from its file: query and body of every request, then flags.
func (s *Spec) Fields() (out []Mapping) {
	for i := range s.Send {
		send := &s.Send[i]
		w := mapWriter{when: send.When.Value}
		for _, q := range send.Query {
			w.add("?"+q.Key, q.Value)
		}
		for _, h := range send.Headers {
			w.add(h.Key+":", h.Value)
		}
		w.walk("", send.Body)
		out = append(out, w.out...)
	}
	for _, f := range s.Flags {
		w := mapWriter{when: f.When.Value}
		for _, set := range f.Set {
			w.walk(set.Key, set.Value)
		}
		out = append(out, w.out...)
	}
	return out
}

type mapWriter struct {
	when string
	out  []Mapping
}

func (w *mapWriter) add(path string, n *document.Node) {
	formula, is := strings.CutPrefix(n.Text, "=")
	w.out = append(w.out, Mapping{Theirs: path, Ours: strings.TrimSpace(formula), Fixed: !is && !strings.Contains(n.Text, "{"), When: w.when})
}

func (w *mapWriter) walk(path string, n *document.Node) {
	switch {
	case n == nil:
	case n.Kind == document.List:
		for _, item := range n.Items {
			w.walk(path+"[]", item)
		}
	case n.Kind != document.Map:
		w.add(strings.TrimPrefix(path, "."), n)
	case n.Get("each") != nil && n.Get("as") != nil:
		w.walk(strings.TrimSuffix(path, "[]")+"[]", n.Get("as"))
	case n.Get("copy") != nil:
		w.copied(path, n)
	case n.Get("when") != nil && n.Get("then") != nil:
		inner := mapWriter{when: joinConditions(w.when, n.Get("when").Text)}
		inner.walk(path, n.Get("then"))
		inner.when = joinConditions(w.when, "not ("+n.Get("when").Text+")")
		inner.walk(path, n.Get("else"))
		w.out = append(w.out, inner.out...)
	case n.Get("positions") != nil:
		w.walk(path, n.Get("positions"))
	case n.Get("json_text") != nil:
		w.walk(path, n.Get("json_text"))
	default:
		for _, f := range n.Fields {
			w.walk(strings.TrimPrefix(path+"."+f.Key, "."), f.Value)
		}
	}
}

// copied describes what is passed on under its own name.
func (w *mapWriter) copied(path string, n *document.Node) {
	if !strings.HasSuffix(path, "*") {
		path += ".*"
	}
	ours := strings.TrimPrefix(n.Get("copy").Text, "=") + ".*"
	if only := n.Get("only"); only != nil {
		names := strings.TrimPrefix(only.Text, "=")
		for i, item := range only.Items {
			if i > 0 {
				names += ", "
			}
			names += item.Text
		}
		ours += " of " + names
	}
	w.out = append(w.out, Mapping{Theirs: strings.TrimPrefix(path, "."), Ours: ours, When: w.when})
}

func joinConditions(a, b string) string {
	if a == "" {
		return b
	}
	return a + " and " + b
}
