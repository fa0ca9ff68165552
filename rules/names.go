package rules

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"

	"headgate/document"
	"headgate/event"
)

// identifier compiles a name that stands alone or begins a path.
func (c *compiler) identifier(n *ast.IdentifierNode) expression {
	at, name := n.Location().From, n.Value
	for i := len(c.variables) - 1; i >= 0; i-- {
		if v := c.variables[i]; v.name == name {
			return expression{kind: v.kind, offset: at, name: name, value: func(m *Machine) event.Value { return m.slots[v.slot] }}
		}
	}
	if isIn(name, c.scope.names()) {
		return c.root(name, at)
	}
	return c.unknown(name, at)
}

// root compiles a name that the scope knows.
func (c *compiler) root(name string, at int) expression {
	switch name {
	case "event":
		return eventExpression(expression{kind: anEvent, offset: at, name: name, event: func(m *Machine) *event.Event { return m.event }})
	case "request":
		return expression{kind: request, offset: at, name: name, value: requestValue}
	case "settings":
		x := below(at, name, func(m *Machine) event.Map { return m.env.Settings })
		x.key = c.setting
		return x
	case "theirs":
		return textExpression(at, name, func(m *Machine) string { return m.env.Theirs })
	case "batch":
		return eventsExpression(expression{kind: events, offset: at, name: name, events: func(m *Machine) []*event.Event { return m.env.Batch }})
	case "item":
		return expression{offset: at, name: name, value: func(m *Machine) event.Value { return m.env.Item }}
	case "index":
		return numberExpression(at, name, func(m *Machine) int { return m.env.Index })
	case "status":
		return numberExpression(at, name, func(m *Machine) int { return m.env.Status })
	case "attempt":
		return numberExpression(at, name, func(m *Machine) int { return m.env.Attempt })
	case "body":
		return expression{offset: at, name: name, value: func(m *Machine) event.Value { return m.env.Body }}
	case "row":
		return expression{offset: at, name: name, value: func(m *Machine) event.Value { return m.env.Row }}
	}
	return c.field(expression{kind: anEvent, offset: at, event: func(m *Machine) *event.Event { return m.event }}, name, at)
}

// unknown explains a name that nothing has.
func (c *compiler) unknown(name string, at int) expression {
	if _, ok := functions[name]; ok {
		return c.mistake(at, name+" is a function", "write "+functions[name].usage)
	}
	if where := knownElsewhere(name); where != "" {
		return c.mistake(at, name+" is known only "+where, "")
	}
	for _, f := range event.Fields {
		if c.scope.event && strings.HasSuffix(f.Path, "."+name) {
			return c.mistake(at, "no field "+quote(name), "did you mean "+quote(f.Path)+"?")
		}
	}
	cure := "texts stand in quotes: " + quote(name)
	if s := document.Suggest(name, append(c.scope.names(), functionNames()...)); s != "" {
		cure = "did you mean " + quote(s) + "?"
	}
	return c.mistake(at, "no field "+quote(name), cure)
}

// knownElsewhere says where a name is known that this scope does not have.
func knownElsewhere(name string) string {
	switch name {
	case "settings", "theirs":
		return "inside a destination"
	case "batch":
		return "where a destination builds its request"
	case "item", "index":
		return "below each:"
	case "status", "body", "attempt":
		return "in the answers of a destination"
	case "row":
		return "in the rows of an answer"
	case "request":
		return "where the request is still at hand: in the rules of all, not in a destination's"
	}
	if isIn(name, roots()) || name == "event" {
		return "where there is one event"
	}
	return ""
}

// roots lists the names that an event's paths begin with.
func roots() []string {
	var names []string
	for _, f := range event.Fields {
		name, _, _ := strings.Cut(f.Path, ".")
		if len(names) == 0 || names[len(names)-1] != name {
			names = append(names, name)
		}
	}
	return names
}

// member compiles a.b, a["b"] and a[0].
func (c *compiler) member(n *ast.MemberNode) expression {
	base := c.compile(n.Node)
	at := n.Location().From
	if name, ok := n.Property.(*ast.StringNode); ok {
		return c.field(base, name.Value, at)
	}
	return c.index(base, c.compile(n.Property), at)
}

// field compiles what stands under a name that is written out.
func (c *compiler) field(base expression, name string, at int) expression {
	path := name
	if base.name != "" && base.name != "event" {
		path = base.name + "." + name
	} else if base.kind == item {
		path = "." + name
	}
	switch base.kind {
	case anEvent, group:
		return c.eventField(base, name, path)
	case item:
		return c.itemField(base, name, path)
	case request:
		return c.requestField(base, name, at)
	case object, anything:
		if base.key != nil {
			return c.knownKey(base, name, path)
		}
		if base.path != nil {
			return base.descend(name, path)
		}
	case nothing:
		return constant(base.offset, nothing, event.Value{})
	case list, items, events:
		return c.mistake(base.offset, fmt.Sprintf("%s is %s and has no field %q", base.called(), base.kind, name),
			fmt.Sprintf("write first(%s).%s, map(%[1]s, .%[2]s) or sum(%[1]s, .%[2]s)", base.called(), name))
	default:
		return c.mistake(base.offset, fmt.Sprintf("%s is %s and has no field %q", base.called(), base.kind, name), "")
	}
	value := base.value
	return expression{offset: base.offset, name: path, value: func(m *Machine) event.Value { return value(m).Object().Get(name) }}
}

// called is how the expression is called in a message.
func (x *expression) called() string {
	if x.name == "" {
		return "this"
	}
	return x.name
}

// eventField compiles a field or a group of fields of an event.
func (c *compiler) eventField(base expression, name, path string) expression {
	full := name
	if base.kind == group {
		full = base.group + "." + name
	}
	of := base.event
	var close []string
	for i := range event.Fields {
		f := &event.Fields[i]
		if f.Path == full {
			return c.fieldExpression(f, of, base.offset, path)
		}
		if base.kind == anEvent && strings.HasPrefix(f.Path, full+".") {
			return eventExpression(expression{kind: group, offset: base.offset, name: path, group: name, event: of})
		}
		close = append(close, f.Path)
	}
	cure := ""
	if s := document.Suggest(full, close); s != "" {
		cure = "did you mean " + quote(strings.TrimSuffix(path, full)+s) + "?"
	}
	return c.mistake(base.offset, "no field "+quote(path), cure)
}

// fieldExpression reads one field of an event in place.
func (c *compiler) fieldExpression(f *event.Field, of func(*Machine) *event.Event, at int, path string) expression {
	ref := f.Ref
	switch ref(&event.Event{}).(type) {
	case *string:
		x := textExpression(at, path, func(m *Machine) string { return *(ref(of(m)).(*string)) })
		if f.Path == "name" {
			x.text = func(m *Machine) string { return of(m).Name }
		}
		return x
	case *bool:
		return truthExpression(at, path, func(m *Machine) bool { return *(ref(of(m)).(*bool)) })
	case *int64:
		return expression{kind: number, offset: at, name: path, value: func(m *Machine) event.Value { return fieldValue(ref(of(m))) }}
	case *time.Time:
		return momentExpression(at, path, func(m *Machine) time.Time { return *(ref(of(m)).(*time.Time)) })
	case *[]event.Item:
		return itemsExpression(expression{kind: items, offset: at, name: path, items: func(m *Machine) []event.Item { return of(m).Items }})
	}
	x := below(at, path, func(m *Machine) event.Map { return *(ref(of(m)).(*event.Map)) })
	if f.Path == "consent" {
		x.key = c.purpose
	}
	return x
}

// itemField compiles a field of an item.
func (c *compiler) itemField(base expression, name, path string) expression {
	one := base.item
	var names []string
	for i := range event.ItemFields {
		f := &event.ItemFields[i]
		names = append(names, f.Path)
		if f.Path != name {
			continue
		}
		ref := f.Ref
		switch ref(&event.Item{}).(type) {
		case *string:
			return textExpression(base.offset, path, func(m *Machine) string {
				if i := one(m); i != nil {
					return *(ref(i).(*string))
				}
				return ""
			})
		case *event.Number:
			return expression{kind: number, offset: base.offset, name: path, value: func(m *Machine) event.Value {
				if i := one(m); i != nil {
					if n := ref(i).(*event.Number); n.Known {
						return event.Float(n.Float)
					}
				}
				return event.Value{}
			}}
		}
		return below(base.offset, path, func(m *Machine) event.Map {
			if i := one(m); i != nil {
				return i.Params
			}
			return nil
		})
	}
	cure := "what else a site says of an item is in params: .params." + name
	if s := document.Suggest(name, names); s != "" {
		cure = "did you mean " + quote(strings.TrimSuffix(path, name)+s) + "?"
	}
	return c.mistake(base.offset, "no field "+quote(path)+" in an item", cure)
}

// requestFields are what of the request is read without a call.
var requestFields = map[string]func(*event.Hit) string{
	"method": func(h *event.Hit) string { return h.Method },
	"scheme": func(h *event.Hit) string { return h.Scheme },
	"host":   func(h *event.Hit) string { return h.Host },
	"path":   func(h *event.Hit) string { return h.Path },
}

// requestValue is the request as an object.
func requestValue(m *Machine) event.Value {
	if m.env.Hit == nil {
		return event.Value{}
	}
	var o event.Map
	for _, name := range []string{"method", "scheme", "host", "path"} {
		if s := requestFields[name](m.env.Hit); s != "" {
			o.Add(name, event.String(s))
		}
	}
	return objectOrNull(o)
}

// requestField compiles request.path and the like; the calls request.header("...") are compiled by requestCall.
func (c *compiler) requestField(base expression, name string, at int) expression {
	path := "request." + name
	read := requestFields[name]
	if read == nil {
		cure := "there is request.path, host, method, scheme, header(...), query(...) and cookie(...)"
		if s := document.Suggest(name, []string{"path", "host", "method", "scheme", "header", "query", "cookie"}); s != "" {
			cure = "did you mean " + quote("request."+s) + "?"
		}
		return c.mistake(base.offset, "no field "+quote(path), cure)
	}
	return textExpression(base.offset, path, func(m *Machine) string {
		if m.env.Hit == nil {
			return ""
		}
		return read(m.env.Hit)
	})
}

// purpose tells whether consent is ever asked for a purpose.
func (c *compiler) purpose(name string) (kind, string, bool) {
	if c.language.purposes == nil || isIn(name, c.language.purposes) {
		return truth, "", true
	}
	return truth, document.DidYouMean(name, c.language.purposes), false
}

// setting tells whether the destination has a setting.
func (c *compiler) setting(name string) (kind, string, bool) {
	if isIn(name, c.scope.settings) {
		return anything, "", true
	}
	return anything, document.DidYouMean(name, c.scope.settings), false
}

// knownKey compiles a key of consent or settings, whose names are known.
func (c *compiler) knownKey(base expression, name, path string) expression {
	k, cure, ok := base.key(name)
	if !ok {
		what := "setting"
		if k == truth {
			what = "purpose"
		}
		return c.mistake(base.offset, fmt.Sprintf("no %s %q", what, name), cure)
	}
	x := base.descend(name, path)
	x.kind = k
	if k == truth {
		read := base.object
		x.truth = func(m *Machine) bool {
			granted, _ := read(m).Get(name).Bool()
			return granted
		}
		x.value = func(m *Machine) event.Value { return event.Boolean(x.truth(m)) }
	}
	return x
}

// objectPath leads from an object of the environment down to a value.
type objectPath struct {
	root func(*Machine) event.Map
	keys []string
	dots []string // dots[i] is what is left from keys[i] on, as one key: names of parameters may hold dots
}

// below is an object of the environment, whose fields are not known beforehand.
func below(at int, name string, root func(*Machine) event.Map) expression {
	return expression{kind: object, offset: at, name: name, object: root, path: &objectPath{root: root},
		value: func(m *Machine) event.Value {
			if o := root(m); len(o) > 0 {
				return event.ObjectOf(o)
			}
			return event.Value{}
		}}
}

// descend is what stands under a further key.
func (x *expression) descend(key, name string) expression {
	p := &objectPath{root: x.path.root, keys: append(append([]string{}, x.path.keys...), key)}
	for i := range p.keys {
		p.dots = append(p.dots, strings.Join(p.keys[i:], "."))
	}
	below := expression{offset: x.offset, name: name, path: p, value: p.find}
	if len(p.keys) == 1 {
		root := p.root
		below.value = func(m *Machine) event.Value { return root(m).Get(key) }
	}
	return below
}

func (p *objectPath) find(m *Machine) event.Value {
	o := p.root(m)
	for i, key := range p.keys {
		if v, ok := o.Find(p.dots[i]); ok {
			return v
		}
		o = o.Get(key).Object()
	}
	return event.Value{}
}

// index compiles a[i]: an element of a list, counted from the end when negative, or a field whose name is computed.
func (c *compiler) index(base, i expression, at int) expression {
	name := base.called() + "[]"
	switch {
	case base.kind == nothing:
		return constant(base.offset, nothing, event.Value{})
	case base.kind == items && i.kind.fits(number):
		all := base.items
		return itemExpression(expression{kind: item, offset: base.offset, name: name, item: func(m *Machine) *event.Item {
			list := all(m)
			if k, ok := position(m, &i, len(list)); ok {
				return &list[k]
			}
			return nil
		}})
	case base.kind == events && i.kind.fits(number):
		all := base.events
		return eventExpression(expression{kind: anEvent, offset: base.offset, name: name, event: func(m *Machine) *event.Event {
			list := all(m)
			if k, ok := position(m, &i, len(list)); ok {
				return list[k]
			}
			return &m.none
		}})
	case base.key != nil || base.kind == group || base.kind == anEvent || base.kind == request || base.kind == item:
		return c.mistake(at, "the name of a field of "+base.called()+" has to be written out", base.called()+`["name"]`)
	case !base.kind.fits(list) && !base.kind.fits(object):
		return c.mistake(base.offset, base.called()+" is "+base.kind.String()+" and has no elements", "")
	case !i.kind.fits(number) && !i.kind.fits(text):
		return c.mistake(i.offset, "the position in a list is a number, the name of a field is text; this is "+i.kind.String(), "")
	}
	return expression{offset: base.offset, name: name, value: func(m *Machine) event.Value {
		v := base.value(m)
		if v.Kind() == event.Object {
			key, _ := i.asText(m)
			return v.Object().Get(key)
		}
		if k, ok := position(m, &i, len(v.List())); ok {
			return v.List()[k]
		}
		return event.Value{}
	}}
}

// position is where in a list of n elements i points to; ok is false when that is outside.
func position(m *Machine, i *expression, n int) (k int, ok bool) {
	f, ok := i.value(m).Float()
	if !ok || math.Abs(f) > 1e9 {
		return 0, false
	}
	if k = int(f); k < 0 {
		k += n
	}
	return k, k >= 0 && k < n
}

// slice compiles a[from:to] of lists, and of texts by characters.
func (c *compiler) slice(n *ast.SliceNode) expression {
	base, from, to := c.compile(n.Node), constant(0, number, event.Float(0)), constant(0, nothing, event.Value{})
	if n.From != nil {
		from = c.compile(n.From)
	}
	if n.To != nil {
		to = c.compile(n.To)
	}
	if !base.kind.fits(list) && !base.kind.fits(text) {
		return c.mistake(base.offset, base.called()+" is "+base.kind.String()+" and has no parts", "")
	}
	for _, limit := range []expression{from, to} {
		if !limit.kind.fits(number) {
			return c.mistake(limit.offset, "a position is a number, and this is "+limit.kind.String(), "")
		}
	}
	k := anything
	if base.kind == text {
		k = text
	}
	return c.fold(expression{kind: k, offset: base.offset, value: func(m *Machine) event.Value {
		v := base.value(m)
		switch v.Kind() {
		case event.List:
			a, b := bounds(m, &from, &to, len(v.List()))
			return event.ListOf(v.List()[a:b]...)
		case event.Text:
			s := v.Text()
			a, b := bounds(m, &from, &to, utf8.RuneCountInString(s))
			return event.String(characters(s, a, b))
		}
		return event.Value{}
	}}, base, from, to)
}

func bounds(m *Machine, from, to *expression, n int) (a, b int) {
	b = n
	if f, ok := from.value(m).Float(); ok {
		a = clip(f, n)
	}
	if f, ok := to.value(m).Float(); ok {
		b = clip(f, n)
	}
	return min(a, b), b
}

func clip(f float64, n int) int {
	if f < 0 {
		f += float64(n)
	}
	return int(min(max(f, 0), float64(n)))
}

// characters returns the characters of s from a up to b.
func characters(s string, a, b int) string {
	start, end, i := len(s), len(s), 0
	for at := range s {
		if i == a {
			start = at
		}
		if i == b {
			end = at
			break
		}
		i++
	}
	return s[min(start, end):end]
}

// pointer compiles # and #index, and the nothing before .name, inside all(), map() and the like.
func (c *compiler) pointer(n *ast.PointerNode) expression {
	at := n.Location().From
	if len(c.elements) == 0 {
		return c.mistake(at, "# is known only inside all(), any(), map() and the like", "")
	}
	depth := len(c.elements) - 1
	switch n.Name {
	case "":
		x := c.elements[depth]
		x.offset = at
		return x
	case "index":
		return numberExpression(at, "#index", func(m *Machine) int { return m.pointers[depth].index })
	}
	return c.mistake(at, "#"+n.Name+" is not known", "# is the element, #index its position")
}
