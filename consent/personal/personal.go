// Package personal finds personal data and takes it out of events: data that is recognised by its look (Scrubbing), the fields
// that a profile forbids (Redact), and every copy of a value that must not be kept, however it is written (Clean, Redact).
//
// It knows no consent and no configuration: callers say what has to go. It never changes memory that events share, does no
// I/O, and takes time in proportion to the texts it reads, whatever they hold.
package personal

import "headgate/event"

// Redactor is what Redact and Clean need to know beside the event.
type Redactor struct {
	// Key is the secret that rotating ids are made with. Without one they are left out.
	Key []byte
	// Blocks are the params in which sources keep what is their protocol's own. Redact takes them out, since they mirror the
	// event under other names.
	Blocks []event.Block
}

func (r Redactor) isBlock(param string) bool {
	for i := range r.Blocks {
		if r.Blocks[i].Param == param {
			return true
		}
	}
	return false
}
