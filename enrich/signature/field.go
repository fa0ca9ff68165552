package signature

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
)

// The part of RFC 9651 (Structured Field Values for HTTP) that signatures are written in: dictionaries of strings, byte sequences
// and inner lists, with parameters. What was read is kept as it came, since a signature covers those very bytes.

// Bounds of what is read, all far above what agents send.
const (
	mostSignatures = 8
	mostComponents = 16
	mostParams     = 12
)

var errSyntax = errors.New("no structured field")

// item is a value with its parameters.
type item struct {
	kind   byte   // '"' string, ':' bytes, '(' inner list, '1' whole number, 't' token, '?' true or false
	text   string // of a string, token or number
	bytes  []byte
	list   []item
	params []param
	raw    string // the value and its parameters, as sent
}

type param struct {
	name string
	item // without parameters of its own
}

// member is one entry of a dictionary.
type member struct {
	key string
	item
}

// param returns a parameter of a kind; ok is false when there is none, or one of another kind.
func (it *item) param(name string, kind byte) (p *param, ok bool) {
	for i := range it.params {
		if it.params[i].name == name {
			p = &it.params[i] // the last of two counts
		}
	}
	return p, p != nil && p.kind == kind
}

// reader takes values off the front of a field.
type reader struct{ rest string }

// dictionary reads a whole field; of two members with one key the last counts. At most most members are read.
func dictionary(field string, most int) ([]member, error) {
	r := reader{strings.Trim(field, " \t")}
	var members []member
	for r.rest != "" {
		key, ok := r.key()
		if !ok || len(members) == most {
			return nil, errSyntax
		}
		m := member{key: key, item: item{kind: '?', text: "1"}}
		if r.take('=') {
			if m.item, ok = r.item(true); !ok {
				return nil, errSyntax
			}
		} else if m.params, ok = r.params(); !ok {
			return nil, errSyntax
		}
		members = withMember(members, m)
		r.space()
		if r.rest == "" {
			break
		}
		if !r.take(',') {
			return nil, errSyntax
		}
		if r.space(); r.rest == "" {
			return nil, errSyntax // a comma at the end
		}
	}
	return members, nil
}

func withMember(members []member, m member) []member {
	for i := range members {
		if members[i].key == m.key {
			members[i] = m
			return members
		}
	}
	return append(members, m)
}

// single reads a whole field that is one item.
func single(field string) (item, error) {
	r := reader{strings.Trim(field, " \t")}
	it, ok := r.item(false)
	if !ok || r.rest != "" {
		return item{}, errSyntax
	}
	return it, nil
}

func (r *reader) take(c byte) bool {
	if r.rest == "" || r.rest[0] != c {
		return false
	}
	r.rest = r.rest[1:]
	return true
}

func (r *reader) space() { r.rest = strings.TrimLeft(r.rest, " \t") }

func (r *reader) key() (string, bool) {
	n := 0
	for n < len(r.rest) && isKey(r.rest[n], n == 0) {
		n++
	}
	return r.cut(n), n > 0
}

func isKey(c byte, first bool) bool {
	if 'a' <= c && c <= 'z' || c == '*' {
		return true
	}
	return !first && ('0' <= c && c <= '9' || c == '_' || c == '-' || c == '.')
}

// cut takes n bytes.
func (r *reader) cut(n int) string {
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

// item reads a value and its parameters; an inner list only where lists are allowed.
func (r *reader) item(lists bool) (item, bool) {
	whole := r.rest
	it, ok := r.value(lists)
	if ok {
		it.params, ok = r.params()
	}
	it.raw = whole[:len(whole)-len(r.rest)]
	return it, ok
}

func (r *reader) value(lists bool) (item, bool) {
	if r.rest == "" {
		return item{}, false
	}
	switch c := r.rest[0]; {
	case c == '"':
		return r.string()
	case c == ':':
		return r.byteSequence()
	case c == '(' && lists:
		return r.innerList()
	case c == '-', '0' <= c && c <= '9':
		return r.whole()
	case c == '?':
		if len(r.rest) < 2 || r.rest[1] != '0' && r.rest[1] != '1' {
			return item{}, false
		}
		return item{kind: '?', text: r.cut(2)[1:]}, true
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '*':
		n := 1
		for n < len(r.rest) && isToken(r.rest[n]) {
			n++
		}
		return item{kind: 't', text: r.cut(n)}, true
	}
	return item{}, false
}

func isToken(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("!#$%&'*+-.^_`|~:/", c) >= 0
}

func (r *reader) string() (item, bool) {
	var text []byte
	for i := 1; i < len(r.rest); i++ {
		switch c := r.rest[i]; {
		case c == '"':
			r.rest = r.rest[i+1:]
			return item{kind: '"', text: string(text)}, true
		case c == '\\':
			if i++; i == len(r.rest) || r.rest[i] != '"' && r.rest[i] != '\\' {
				return item{}, false
			}
			text = append(text, r.rest[i])
		case c < ' ' || c > '~':
			return item{}, false
		default:
			text = append(text, c)
		}
	}
	return item{}, false
}

func (r *reader) byteSequence() (item, bool) {
	text, rest, closed := strings.Cut(r.rest[1:], ":")
	if !closed {
		return item{}, false
	}
	b, err := base64.StdEncoding.DecodeString(text)
	r.rest = rest
	return item{kind: ':', bytes: b}, err == nil
}

// whole reads a whole number; a decimal is none of what signatures use.
func (r *reader) whole() (item, bool) {
	n := 1
	for n < len(r.rest) && '0' <= r.rest[n] && r.rest[n] <= '9' {
		n++
	}
	text := r.cut(n)
	_, err := strconv.ParseInt(text, 10, 64)
	return item{kind: '1', text: text}, err == nil && n <= 16 && (r.rest == "" || r.rest[0] != '.')
}

func (r *reader) innerList() (item, bool) {
	r.rest = r.rest[1:]
	it := item{kind: '('}
	for {
		r.rest = strings.TrimLeft(r.rest, " ")
		if r.take(')') {
			return it, true
		}
		one, ok := r.item(false)
		if !ok || len(it.list) == mostComponents || r.rest == "" || r.rest[0] != ' ' && r.rest[0] != ')' {
			return item{}, false
		}
		it.list = append(it.list, one)
	}
}

func (r *reader) params() (params []param, ok bool) {
	for r.take(';') {
		r.rest = strings.TrimLeft(r.rest, " ")
		name, ok := r.key()
		if !ok || len(params) == mostParams {
			return nil, false
		}
		p := param{name: name, item: item{kind: '?', text: "1"}}
		if r.take('=') {
			if p.item, ok = r.value(false); !ok {
				return nil, false
			}
		}
		params = append(params, p)
	}
	return params, true
}
