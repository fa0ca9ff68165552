package exchange

import (
	"encoding/json"
	"net/http"
)

// Lines are JSON values, one a line, each sent at once.
type Lines struct {
	w     http.ResponseWriter
	begun bool
}

// NewLines returns the lines of an answer.
func NewLines(w http.ResponseWriter) *Lines { return &Lines{w: w} }

// Begun reports whether a line was sent: then it is too late for another status.
func (l *Lines) Begun() bool { return l.begun }

// Write sends a line.
func (l *Lines) Write(v any) {
	if !l.begun {
		l.begun = true
		l.w.Header().Set("Content-Type", "application/x-ndjson")
	}
	if json.NewEncoder(l.w).Encode(v) == nil {
		_ = http.NewResponseController(l.w).Flush() // the client is gone: the work continues
	}
}
