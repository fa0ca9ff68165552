package formula

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"headgate/document"
	"headgate/event"
	"headgate/rules/advice"
)

// eventField compiles a field or a group of fields of an event.
func (c *Compiler) eventField(base Expression, name, path string) Expression {
	full := name
	if base.Kind == group {
		full = base.group + "." + name
	}
	of := base.Event
	var paths []string
	for i := range event.Fields {
		f := &event.Fields[i]
		if f.Path == full {
			return c.fieldExpression(f, of, base.Offset, path)
		}
		if base.Kind == AnEvent && strings.HasPrefix(f.Path, full+".") {
			return eventExpression(Expression{Kind: group, Offset: base.Offset, Name: path, group: name, Event: of})
		}
		paths = append(paths, f.Path)
	}
	cure := ""
	if ours := map[string]string{"user.id": "user.user_id", "event.event_name": "name", "page.title_tag": "page.title", "page.location": "page.url", "page.hostname": "page.host"}[strings.TrimPrefix(full, "event.")]; ours != "" {
		cure = "did you mean " + advice.Quote(ours) + "?"
	} else if s := document.Suggest(full, paths); s != "" {
		cure = "did you mean " + advice.Quote(strings.TrimSuffix(path, full)+s) + "?"
	}
	return c.Mistake(base.Offset, "no field "+advice.Quote(path), cure)
}

// fieldExpression reads one field of an event in place.
func (c *Compiler) fieldExpression(f *event.Field, of func(*Machine) *event.Event, at int, path string) Expression {
	ref := f.Ref
	switch ref(&event.Event{}).(type) {
	case *string:
		x := TextExpression(at, path, func(m *Machine) string { return *(ref(of(m)).(*string)) })
		if f.Path == "name" {
			x.text = func(m *Machine) string { return of(m).Name }
		}
		return x
	case *bool:
		return TruthExpression(at, path, func(m *Machine) bool { return *(ref(of(m)).(*bool)) })
	case *int64:
		return Expression{Kind: Number, Offset: at, Name: path, Value: func(m *Machine) event.Value { return event.ValueAt(ref(of(m))) }}
	case *time.Time:
		return MomentExpression(at, path, func(m *Machine) time.Time { return *(ref(of(m)).(*time.Time)) })
	case *[]event.Item:
		return itemsExpression(Expression{Kind: items, Offset: at, Name: path, Items: func(m *Machine) []event.Item { return of(m).Items }})
	}
	x := below(at, path, func(m *Machine) event.Map { return *(ref(of(m)).(*event.Map)) })
	if f.Path == "consent" {
		x.key = c.purpose
	}
	return x
}

// itemField compiles a field of an item.
func (c *Compiler) itemField(base Expression, name, path string) Expression {
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
			return TextExpression(base.Offset, path, func(m *Machine) string {
				if i := one(m); i != nil {
					return *(ref(i).(*string))
				}
				return ""
			})
		case *event.Number:
			return Expression{Kind: Number, Offset: base.Offset, Name: path, Value: func(m *Machine) event.Value {
				if i := one(m); i != nil {
					if n := ref(i).(*event.Number); n.Known {
						return event.Float(n.Float)
					}
				}
				return event.Value{}
			}}
		}
		return below(base.Offset, path, func(m *Machine) event.Map {
			if i := one(m); i != nil {
				return i.Params
			}
			return nil
		})
	}
	cure := "what else a site says of an item is in params: .params." + name
	if s := document.Suggest(name, names); s != "" {
		cure = "did you mean " + advice.Quote(strings.TrimSuffix(path, name)+s) + "?"
	}
	return c.Mistake(base.Offset, "no field "+advice.Quote(path)+" in an item", cure)
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
func (c *Compiler) requestField(base Expression, name string, at int) Expression {
	path := "request." + name
	read := requestFields[name]
	if read == nil {
		cure := "there is request.path, host, method, scheme, header(...), query(...) and cookie(...)"
		if s := document.Suggest(name, []string{"path", "host", "method", "scheme", "header", "query", "cookie"}); s != "" {
			cure = "did you mean " + advice.Quote("request."+s) + "?"
		}
		return c.Mistake(base.Offset, "no field "+advice.Quote(path), cure)
	}
	return TextExpression(base.Offset, path, func(m *Machine) string {
		if m.env.Hit == nil {
			return ""
		}
		return read(m.env.Hit)
	})
}

// purpose tells whether consent is ever asked for a purpose.
func (c *Compiler) purpose(name string) (Kind, string, bool) {
	if c.Language.purposes == nil || slices.Contains(c.Language.purposes, name) {
		return Truth, "", true
	}
	return Truth, document.DidYouMean(name, c.Language.purposes), false
}

// setting tells whether the destination has a setting.
func (c *Compiler) setting(name string) (Kind, string, bool) {
	if slices.Contains(c.scope.settings, name) {
		return Anything, "", true
	}
	return Anything, document.DidYouMean(name, c.scope.settings), false
}

// knownKey compiles a key of consent or settings, whose names are known.
func (c *Compiler) knownKey(base Expression, name, path string) Expression {
	k, cure, ok := base.key(name)
	if !ok {
		what := "setting"
		if k == Truth {
			what = "purpose"
		}
		return c.Mistake(base.Offset, fmt.Sprintf("no %s %q", what, name), cure)
	}
	x := base.descend(name, path)
	x.Kind = k
	if k == Truth {
		read := base.Object
		x.truth = func(m *Machine) bool {
			granted, _ := read(m).Get(name).Bool()
			return granted
		}
		x.Value = func(m *Machine) event.Value { return event.Boolean(x.truth(m)) }
	}
	return x
}
