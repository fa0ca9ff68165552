package consent

import (
	"strings"
	"time"

	"headgate/event"
)

// bitMaker writes bits as base64url text.
type bitMaker struct{ b []byte }

func (w *bitMaker) uint(v uint64, n int) {
	for i := n - 1; i >= 0; i-- {
		w.b = append(w.b, byte(v>>i&1))
	}
}

func (w *bitMaker) bool(v bool) {
	if v {
		w.uint(1, 1)
	} else {
		w.uint(0, 1)
	}
}

// mask writes a mask whose bit 0 comes first.
func (w *bitMaker) mask(m uint32, n int) {
	for i := range n {
		w.bool(m&(1<<i) != 0)
	}
}

func (w *bitMaker) String() string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for len(w.b)%6 != 0 {
		w.b = append(w.b, 0)
	}
	var out strings.Builder
	for i := 0; i < len(w.b); i += 6 {
		n := 0
		for _, bit := range w.b[i : i+6] {
			n = n<<1 | int(bit)
		}
		out.WriteByte(alphabet[n])
	}
	return out.String()
}

// fibonacci writes a number as the header of GPP does.
func (w *bitMaker) fibonacci(n int) {
	weights := []int{1, 2}
	for weights[len(weights)-1] <= n {
		weights = append(weights, weights[len(weights)-1]+weights[len(weights)-2])
	}
	bits := make([]bool, len(weights))
	highest := 0
	for i := len(weights) - 1; i >= 0; i-- {
		if weights[i] <= n {
			n -= weights[i]
			bits[i] = true
			highest = max(highest, i)
		}
	}
	for _, b := range bits[:highest+1] {
		w.bool(b)
	}
	w.bool(true)
}

type restriction struct {
	purpose, kind int
	from, to      int
}

// tcMaker makes TC strings for tests.
type tcMaker struct {
	updated      time.Time // 2026-11-02 unless said
	policy       int       // 5 unless said
	global       bool
	consents, li uint32
	oneFree      bool
	country      string
	vendors      int   // 1 to this have consent, as a bit field
	vendorList   []int // instead: ranges
	vendorsLI    int
	restrictions []restriction
	publisher    bool
	publisherOK  uint32
	undisclosed  bool
}

func makeTC(m tcMaker) string {
	if m.updated.IsZero() {
		m.updated = time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	}
	if m.policy == 0 {
		m.policy = 5
	}
	if m.country == "" {
		m.country = "DE"
	}
	var w bitMaker
	w.uint(2, 6)
	w.uint(uint64(m.updated.UnixMilli()/100), 36)
	w.uint(uint64(m.updated.UnixMilli()/100), 36)
	w.uint(300, 12)
	w.uint(1, 12)
	w.uint(1, 6)
	w.uint('E'-'A', 6)
	w.uint('N'-'A', 6)
	w.uint(100, 12)
	w.uint(uint64(m.policy), 6)
	w.bool(!m.global)
	w.bool(false)
	w.uint(0, 12)
	w.mask(m.consents, 24)
	w.mask(m.li, 24)
	w.bool(m.oneFree)
	w.uint(uint64(m.country[0]-'A'), 6)
	w.uint(uint64(m.country[1]-'A'), 6)
	w.vendors(m.vendors, m.vendorList)
	w.vendors(m.vendorsLI, nil)
	w.uint(uint64(len(m.restrictions)), 12)
	for _, r := range m.restrictions {
		w.uint(uint64(r.purpose), 6)
		w.uint(uint64(r.kind), 2)
		w.uint(1, 12)
		w.bool(true)
		w.uint(uint64(r.from), 16)
		w.uint(uint64(r.to), 16)
	}
	for len(w.b)%24 != 0 {
		w.bool(false) // whole bytes, as base64 decoders want them
	}
	out := w.String()
	if !m.undisclosed {
		var d bitMaker
		d.uint(1, 3)
		d.vendors(1000, nil)
		out += "." + d.String()
	}
	if m.publisher {
		var p bitMaker
		p.uint(3, 3)
		p.mask(m.publisherOK, 24)
		p.mask(0, 24)
		p.uint(0, 6)
		out += "." + p.String()
	}
	return out
}

func (w *bitMaker) vendors(upTo int, list []int) {
	if list != nil {
		w.uint(65535, 16)
		w.bool(true)
		w.uint(uint64(len(list)), 12)
		for _, v := range list {
			w.bool(false)
			w.uint(uint64(v), 16)
		}
		return
	}
	w.uint(uint64(upTo), 16)
	w.bool(false)
	for range upTo {
		w.bool(true)
	}
}

// marked returns an event in which every field holds a value of its own that can be looked for: "mark-ip", and so on.
func marked() event.Event {
	var e event.Event
	for i := range event.Fields {
		f := &event.Fields[i]
		switch ref := f.Ref(&e).(type) {
		case *string:
			*ref = mark(f.Path)
		case *event.Map:
			*ref = event.Map{{Key: "k", Value: event.String(mark(f.Path))}}
		case *time.Time:
			*ref = today
		}
	}
	e.Device.IP = "203.0.113.77"
	e.Consent = nil
	e.Items = []event.Item{{ID: "sku", Name: "shoe"}}
	return e
}

func mark(path string) string { return "mark-" + strings.ReplaceAll(path, ".", "-") }
