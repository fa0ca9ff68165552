// Package words finds what a vendor says in an answer, without knowing the vendor.
package words

import (
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"headgate/document"
	"headgate/event"
)

const (
	wordsLimit = 300 // bytes of a vendor's words that are kept
	depthLimit = 100 // of JSON in an answer
)

// ReadBody is an answer's body as formulas see it: JSON, or else text.
func ReadBody(body []byte) event.Value {
	if len(body) == 0 {
		return event.Value{}
	}
	if shallow(body) {
		if v, err := event.ParseJSON(body); err == nil {
			return v
		}
	}
	return event.String(strings.ToValidUTF8(string(body), "\uFFFD"))
}

// shallow reports whether JSON is nested little enough to be parsed safely.
func shallow(body []byte) bool {
	depth, text := 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case text && c == '\\':
			i++
		case c == '"':
			text = !text
		case text:
		case c == '{' || c == '[':
			if depth++; depth > depthLimit {
				return false
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return true
}

// Of finds what a vendor says in an answer: a message under one of the names that vendors use, else the text
// itself. An HTML page yields nothing.
func Of(body []byte) string {
	v := ReadBody(body)
	if found := messageIn(v, 0); found != "" {
		return found
	}
	if v.Kind() == event.Text && strings.HasPrefix(strings.TrimSpace(v.Text()), "<") {
		return ""
	}
	return string(body)
}

var messageKeys = []string{"message", "error_description", "detail", "details", "error", "errors", "title", "description", "reason", "error_message", "fault", "meta"}

func messageIn(v event.Value, depth int) string {
	if depth > 4 {
		return ""
	}
	for _, one := range v.List() {
		if one.Kind() == event.Text && one.Text() != "" {
			return one.Text()
		}
		if found := messageIn(one, depth+1); found != "" {
			return found
		}
	}
	for _, key := range messageKeys {
		inner, there := v.Object().Find(key)
		if !there {
			continue
		}
		if inner.Kind() == event.Text && inner.Text() != "" {
			return inner.Text()
		}
		if found := messageIn(inner, depth+1); found != "" {
			return found
		}
	}
	return ""
}

// Shortened is a text on one line, cut where it is too long to read. Secrets are masked first: half a secret could no longer
// be found.
func Shortened(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "\uFFFD")), " ")
	if len(s) <= wordsLimit {
		return s
	}
	cut := wordsLimit
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "..."
}

// longestWait caps what a vendor may ask for: the queue's own schedule goes up to half an hour.
const longestWait = 24 * time.Hour

// Wait reads when to try again: seconds, a duration, a point in unix time, or a date of HTTP.
func Wait(v event.Value, now time.Time) time.Duration {
	text := strings.TrimSpace(v.Text())
	var wait time.Duration
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		switch {
		case !(f > 0):
			return 0
		case f > 1e9: // a point in time, not a delay
			wait = time.Unix(int64(min(f, 1e11)), 0).Sub(now)
		default:
			wait = time.Duration(f * float64(time.Second))
		}
	} else if d, err := document.ParseDuration(text); err == nil {
		wait = d.Std()
	} else if at, err := http.ParseTime(text); err == nil {
		wait = at.Sub(now)
	} else if at, err := time.Parse(time.RFC3339, text); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), longestWait)
}
