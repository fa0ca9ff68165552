package functions

import (
	"regexp"
	"slices"
	"strings"

	"headgate/event"
	"headgate/event/keys"
)

var emailWithin = regexp.MustCompile(`[A-Za-z0-9._%+-]+(@|%40)[A-Za-z0-9-]+\.[A-Za-z]{2,}`)

// Personal reports whether a key that a site sent outside the vocabulary looks like contact data: by its name, or since its
// text holds an e-mail address.
func Personal(key string, v event.Value) bool {
	if personalName(key) {
		return true
	}
	switch v.Kind() {
	case event.Text:
		s := v.Text()
		return (strings.Contains(s, "@") || strings.Contains(s, "%40")) && emailWithin.MatchString(s)
	case event.List:
		return slices.ContainsFunc(v.List(), func(v event.Value) bool { return Personal("", v) })
	case event.Object:
		return slices.ContainsFunc(v.Object(), func(p event.Pair) bool { return Personal(p.Key, p.Value) })
	}
	return false
}

func personalName(key string) bool { return keys.MeaningOf(key)&keys.Contact != 0 }
