package consent

import (
	"slices"
	"strings"

	"headgate/event"
)

// params leaves the parameters that a profile allows, and none that mirror what is taken out elsewhere: the raw parameters
// of Google's hits, user data, and keys that are ids by their name.
func (r *redaction) params() {
	out := make(event.Map, 0, len(r.out.Params))
	ids := r.how.ID.Value == "drop" || r.how.ID.Value == "rotate"
	contact := r.how.Contact.Value == "drop"
	clicks := r.how.ClickIDs.Value == "drop"
	for _, p := range r.out.Params {
		switch {
		case r.how.Params != nil && !slices.Contains(r.how.Params.Values(), p.Key),
			p.Key == "ga4" && (ids || contact || clicks || r.how.Address.Value == "drop"):
			continue
		}
		v := p.Value
		if event.IsAppBlock(p.Key, v) {
			v = r.appBlock(p.Key, v.Object(), ids)
		}
		if forbiddenKey(p.Key, ids, contact, clicks) {
			r.noteValue(v)
			continue
		}
		out = append(out, event.Pair{Key: p.Key, Value: r.without(v, ids, contact, clicks)})
	}
	r.out.Params = out
}

// appBlock returns what an app says of itself or its device without the ids of the device, and without what tells devices
// apart where the user agent goes too.
func (r *redaction) appBlock(block string, m event.Map, ids bool) event.Value {
	agent := r.how.UserAgent.Value == "drop" || r.how.UserAgent.Value == "family"
	m = m.Clone()
	for _, p := range event.AppParams {
		key, ok := strings.CutPrefix(p.Path, block+".")
		if ok && (ids && p.Class == event.ID || agent && p.Class == event.Network) {
			r.noteValue(m.Get(key))
			m.Delete(key)
		}
	}
	return event.ObjectOf(m)
}

// without returns a value without the keys, at any depth, that are forbidden by their name.
func (r *redaction) without(v event.Value, ids, contact, clicks bool) event.Value {
	switch v.Kind() {
	case event.Object:
		out := make(event.Map, 0, len(v.Object()))
		for _, p := range v.Object() {
			if forbiddenKey(p.Key, ids, contact, clicks) {
				r.noteValue(p.Value)
				continue
			}
			out = append(out, event.Pair{Key: p.Key, Value: r.without(p.Value, ids, contact, clicks)})
		}
		return event.ObjectOf(out)
	case event.List:
		out := make([]event.Value, len(v.List()))
		for i, one := range v.List() {
			out[i] = r.without(one, ids, contact, clicks)
		}
		return event.ListOf(out...)
	}
	return v
}

func (r *redaction) items() {
	if len(r.out.Items) == 0 {
		return
	}
	ids, contact := r.how.ID.Value == "drop" || r.how.ID.Value == "rotate", r.how.Contact.Value == "drop"
	items := slices.Clone(r.out.Items)
	for i := range items {
		if len(items[i].Params) > 0 {
			items[i].Params = r.without(event.ObjectOf(items[i].Params), ids, contact, r.how.ClickIDs.Value == "drop").Object()
		}
	}
	r.out.Items = items
}

// takenOut stands where a value was taken out of a text: without it what stood around the value could be the value again.
const takenOut = "[redacted]"

// sweep takes the values that are gone, and personal data by its look, out of every text that is left.
func (r *redaction) sweep() {
	var found Findings
	clean := func(s string) string {
		s = r.cut(s)
		if r.how.Contact.Value == "drop" {
			s = Scrub(s, &found)
		}
		return s
	}
	for i := range event.Fields {
		f := &event.Fields[i]
		if f.Path == "id" || f.Path == "name" || f.Path == "source" || f.Path == "site" || f.Path == "consent" || f.Class != event.Content {
			continue
		}
		switch ref := f.Ref(r.out).(type) {
		case *string:
			*ref = clean(*ref)
		case *event.Map:
			*ref = mapped(*ref, clean)
		}
	}
	for i := range r.out.Items {
		for _, f := range event.ItemFields {
			switch ref := f.Ref(&r.out.Items[i]).(type) {
			case *string:
				*ref = clean(*ref)
			case *event.Map:
				*ref = mapped(*ref, clean)
			}
		}
	}
}

// cut returns a text without the values that are gone, in time that grows with the text and not with their number.
func (r *redaction) cut(s string) string {
	const few = 32
	if r.cutter == nil {
		in := func(gone string) bool { return strings.Contains(s, gone) }
		if len(r.gone) <= few && !slices.ContainsFunc(r.gone, in) {
			return s
		}
		r.cutter = replacer(r.gone)
	}
	return r.cutter.Replace(s)
}

// replacer puts takenOut in the place of each of the values; where several begin at the same place, of the longest.
func replacer(values []string) *strings.Replacer {
	slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) })
	pairs := make([]string, 0, 2*len(values))
	for _, v := range values {
		pairs = append(pairs, v, takenOut)
	}
	return strings.NewReplacer(pairs...)
}

// mapped returns a map with every key and every text in it, at any depth, passed through a function. The given one stays as
// it is. Of two keys that become the same the last one wins.
func mapped(m event.Map, f func(string) string) event.Map {
	if len(m) == 0 {
		return m
	}
	out := make(event.Map, 0, len(m))
	for _, p := range m {
		if key := f(p.Key); key != p.Key {
			out.Set(key, mappedValue(p.Value, f))
		} else {
			out.Add(key, mappedValue(p.Value, f))
		}
	}
	return out
}

func mappedValue(v event.Value, f func(string) string) event.Value {
	switch v.Kind() {
	case event.Text:
		return event.String(f(v.Text()))
	case event.Numeric:
		text := v.Text()
		if s := f(text); s != text {
			return event.String(s)
		}
		return v
	case event.Object:
		return event.ObjectOf(mapped(v.Object(), f))
	case event.List:
		out := make([]event.Value, len(v.List()))
		for i, one := range v.List() {
			out[i] = mappedValue(one, f)
		}
		return event.ListOf(out...)
	}
	return v
}
