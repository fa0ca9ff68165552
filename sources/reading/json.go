package reading

import (
	"bytes"
	"fmt"
	"sync"

	"github.com/valyala/fastjson"

	"headgate/event"
	"headgate/sources"
)

// What the values of a JSON body may take: one can be sent in two bytes.
const (
	maxValues   = 50_000
	parsedValue = 256 // bytes of memory, while it is read
)

// MaxKeys bounds the keys of one JSON object, since they are looked up one by one.
const MaxKeys = 500

// pooledMemory is the most that a parser holds which is kept for the next body.
const pooledMemory = 256 << 10

// jsonReader reads JSON into values that outlive the parser: all their texts share one copy.
type jsonReader struct {
	parsers sync.Pool // *jsonParser
}

// jsonParser is what is used again from one body to the next.
type jsonParser struct {
	fastjson.Parser

	digits []byte // of a number
}

// Read reads one JSON value. Keys whose value is null are left out: null is "not said".
func (r *jsonReader) Read(h *event.Hit, body []byte) (event.Value, error) {
	v, _, err := r.ReadSpare(h, body, 0)
	return v, err
}

// ReadSpare is read, with room for some more pairs in the memory of the objects that are read.
func (r *jsonReader) ReadSpare(h *event.Hit, body []byte, pairs int) (v event.Value, spare event.Map, err error) {
	many, held, err := holdValues(h, body)
	if err != nil {
		return event.Value{}, nil, err
	}
	p, pooled := r.parsers.Get().(*jsonParser)
	if !pooled {
		p = new(jsonParser)
	}
	if held <= pooledMemory {
		defer r.parsers.Put(p)
	}
	parsed, err := p.ParseBytes(body)
	if err != nil {
		// The parser's words quote the body, which may hold personal data.
		return event.Value{}, nil, fmt.Errorf("%w: the body is no JSON", sources.ErrMalformed)
	}
	values := values{texts: event.Arena{Size: len(body)}, some: many, spare: pairs, digits: &p.digits}
	v = values.value(parsed)
	return v, values.pairs[:0], values.err
}

// holdValues bounds the work before it is done, and returns how many values there are at most and how many bytes they will hold.
// Before every value but the first stands a comma or what opens a list or an object.
func holdValues(h *event.Hit, body []byte) (values, held int, err error) {
	values = 1 + bytes.Count(body, []byte{','}) + bytes.Count(body, []byte{'['}) + bytes.Count(body, []byte{'{'})
	if values > maxValues {
		return 0, 0, fmt.Errorf("%w: a body may have %d values", sources.ErrTooLarge, maxValues)
	}
	held = 2*len(body) + values*parsedValue
	return values, held, Hold(h, held)
}

// Hold takes room for what will be held for a hit.
func Hold(h *event.Hit, bytes int) error {
	if h.Room != nil && !h.Room.Take(bytes) {
		return sources.ErrBusy
	}
	return nil
}

// values turns what the parser found into values of our own.
type values struct {
	texts  event.Arena
	pairs  event.Map // room for objects
	some   int       // values that are expected at most
	spare  int       // pairs beside those that are read
	digits *[]byte   // of the number that is read
	depth  int       // of the value that is read
	err    error
}

func (r *values) value(v *fastjson.Value) event.Value {
	if r.depth++; r.depth > event.MaxDepth+1 {
		r.err = fmt.Errorf("%w: lists and objects may lie %d deep in each other", sources.ErrTooLarge, event.MaxDepth)
		return event.Value{}
	}
	defer func() { r.depth-- }()
	switch v.Type() {
	case fastjson.TypeString:
		return event.String(r.texts.Text(v.GetStringBytes()))
	case fastjson.TypeNumber:
		*r.digits = v.MarshalTo((*r.digits)[:0])
		text := r.texts.Text(*r.digits)
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
	if o.Len() > MaxKeys {
		r.err = fmt.Errorf("%w: an object may have %d keys", sources.ErrTooLarge, MaxKeys)
		return nil
	}
	m := r.room(o.Len())
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
		m.Add(r.texts.Text(key), r.value(v))
	})
	return m
}

// roomAtOnce is for how many pairs there is room in one allocation: most bodies need no other.
const roomAtOnce = 64

// room returns an empty map that takes n pairs. Objects of one body share their memory.
func (r *values) room(n int) event.Map {
	if n > len(r.pairs) {
		r.pairs = make(event.Map, max(n, min(r.some, roomAtOnce))+r.spare)
	}
	m := r.pairs[0:0:n]
	r.pairs, r.some = r.pairs[n:], r.some-n
	return m
}
