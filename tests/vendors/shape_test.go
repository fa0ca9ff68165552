package vendors_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// shape says what is wrong with a JSON value, one line a fault; nothing when the vendor could take it.
type shape func(at string, v any) []string

func fault(at, form string, args ...any) []string {
	return []string{at + ": " + fmt.Sprintf(form, args...)}
}

func anything(string, any) []string { return nil }

func text(at string, v any) []string { return upTo(1<<20)(at, v) }

// upTo is a text of at most that many characters and at least one: no API wants empty texts.
func upTo(most int) shape {
	return func(at string, v any) []string {
		s, ok := v.(string)
		switch n := len([]rune(s)); {
		case !ok:
			return fault(at, "%v is no text", v)
		case n == 0:
			return fault(at, "is empty")
		case n > most:
			return fault(at, "is %d characters long, of at most %d", n, most)
		}
		return nil
	}
}

func matching(pattern string) shape {
	re := regexp.MustCompile("^(?:" + pattern + ")$")
	return func(at string, v any) []string {
		if s, ok := v.(string); !ok || !re.MatchString(s) {
			return fault(at, "%v is not like %s", v, pattern)
		}
		return nil
	}
}

// choice is one of the words.
func choice(words string) shape {
	return func(at string, v any) []string {
		if s, ok := v.(string); !ok || !slices.Contains(strings.Fields(words), s) {
			return fault(at, "%v is none of %s", v, words)
		}
		return nil
	}
}

// hashed is a SHA-256 in lower-case hex, and not that of nothing.
func hashed(at string, v any) []string {
	if v == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" {
		return fault(at, "is the hash of nothing")
	}
	return matching("[0-9a-f]{64}")(at, v)
}

func address(at string, v any) []string { return matching(`https?://[^\s]+`)(at, v) }

func ip(at string, v any) []string { return matching(`[0-9a-f.:]{7,39}`)(at, v) }

func currency(at string, v any) []string { return matching(`[A-Z]{3}`)(at, v) }

func country(at string, v any) []string { return matching(`[A-Z]{2}`)(at, v) }

func number(at string, v any) []string {
	if _, ok := v.(json.Number); !ok {
		return fault(at, "%v is no number", v)
	}
	return nil
}

func integer(at string, v any) []string { return between(math.MinInt64, math.MaxInt64)(at, v) }

// between is a whole number.
func between(least, most float64) shape {
	return func(at string, v any) []string {
		n, ok := v.(json.Number)
		if !ok {
			return fault(at, "%v is no number", v)
		}
		i, err := n.Int64()
		if err != nil || float64(i) < least || float64(i) > most {
			return fault(at, "%v is no whole number from %.0f to %.0f", v, least, most)
		}
		return nil
	}
}

// numeral is a number written as text.
func numeral(at string, v any) []string { return matching(`-?[0-9]+(\.[0-9]+)?`)(at, v) }

// moment is a time in whole units since 1970, not older than age and not in the future.
func moment(unit, age time.Duration) shape {
	return func(at string, v any) []string {
		now := time.Now()
		return between(float64(now.Add(-age).UnixNano()/int64(unit)), float64(now.Add(time.Minute).UnixNano()/int64(unit)))(at, v)
	}
}

// clock is a time of RFC 3339 in UTC.
func clock(at string, v any) []string {
	return matching(`20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](\.[0-9]+)?Z`)(at, v)
}

func boolean(at string, v any) []string {
	if _, ok := v.(bool); !ok {
		return fault(at, "%v is neither true nor false", v)
	}
	return nil
}

func scalar(at string, v any) []string {
	switch v.(type) {
	case string, json.Number, bool:
		return nil
	}
	return fault(at, "is no text, number or truth value")
}

// nested is a value of at most that many levels, whose lists have fewer than 255 members.
func nested(levels int) shape {
	return func(at string, v any) []string {
		switch {
		case levels == 0:
			return scalar(at, v)
		case len(scalar(at, v)) == 0:
			return nil
		}
		if _, ok := v.([]any); ok {
			return list(1, 254, nested(levels-1))(at, v)
		}
		return objectWith(fields{}, nested(levels-1))(at, v)
	}
}

func either(one, other shape) shape {
	return func(at string, v any) []string {
		faults := one(at, v)
		if len(faults) == 0 {
			return nil
		}
		if more := other(at, v); len(more) > 0 {
			return append(faults, more...)
		}
		return nil
	}
}

func both(one, other shape) shape {
	return func(at string, v any) []string { return append(one(at, v), other(at, v)...) }
}

func list(least, most int, one shape) shape {
	return func(at string, v any) (faults []string) {
		l, ok := v.([]any)
		if !ok || len(l) < least || len(l) > most {
			return fault(at, "is no list of %d to %d", least, most)
		}
		for i, v := range l {
			faults = append(faults, one(fmt.Sprintf("%s[%d]", at, i), v)...)
		}
		return faults
	}
}

// fields are the keys of an object; one that must be there ends with a !.
type fields map[string]shape

// object has these keys and no others.
func object(known fields) shape {
	return objectWith(known, func(at string, _ any) []string { return fault(at, "is no field of this API") })
}

// objectWith has these keys, and others of one shape.
func objectWith(known fields, other shape) shape {
	return func(at string, v any) (faults []string) {
		o, ok := v.(map[string]any)
		if !ok {
			return fault(at, "is no object")
		}
		if len(o) == 0 {
			return fault(at, "is empty")
		}
		for key := range known {
			name, must := strings.CutSuffix(key, "!")
			if _, there := o[name]; must && !there {
				faults = append(faults, fault(at+"."+name, "is missing")...)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(o)) {
			one := known[key]
			if one == nil {
				one = known[key+"!"]
			}
			if one == nil {
				one = other
			}
			faults = append(faults, one(at+"."+key, o[key])...)
		}
		return faults
	}
}

// oneOf has at least one of the keys.
func oneOf(keys ...string) shape {
	return func(at string, v any) []string {
		o, _ := v.(map[string]any)
		for _, key := range keys {
			if _, there := o[key]; there {
				return nil
			}
		}
		return fault(at, "has none of %s", strings.Join(keys, ", "))
	}
}

// within is the value at a path of keys, nil when there is none.
func within(v any, keys ...string) any {
	for _, key := range keys {
		o, _ := v.(map[string]any)
		v = o[key]
	}
	return v
}

func textWithin(v any, keys ...string) string {
	s, _ := within(v, keys...).(string)
	return s
}

func listWithin(v any, keys ...string) []any {
	l, _ := within(v, keys...).([]any)
	return l
}

// parseJSON reads one JSON value whose objects have no key twice; numbers stay as they were written.
func parseJSON(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	v, err := parseValue(d)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON")
	}
	return v, nil
}

func parseValue(d *json.Decoder) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('['):
		l := []any{}
		for d.More() {
			v, err := parseValue(d)
			if err != nil {
				return nil, err
			}
			l = append(l, v)
		}
		_, err = d.Token()
		return l, err
	case json.Delim('{'):
		o := map[string]any{}
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			name, _ := key.(string)
			if _, twice := o[name]; twice {
				return nil, fmt.Errorf("the key %q stands there twice", name)
			}
			if o[name], err = parseValue(d); err != nil {
				return nil, err
			}
		}
		_, err = d.Token()
		return o, err
	}
	return token, nil
}

func TestShapesRefuseWhatIsWrong(t *testing.T) {
	t.Parallel()
	person := object(fields{"em!": list(1, 2, hashed), "age": between(0, 150), "sum": number, "kind": choice("a b")})
	hash := strings.Repeat("ab", 32)
	for _, c := range []struct{ json, want string }{
		{`{"em":["` + hash + `"],"age":7,"sum":1.5,"kind":"a"}`, ""},
		{`{"age":7}`, "body.em: is missing"},
		{`{"em":["` + hash + `"],"mail":"x"}`, "body.mail: is no field of this API"},
		{`{"em":["` + strings.ToUpper(hash) + `"]}`, "body.em[0]: " + strings.ToUpper(hash) + " is not like [0-9a-f]{64}"},
		{`{"em":["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"]}`, "body.em[0]: is the hash of nothing"},
		{`{"em":[]}`, "body.em: is no list of 1 to 2"},
		{`{"em":"` + hash + `"}`, "body.em: is no list of 1 to 2"},
		{`{"em":["` + hash + `"],"age":7.5}`, "body.age: 7.5 is no whole number from 0 to 150"},
		{`{"em":["` + hash + `"],"sum":"1.5"}`, "body.sum: 1.5 is no number"},
		{`{"em":["` + hash + `"],"kind":"c"}`, "body.kind: c is none of a b"},
		{`{}`, "body: is empty"},
		{`[]`, "body: is no object"},
	} {
		v, err := parseJSON([]byte(c.json))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(person("body", v), "; "); got != c.want {
			t.Errorf("%s: %q, want %q", c.json, got, c.want)
		}
	}
	for _, broken := range []string{`{"a":1,"a":2}`, `{"a":1} x`, `{"a":`, ``} {
		if _, err := parseJSON([]byte(broken)); err == nil {
			t.Errorf("%s was read", broken)
		}
	}
}
