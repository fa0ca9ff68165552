// Package reading is what protocols read requests with: bodies, JSON, raw queries, times, and the words of our own vocabulary. It
// bounds what a client can make the server hold or do, and never panics, whatever the bytes are. It knows no protocol.
package reading

import (
	"headgate/event"
	"headgate/sources"
)

// Tools is what a source reads requests with. It is safe for concurrent use.
type Tools struct {
	Limits     sources.Limits
	Bodies     bodies
	JSON       jsonReader
	vocabulary *vocabulary
}

// New returns tools that keep the limits.
func New(l sources.Limits) *Tools {
	l = l.WithDefaults()
	return &Tools{Limits: l, Bodies: bodies{limit: l.Body}, vocabulary: newVocabulary()}
}

// OpenJSON reads the JSON body of a request.
func (t *Tools) OpenJSON(h *event.Hit) (event.Value, error) {
	body, err := t.Bodies.OpenJSON(h)
	if err != nil {
		return event.Value{}, err
	}
	return t.JSON.Read(h, body)
}
