package sources

import (
	"strings"

	"headgate/event"
	"headgate/event/keys"
)

// mounted is a protocol on its paths: the Source that is made of a declaration.
type mounted struct {
	*Declaration
	protocol Protocol
	routes   map[string][]Route // by their path, each of one method
	patterns []Route            // those with a {}
}

// Mount puts a protocol on its paths below path.
func (d *Declaration) Mount(path string, p Protocol) Source {
	return d.on(d.Routes(path), p)
}

func (d *Declaration) on(routes []Route, p Protocol) *mounted {
	m := &mounted{d, p, make(map[string][]Route, len(routes)), nil}
	for _, r := range routes {
		for method := range strings.FieldsSeq(r.Methods) {
			r.Methods = method
			if strings.Contains(r.Path, "{}") {
				m.patterns = append(m.patterns, r)
				continue
			}
			m.routes[r.Path] = append(m.routes[r.Path], r)
		}
	}
	return m
}

func (m *mounted) Name() string           { return m.Declaration.Name }
func (m *mounted) Speakers() event.Sender { return m.Declaration.Speakers.sender() }
func (m *mounted) AllowHeaders() []string { return m.Declaration.Headers }
func (m *mounted) Signed() bool           { return m.Declaration.Signed }
func (m *mounted) Claims(method, path string) bool {
	_, ok := m.find(method, path)
	return ok
}

// find returns what a request of this method to this path asks for.
func (m *mounted) find(method, path string) (c Call, ok bool) {
	for _, r := range m.routes[path] {
		if r.Methods == method {
			return Call{r.Call, ""}, true
		}
	}
	for i := range m.patterns {
		r := &m.patterns[i]
		if arg, ok := r.matches(path); ok && r.Methods == method {
			return Call{r.Call, arg}, true
		}
	}
	return Call{}, false
}

// call is find for a hit of this source. It is the zero Call for a request that matches none of its routes.
func (m *mounted) call(h *event.Hit) Call {
	c, _ := m.find(h.Method, h.Path)
	return c
}

func (m *mounted) Read(h *event.Hit) (Reading, error) {
	r, err := m.protocol.Read(h, m.call(h))
	if err == nil {
		for i := range r.Events {
			m.settle(h, &r.Events[i], r.Proven)
		}
	}
	return r, err
}

func (m *mounted) Answer(h *event.Hit, r Reading) Answer { return m.protocol.Answer(h, m.call(h), r) }

func (m *mounted) Refuse(h *event.Hit, err error) Answer { return m.protocol.Refuse(h, m.call(h), err) }

func (m *mounted) Delay(h *event.Hit, a Answer) Answer {
	if p, ok := m.protocol.(Delayer); ok {
		return p.Delay(h, m.call(h), a)
	}
	return a
}

// settle moves what the protocol states of a visitor's connection from the params to where it is known to be personal. An address from an
// unproven sender could be anybody's and is dropped; a user agent counts only where the connection itself is not a browser's, which enrich
// knows.
func (m *mounted) settle(h *event.Hit, e *event.Event, proven bool) {
	for _, path := range m.Addresses {
		if v := Take(&e.Params, path); v != "" {
			h.Stated = append(h.Stated, event.Stated{Meaning: keys.Address, Value: v})
			if proven && e.Device.IP == "" {
				e.Device.IP = v
			}
		}
	}
	for _, path := range m.Agents {
		if v := Take(&e.Params, path); v != "" {
			h.Stated = append(h.Stated, event.Stated{Meaning: keys.Agent, Value: v})
			if e.Device.UserAgent == "" {
				e.Device.UserAgent = v
			}
		}
	}
}

// Take removes what stands at a path of an object, and objects that become empty by that, and returns its text.
func Take(m *event.Map, path string) (text string) {
	key, below, nested := strings.Cut(path, ".")
	v, ok := m.Find(key)
	if !ok {
		return ""
	}
	if !nested {
		m.Delete(key)
		return v.Text()
	}
	inside := v.Object()
	size := len(inside)
	text = Take(&inside, below)
	switch {
	case len(inside) == size && text == "":
	case len(inside) == 0:
		m.Delete(key)
	default:
		m.Set(key, event.ObjectOf(inside))
	}
	return text
}
