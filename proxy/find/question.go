package find

import (
	"errors"
	"fmt"
	"strings"

	"headgate/consent/people"
	"headgate/event/layout"
	"headgate/proxy/search"
)

// ErrQuestion says that a question is not understood. The rest of its text is the cure.
var ErrQuestion = errors.New("the search is not understood")

// question is what someone looks for, understood.
type question struct {
	keys                       [][]search.Key
	ids                        []string // of events, in clear
	names, sites               []string
	destination, state, reason string
}

// words are the keys that may stand before a colon.
var words = []string{"id", "client", "user", "order", "click", "email", "phone", "name", "site", "destination", "state", "reason"}

// states are what can be asked for.
var states = []string{"delivered", "pending", "rejected", "filtered", "denied", "unknown"}

// parse understands "purchase-1 email:HASH name:purchase": words that must all hold. A word without a key is an exact id of any kind.
func parse(text string, h *people.Hasher) (q question, err error) {
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		var key, value string
		if key, value, text, err = nextWord(text); err != nil {
			return q, err
		}
		if err := q.take(key, value, h); err != nil {
			return q, err
		}
	}
	return q, nil
}

// nextWord cuts a word off the front: VALUE, KEY:VALUE, or either with the value in double quotes.
func nextWord(text string) (key, value, rest string, err error) {
	at := strings.IndexAny(text, ` "`)
	head := text
	if at >= 0 {
		head = text[:at]
	}
	if name, after, ok := strings.Cut(head, ":"); ok && isKey(name) {
		key, head = name, after
		text = text[len(name)+1:]
	}
	if strings.HasPrefix(text, `"`) {
		value, rest, ok := strings.Cut(text[1:], `"`)
		if !ok {
			return "", "", "", fmt.Errorf("%w: a quotation mark is not closed", ErrQuestion)
		}
		return key, value, rest, nil
	}
	return key, head, text[len(head):], nil
}

func isKey(name string) bool {
	for _, w := range words {
		if w == name {
			return true
		}
	}
	return false
}

// AsksForVisitors reports whether a search can find out about single visitors: by their ids, orders, clicks or contacts. What is not
// understood can.
func AsksForVisitors(text string) bool {
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		key, _, rest, err := nextWord(text)
		if err != nil {
			return true
		}
		switch key {
		case "id", "name", "site", "destination", "state", "reason":
		default:
			return true
		}
		text = rest
	}
	return false
}

func (q *question) take(key, value string, h *people.Hasher) error {
	if value == "" {
		return fmt.Errorf("%w: %s: has no value", ErrQuestion, key)
	}
	if strings.Contains(value, "@") {
		return fmt.Errorf("%w: an e-mail address is searched by its SHA-256: hash it first, without spaces around it and in lower case; headgate search does", ErrQuestion)
	}
	switch key {
	case "id":
		q.ids = append(q.ids, value)
		q.keys = append(q.keys, []search.Key{idKey(layout.HashID(value))})
	case "client":
		q.keys = append(q.keys, []search.Key{keyOf(h.Hash(people.ClientSubject(value)))})
	case "user":
		q.keys = append(q.keys, []search.Key{keyOf(h.Hash(people.UserSubject(value)))})
	case "email", "phone":
		subject, ok := people.ParseSubject(strings.ToLower(value))
		if !ok {
			return fmt.Errorf("%w: %s: expected a SHA-256 as 64 hexadecimal digits", ErrQuestion, key)
		}
		q.keys = append(q.keys, []search.Key{keyOf(h.Hash(subject))})
	case "order":
		q.keys = append(q.keys, []search.Key{textKey(h, ofOrder, value)})
	case "click":
		q.keys = append(q.keys, []search.Key{textKey(h, ofClick, value)})
	case "name":
		q.names = append(q.names, value)
	case "site":
		q.sites = append(q.sites, value)
	case "destination":
		q.destination = value
	case "reason":
		q.reason = value
	case "state":
		return q.takeState(value)
	default:
		q.ids = append(q.ids, value)
		keys := []search.Key{idKey(layout.HashID(value)), keyOf(h.Hash(people.ClientSubject(value))), keyOf(h.Hash(people.UserSubject(value))),
			textKey(h, ofOrder, value), textKey(h, ofClick, value)}
		if subject, ok := people.ParseSubject(strings.ToLower(value)); ok {
			keys = append(keys, keyOf(h.Hash(subject)))
		}
		q.keys = append(q.keys, keys)
	}
	return nil
}

func (q *question) takeState(value string) error {
	for _, s := range states {
		if s == value {
			q.state = value
			return nil
		}
	}
	return fmt.Errorf("%w: no state %q; there are %s", ErrQuestion, value, strings.Join(states, ", "))
}

// outcome reports whether decisions may be those that are looked for. Whether a due event was delivered the index does not know.
func (q *question) outcome(list []search.Outcome) bool {
	if q.destination == "" && q.state == "" && q.reason == "" {
		return true
	}
	for i := range list {
		o := &list[i]
		if q.destination != "" && o.Destination != q.destination || q.reason != "" && o.Reason != q.reason {
			continue
		}
		switch q.state {
		case "", o.State:
			return true
		case "filtered", "denied": // it may have been so when it was to be sent
			if o.State == "due" {
				return true
			}
		default:
			if q.reason == "" {
				return true // a replay may have made it due
			}
		}
	}
	return false
}
