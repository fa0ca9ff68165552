package personal

import (
	"strings"

	"headgate/consent/personal/patterns"
	"headgate/event"
	"headgate/event/keys"
)

// cleaner takes out of texts what their reader may not have.
type cleaner struct {
	trail      *trail
	gone       keys.Meaning // keys in queries that go with their values
	cutQueries bool         // addresses keep only the keys of query
	query      []string
	scrub      bool // what looks like personal data goes
	found      patterns.Findings
	changed    bool
}

func (c *cleaner) change(text string) string {
	s := text
	if len(s) > 1 && (s[0] == '{' || s[0] == '[') {
		s = c.json(s)
	}
	if c.gone != 0 {
		s = patterns.WithoutKeys(s, c.gone, patterns.MaxNesting)
	}
	if c.cutQueries && isAddress(s) {
		s = patterns.WithQuery(s, c.query)
	}
	s = c.trail.clean(s)
	if c.scrub {
		s = patterns.Scrub(s, &c.found)
	}
	c.changed = c.changed || s != text
	return s
}

// json cleans a text that is JSON by its keys and its texts.
func (c *cleaner) json(s string) string {
	v, err := event.ParseJSON([]byte(s))
	if err != nil {
		return s
	}
	w := rewriter{with: c, gone: c.gone, numbers: true}
	clean, changed := w.value(v)
	if !changed {
		return s
	}
	return string(clean.AppendJSON(nil))
}

// isAddress reports whether a text is one address and nothing else.
func isAddress(s string) bool { return strings.Contains(s, "://") && !strings.ContainsAny(s, " \"<\n") }
