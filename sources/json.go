package sources

import (
	"bytes"
	"fmt"
	"sync"

	"github.com/valyala/fastjson"

	"headgate/event"
)

// What the values of a JSON body may take: one can be sent in two bytes.
const (
	maxValues   = 50_000
	parsedValue = 256 // bytes of memory, while it is read
)

// maxKeys bounds the keys of one JSON object, since they are looked up one by one.
const maxKeys = 500

// pooledMemory is the most that a parser holds which is kept for the next body.
const pooledMemory = 256 << 10

// jsonReader reads JSON into values that outlive the parser: all their texts share one copy.
type jsonReader struct {
	parsers sync.Pool // *fastjson.Parser
}

// read reads one JSON value. Keys whose value is null are left out: null is "not said".
func (r *jsonReader) read(h *event.Hit, body []byte) (event.Value, error) {
	held, err := holdValues(h, body)
	if err != nil {
		return event.Value{}, err
	}
	p, pooled := r.parsers.Get().(*fastjson.Parser)
	if !pooled {
		p = new(fastjson.Parser)
	}
	if held <= pooledMemory {
		defer r.parsers.Put(p)
	}
	v, err := p.ParseBytes(body)
	if err != nil {
		// The parser's words quote the body, which may hold personal data.
		return event.Value{}, fmt.Errorf("%w: the body is no JSON", ErrMalformed)
	}
	values := values{texts: arena{size: len(body)}}
	value := values.value(v)
	return value, values.err
}

// holdValues bounds the work before it is done, and returns how many bytes it will hold. Before every value but the first stands
// a comma or what opens a list or an object.
func holdValues(h *event.Hit, body []byte) (held int, err error) {
	values := 1 + bytes.Count(body, []byte{','}) + bytes.Count(body, []byte{'['}) + bytes.Count(body, []byte{'{'})
	if values > maxValues {
		return 0, fmt.Errorf("%w: a body may have %d values", ErrTooLarge, maxValues)
	}
	held = 2*len(body) + values*parsedValue
	return held, hold(h, held)
}

// hold takes room for what will be held for a hit.
func hold(h *event.Hit, bytes int) error {
	if h.Room != nil && !h.Room.Take(bytes) {
		return ErrBusy
	}
	return nil
}

// values turns what the parser found into values of our own.
type values struct {
	texts arena
	depth int // of the value that is read
	err   error
}

func (r *values) value(v *fastjson.Value) event.Value {
	if r.depth++; r.depth > event.MaxDepth+1 {
		r.err = fmt.Errorf("%w: lists and objects may lie %d deep in each other", ErrTooLarge, event.MaxDepth)
		return event.Value{}
	}
	defer func() { r.depth-- }()
	switch v.Type() {
	case fastjson.TypeString:
		return event.String(r.texts.text(v.GetStringBytes()))
	case fastjson.TypeNumber:
		var digits [32]byte
		text := r.texts.text(v.MarshalTo(digits[:0]))
		if n, ok := event.NumberText(text); ok {
			return n
		}
		return event.String(text) // the parser takes 01, 1.2.3 and nan for numbers
	case fastjson.TypeTrue:
		return event.Boolean(true)
	case fastjson.TypeFalse:
		return event.Boolean(false)
	case fastjson.TypeArray:
		elements := v.GetArray()
		list := make([]event.Value, len(elements))
		for i, e := range elements {
			list[i] = r.value(e)
		}
		return event.ListOf(list...)
	case fastjson.TypeObject:
		return event.ObjectOf(r.object(v.GetObject()))
	}
	return event.Value{}
}

// object reads an object; of two equal keys the last one wins.
func (r *values) object(o *fastjson.Object) event.Map {
	if o.Len() > maxKeys {
		r.err = fmt.Errorf("%w: an object may have %d keys", ErrTooLarge, maxKeys)
		return nil
	}
	m := make(event.Map, 0, o.Len())
	o.Visit(func(key []byte, v *fastjson.Value) {
		if v.Type() == fastjson.TypeNull {
			return
		}
		for i := range m {
			if m[i].Key == string(key) {
				m[i].Value = r.value(v)
				return
			}
		}
		m.Add(r.texts.text(key), r.value(v))
	})
	return m
}
