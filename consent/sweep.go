package consent

import (
	"slices"
	"strings"

	"headgate/event"
)

// params leaves the parameters that a profile allows. Where anything is taken out, the blocks of the protocols go: they mirror
// it under names of their own.
func (r *redaction) params() {
	out := make(event.Map, 0, len(r.out.Params))
	for _, p := range r.out.Params {
		if r.how.Params != nil && !slices.Contains(r.how.Params.Values(), p.Key) || r.gone != 0 && r.policy.block(p.Key) != nil {
			continue
		}
		if event.IsAppBlock(p.Key, p.Value) {
			p.Value = withoutDevice(p.Key, p.Value.Object(), r.gone)
		}
		out = append(out, p)
	}
	r.out.Params = out
}

// withoutDevice returns what an app says of itself or its device without the ids of the device, and without what tells devices
// apart where the user agent goes too.
func withoutDevice(block string, m event.Map, gone event.Meaning) event.Value {
	m = m.Clone()
	eachDeviceKey(block, gone, func(key string) { m.Delete(key) })
	return event.ObjectOf(m)
}

// eachDeviceKey calls fn with the keys of such a block that go.
func eachDeviceKey(block string, gone event.Meaning, fn func(key string)) {
	for _, p := range event.AppParams {
		key, ok := strings.CutPrefix(p.Path, block+".")
		if ok && (gone&event.IDKey != 0 && p.Class == event.ID || gone&event.AgentKey != 0 && p.Class == event.Network) {
			fn(key)
		}
	}
}

// sweep takes the values that are gone, and personal data by its look, out of every text that is left, and reports whether
// there were any.
func (r *redaction) sweep() (found bool) {
	r.trail.anyDigest = r.gone&(event.IDKey|event.ContactKey) != 0
	r.trail.addHosts()
	c := cleaner{trail: &r.trail, gone: r.gone, scrub: r.gone&event.ContactKey != 0}
	if r.how.Query != nil {
		c.cutQueries, c.query = true, r.how.Query.Values()
	}
	w := rewriter{with: &c, gone: r.gone, numbers: true}
	w.event(r.out)
	if id := c.change(r.out.ID); id != r.out.ID {
		r.out.ID, c.changed = r.policy.disguised(r.out.ID), true
	}
	return c.changed
}

// cleaner makes texts fit for who may not have all of an event.
type cleaner struct {
	trail      *trail
	gone       event.Meaning // keys in queries that go with their values
	cutQueries bool          // addresses keep only the keys of query
	query      []string
	scrub      bool // what looks like personal data goes
	found      Findings
	changed    bool
}

func (c *cleaner) change(text string) string {
	s := text
	if len(s) > 1 && (s[0] == '{' || s[0] == '[') {
		s = c.json(s)
	}
	if c.gone != 0 {
		s = withoutKeys(s, c.gone, maxNesting)
	}
	if c.cutQueries && isAddress(s) {
		s = withQuery(s, c.query)
	}
	s = c.trail.clean(s)
	if c.scrub {
		s = Scrub(s, &c.found)
	}
	c.changed = c.changed || s != text
	return s
}

// json cleans a text that is JSON by its keys and its texts.
func (c *cleaner) json(s string) string {
	v, err := event.ParseJSON([]byte(s))
	if err != nil {
		return s
	}
	w := rewriter{with: c, gone: c.gone, numbers: true}
	clean, changed := w.value(v)
	if !changed {
		return s
	}
	return string(clean.AppendJSON(nil))
}

// isAddress reports whether a text is one address and nothing else.
func isAddress(s string) bool { return strings.Contains(s, "://") && !strings.ContainsAny(s, " \"<\n") }

// rewriter passes the texts of an event through a change.
type rewriter struct {
	with    interface{ change(string) string }
	gone    event.Meaning // keys that go with their values
	numbers bool          // numbers too, which become texts where they change
}

// swept are the fields that personal data may stand in although they are for something else.
var swept = func() (fields []*event.Field) {
	for i := range event.Fields {
		f := &event.Fields[i]
		switch {
		case f.Class != event.Content, slices.Contains(alwaysKept, f.Path):
		case strings.HasPrefix(f.Path, "geo."), strings.HasPrefix(f.Path, "device."): // known here, not said by anybody
		default:
			fields = append(fields, f)
		}
	}
	return fields
}()

// event rewrites the fields that swept names; maps and items are copied where they change.
func (w *rewriter) event(e *event.Event) {
	for _, f := range swept {
		switch ref := f.Ref(e).(type) {
		case *string:
			*ref = w.with.change(*ref)
		case *event.Map:
			*ref, _ = w.object(*ref)
		}
	}
	e.Items = w.items(e.Items)
}

// items returns items with their texts rewritten, a copy where anything changes.
func (w *rewriter) items(items []event.Item) []event.Item {
	copied := false
	for i := range items {
		item := items[i]
		if !w.item(&item) {
			continue
		}
		if !copied {
			items, copied = slices.Clone(items), true
		}
		items[i] = item
	}
	return items
}

func (w *rewriter) item(item *event.Item) (changed bool) {
	for k := range event.ItemFields {
		switch ref := event.ItemFields[k].Ref(item).(type) {
		case *string:
			if s := w.with.change(*ref); s != *ref {
				*ref, changed = s, true
			}
		case *event.Map:
			m, inside := w.object(*ref)
			*ref, changed = m, changed || inside
		}
	}
	return changed
}

// object rewrites every key and every text in a map, at any depth, into a copy, and leaves the keys out that go. A map in
// which nothing changes is returned itself. Of two keys that become the same the last one wins.
func (w *rewriter) object(m event.Map) (_ event.Map, changed bool) {
	var out event.Map
	for i := range m {
		key, v, inside := m[i].Key, m[i].Value, false
		goes := w.gone != 0 && event.MeaningOf(key)&w.gone != 0
		if !goes {
			key = w.with.change(key)
			v, inside = w.value(v)
		}
		same := !goes && !inside && key == m[i].Key
		if !changed {
			if same {
				continue
			}
			out, changed = append(make(event.Map, 0, len(m)), m[:i]...), true
		}
		switch {
		case goes:
		case key == m[i].Key:
			out.Add(key, v)
		default:
			out.Set(key, v)
		}
	}
	if !changed {
		return m, false
	}
	return out, true
}

func (w *rewriter) value(v event.Value) (_ event.Value, changed bool) {
	switch v.Kind() {
	case event.Text:
		if s := w.with.change(v.Text()); s != v.Text() {
			return event.String(s), true
		}
	case event.Numeric:
		if !w.numbers {
			return v, false
		}
		if text := v.Text(); len(text) >= shortestText {
			if s := w.with.change(text); s != text {
				return event.String(s), true
			}
		}
	case event.Object:
		if m, changed := w.object(v.Object()); changed {
			return event.ObjectOf(m), true
		}
	case event.List:
		if list, changed := w.list(v.List()); changed {
			return event.ListOf(list...), true
		}
	}
	return v, false
}

func (w *rewriter) list(values []event.Value) (_ []event.Value, changed bool) {
	for i, one := range values {
		clean, inside := w.value(one)
		if !inside {
			continue
		}
		if !changed {
			values, changed = slices.Clone(values), true
		}
		values[i] = clean
	}
	return values, changed
}
