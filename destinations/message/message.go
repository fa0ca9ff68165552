// Package message turns events into the messages of a stream, as the settings of the stream's driver say: where each goes, with
// which key, headers and body. It sends nothing.
package message

import (
	"bytes"
	"fmt"
	"sync"

	"headgate/destinations"
	"headgate/document"
	"headgate/event"
	"headgate/event/trace"
	"headgate/rules"
)

// Message is one event as a stream takes it.
type Message struct {
	To      string // a topic or a subject; "" when its formula yields nothing
	Key     string // "" for none
	Headers []event.Header
	Body    []byte
}

// Maker makes messages. Its methods may be called by several goroutines at once.
type Maker struct {
	language *rules.Language
	settings event.Map
	masked   event.Map
	failed   func(error)

	to, key, body *rules.Template // key and body may be nil
	headers       []header

	rooms sync.Pool // of *[]byte: where bodies are written before their size is known
}

type header struct {
	name  string
	value *rules.Template
}

// New compiles the settings: the one named to, and, as far as the driver's file declares them, key, headers and body. A setting of
// that kind is a text with {formulas}, or one formula after =.
func New(o destinations.DriverOptions, to string) (*Maker, document.Mistakes) {
	m := &Maker{language: o.Language, settings: o.Settings.Values(), masked: o.Settings.Masked(), failed: o.Failed}
	f := &destinations.Formulas{Language: o.Language}
	scope := rules.DestinationScope(keys(o.Settings.Values()))
	compile := func(v event.Value, at document.Place) *rules.Template {
		if v.IsEmpty() {
			return nil
		}
		return f.Template(&document.Node{Kind: document.Text, Text: v.Text(), At: at}, scope)
	}
	m.to = compile(o.Settings.Value(to), o.Settings.Place(to))
	m.key = compile(o.Settings.Value("key"), o.Settings.Place("key"))
	m.body = compile(o.Settings.Value("body"), o.Settings.Place("body"))
	for _, p := range o.Settings.Value("headers").Object() {
		m.headers = append(m.headers, header{p.Key, compile(p.Value, o.Settings.Place("headers"))})
	}
	return m, f.Mistakes
}

func keys(m event.Map) (names []string) {
	for _, p := range m {
		names = append(names, p.Key)
	}
	return names
}

// Fixed returns where every message goes, "" when that depends on the event.
func (m *Maker) Fixed() string {
	text, _ := m.to.ConstantText()
	return text
}

// Make makes the message of an event. The same event always gives the same message.
func (m *Maker) Make(e *event.Event) Message { return m.make(e, m.settings) }

// Show is Make with secrets masked.
func (m *Maker) Show(e *event.Event) Message { return m.make(e, m.masked) }

func (m *Maker) make(e *event.Event, settings event.Map) (out Message) {
	machine := m.language.Machine()
	defer machine.Release()
	env := &rules.Env{Event: e, Theirs: e.Name, Settings: settings, Attempt: 1}
	value := func(t *rules.Template) event.Value {
		if t == nil {
			return event.Value{}
		}
		v, err := t.Value(machine, env)
		if err != nil {
			m.failed(err)
			return event.Value{}
		}
		return v
	}
	out.To, out.Key = value(m.to).Text(), value(m.key).Text()
	for _, h := range m.headers {
		if v := value(h.value).Text(); v != "" {
			out.Headers = append(out.Headers, event.Header{Name: h.name, Value: v})
		}
	}
	switch v := value(m.body); {
	case v.IsEmpty():
		out.Body = m.sized(e.AppendJSON)
	case v.Kind() == event.Text:
		out.Body = []byte(v.Text())
	default:
		out.Body = m.sized(v.AppendJSON)
	}
	return out
}

// sized returns what is appended in a slice of its own size: one that grows is copied again and again.
func (m *Maker) sized(appendTo func([]byte) []byte) []byte {
	room, _ := m.rooms.Get().(*[]byte)
	if room == nil {
		room = new([]byte)
	}
	*room = appendTo((*room)[:0])
	body := bytes.Clone(*room)
	if cap(*room) <= largestRoom {
		m.rooms.Put(room)
	}
	return body
}

// largestRoom is how many bytes are kept for the next body.
const largestRoom = 64 << 10

// Shown are messages as a driver shows them, of which none is sent. headers are those that the driver adds, wrong says why an event cannot
// be a message.
func (m *Maker) Shown(batch []destinations.Sending, protocol, servers string, headers func(*event.Event) []event.Header, wrong func(*event.Event) string) ([]trace.Request, []destinations.Verdict) {
	shown, verdicts := make([]trace.Request, len(batch)), make([]destinations.Verdict, len(batch))
	for i := range batch {
		e := batch[i].Event
		if why := wrong(e); why != "" {
			verdicts[i] = destinations.Verdict{Kind: destinations.Reject, Why: why}
		}
		one := m.Show(e)
		one.Headers = append(headers(e), one.Headers...)
		shown[i] = one.Request(protocol, servers)
	}
	return shown, verdicts
}

// Request shows a message to a person. protocol and servers stand in the address.
func (m *Message) Request(protocol, servers string) trace.Request {
	r := trace.Request{Method: "PUBLISH", URL: fmt.Sprintf("%s://%s/%s", protocol, servers, m.To), Body: m.Body}
	if m.Key != "" {
		r.Headers = append(r.Headers, event.Header{Name: "key", Value: m.Key})
	}
	r.Headers = append(r.Headers, m.Headers...)
	return r
}
