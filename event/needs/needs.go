// Package needs says what a destination asks of consent before it may have an event. A destination's file and its entry in the
// configuration declare it, consent decides by it; both know it from here, and neither knows the other.
package needs

import (
	"headgate/document"
	"headgate/document/shape"
	"headgate/event"
)

// Need is what a destination asks of consent before it may have an event in full, and what happens without it.
type Need struct {
	At       document.Place
	Purposes []string // all of them must be granted
	AnyOf    []string // and one of these, when there are any
	None     bool     // it needs no consent, for the Reason given
	Reason   string
	Refused  Refusal
	Vendor   Vendor       // what a TC string must allow, when there is one
	Flags    []event.Flag // what the vendor is told where a purpose is not granted
}

// Refusal is what happens to an event whose consent is refused: it is dropped, or redacted by a profile. Written distinguishes a file
// that says so from one that forgot it.
type Refusal struct {
	At      document.Place
	Written bool
	Redact  string // name of the profile; "" drops
}

// DecodeDocument reads the word drop, or redact: and a profile.
func (r *Refusal) DecodeDocument(node *document.Node) (ms document.Mistakes) {
	*r = Refusal{At: node.At, Written: true}
	switch {
	case node.Kind == document.Text && node.Text == "drop":
	case node.Kind == document.Map && len(node.Fields) == 1 && node.Fields[0].Key == "redact" && node.Fields[0].Value.Kind == document.Text:
		r.Redact = node.Fields[0].Value.Text
	default:
		ms.Add(node.At, "expected drop or a redaction", "write refused: drop, or refused: {redact: cookieless}")
	}
	return ms
}

// DocumentShape is drop, or a redaction.
func (Refusal) DocumentShape() *shape.Shape {
	redact := shape.Property{Key: "redact", Required: true, Shape: shape.Text()}
	return shape.AnyOf(shape.Choice("drop"), &shape.Shape{Type: "object", Properties: []shape.Property{redact}})
}
