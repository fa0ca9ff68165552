package exchange

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"headgate/document"
)

// Since reads a time, or a span before now.
func Since(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	span, err := document.ParseDuration(text)
	if err != nil {
		return time.Time{}, fmt.Errorf("since: %q is no time such as 2026-11-22T10:00:00Z and no span such as 2h", text)
	}
	return now.Add(-span.Std()), nil
}

// Only refuses parameters that are not taken: ignoring one would answer another question than the one that was asked.
func Only(q url.Values, taken []string) error {
	for name := range q {
		if !slices.Contains(taken, name) {
			return fmt.Errorf("no parameter %q; there are %s", name, strings.Join(taken, ", "))
		}
	}
	return nil
}

// Span reads since and until; without them it is the span before now.
func Span(q url.Values, now time.Time, usual time.Duration) (since, until time.Time, err error) {
	if since, err = Since(q.Get("since"), now); err != nil {
		return since, until, err
	}
	if since.IsZero() {
		since = now.Add(-usual)
	}
	if until, err = Since(q.Get("until"), now); err != nil {
		return since, until, fmt.Errorf("until: %s", strings.TrimPrefix(err.Error(), "since: "))
	}
	if until.IsZero() {
		until = now
	}
	return since, until, nil
}
