package google

import (
	"strconv"
	"time"

	"headgate/event"
)

// ga4Item is a product as sent, with the number in its parameter's name.
type ga4Item struct {
	number int
	text   string
}

// ga4Params fills one event from the parameters of a hit. What the protocol needs for itself, and what nobody knows, is kept
// by its wire name and in its order in one object, params.ga4.
type ga4Params struct {
	e             *event.Event
	texts         *event.Arena
	wire          event.Map
	wireNames     names // of wire
	paramNames    names // of e.Params
	items         []ga4Item
	count         int // parameters so far
	version       string
	measurementID string
	userData      string // em, the hashed form that gtag sends to Google
	stream        bool   // the tag reads the answer as a stream
}

// cutPair is wire.CutPair in one pass, which also tells whether anything in the pair is escaped.
func cutPair(query string) (pair, name, value string, escaped bool, rest string) {
	equals := -1
	for i := range len(query) {
		switch pairBytes[query[i]] {
		case plain:
		case ends:
			pair, rest = query[:i], query[i+1:]
			if equals < 0 {
				return pair, pair, "", escaped, rest
			}
			return pair, query[:equals], query[equals+1 : i], escaped, rest
		case assigns:
			if equals < 0 {
				equals = i
			}
		default:
			escaped = true
		}
	}
	if equals < 0 {
		return query, query, "", escaped, ""
	}
	return query, query[:equals], query[equals+1:], escaped, ""
}

// What a byte is to a query.
const (
	plain = iota
	ends
	assigns
	escapes
)

var pairBytes = [256]uint8{'&': ends, '=': assigns, '%': escapes, '+': escapes}

// keep stores what only the protocol has, or what is unknown, under its wire name.
func (p *ga4Params) keep(name string, v event.Value) {
	put(&p.wire, &p.wireNames, name, v)
}

// names tells most names that were not there before from those that may have been, without a search: a bit for each that
// was put, by a hash. A hit has dozens of parameters, and hardly ever one twice.
type names [4]uint64

// put sets a name of m, all of whose other names went through the same names.
func put(m *event.Map, seen *names, name string, v event.Value) {
	var h uint
	if n := uint(len(name)); n > 0 {
		h = n*31 + uint(name[0])*7 + uint(name[n/2])*17 + uint(name[n-1])*3
	}
	word, bit := &seen[h/64%4], uint64(1)<<(h%64)
	if *word&bit != 0 {
		m.Set(name, v)
		return
	}
	*word |= bit
	m.Add(name, v)
}

// numeric is the number that a text says, or the text when it says none (gtag sends NaN).
func numeric(text string) event.Value {
	if n, ok := event.NumberText(text); ok {
		return n
	}
	return event.String(text)
}

// sessionStart is the time that a GA4 session id consists of; zero for an id of another form.
func sessionStart(id string) time.Time {
	if len(id) != 10 {
		return time.Time{}
	}
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n < 1e9 {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}
