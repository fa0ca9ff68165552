// Package exchange reads requests of the API and writes answers to them: JSON, JSON line by line, and why there is none.
//
// It promises that what a person mistyped is refused: an unknown key, an unknown parameter, a body that is too long. It knows nothing
// of what is asked.
package exchange

import (
	"encoding/json"
	"net/http"

	"headgate/document"
)

// Answer writes v as JSON. <, > and & stay as they are: this is read by people, and never as HTML.
func Answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // the client is gone
}

// Refusal is why there is no answer.
type Refusal struct {
	Error    string    `json:"error"`
	Mistakes []Mistake `json:"mistakes,omitempty"`
}

// Mistake is a document.Mistake.
type Mistake struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Fact   string `json:"fact"`
	Cure   string `json:"cure,omitempty"`
}

// Refuse answers with why there is no answer.
func Refuse(w http.ResponseWriter, status int, why string) { Answer(w, status, Refusal{Error: why}) }

// MistakesOf are mistakes as they are answered.
func MistakesOf(ms document.Mistakes) []Mistake {
	out := make([]Mistake, len(ms))
	for i, m := range ms {
		out[i] = Mistake{m.At.File, m.At.Line, m.At.Column, m.Fact, m.Cure}
	}
	return out
}
