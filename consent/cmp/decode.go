package cmp

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"headgate/event"
)

// parseJSON reads JSON; anything else is null.
func parseJSON(s string) event.Value {
	v, err := event.ParseJSON([]byte(s))
	if err != nil {
		return event.Value{}
	}
	return v
}

// object reads a cookie that holds a JSON object, and notes the fault when it does not. Of one that was cut off or is damaged
// it returns what is before that.
func (a *Answer) object(value string) event.Map { return a.objectOf(Plain(value)) }

func (a *Answer) objectOf(text string) event.Map {
	v := parseJSON(text)
	if v.Kind() != event.Object {
		a.Fault = "no JSON object"
		v = parseJSON(wholeJSON(text))
	}
	return v.Object()
}

// wholeJSON returns what a JSON text holds before it is cut off or damaged, closed so that it is JSON again.
func wholeJSON(text string) string {
	const mostDepth = 32
	d := json.NewDecoder(strings.NewReader(text))
	var open, closing []byte // the brackets that are open, and those that close what is whole
	end, key := 0, false
	for {
		token, err := d.Token()
		if err != nil || len(open) > mostDepth {
			slices.Reverse(closing)
			return text[:end] + string(closing)
		}
		if key && token != json.Delim('}') {
			key = false // the value follows
			continue
		}
		switch token {
		case json.Delim('{'):
			open = append(open, '}')
		case json.Delim('['):
			open = append(open, ']')
		case json.Delim('}'), json.Delim(']'):
			open = open[:len(open)-1]
		}
		key = len(open) > 0 && open[len(open)-1] == '}'
		end, closing = int(d.InputOffset()), append(closing[:0], open...)
	}
}

// answered reads when someone answered: a time as text, or unix seconds or milliseconds.
func answered(v event.Value) time.Time {
	if v.Kind() == event.Text {
		if n, ok := event.NumberText(v.Text()); ok {
			v = n
		}
	}
	t, ok := event.ParseTime(v)
	if !ok {
		return time.Time{}
	}
	return t
}

// base64Object reads a cookie that holds base64 of a JSON object, in either alphabet, with or without padding. Of one that was
// cut off or is damaged it returns what is before that.
func (a *Answer) base64Object(value string) event.Map {
	text := strings.TrimRight(Plain(value), "=")
	text = strings.NewReplacer("-", "+", "_", "/").Replace(text)
	raw, err := base64.RawStdEncoding.DecodeString(text)
	m := a.objectOf(string(raw))
	if err != nil {
		a.Fault = "no base64"
	}
	return m
}

// Truth reads the ways in which people write yes and no.
func Truth(s string) (yes, ok bool) {
	switch strings.ToLower(s) {
	case "true", "1", "yes", "y", "granted", "grant", "allow", "allowed", "accepted", "on":
		return true, true
	case "false", "0", "no", "n", "denied", "deny", "disallow", "declined", "rejected", "revoked", "off":
		return false, true
	}
	return false, false
}
