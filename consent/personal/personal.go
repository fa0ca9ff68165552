// Package personal finds personal data and takes it out of events: data that is recognised by its look (Scrubbing), the fields
// that a profile forbids (Redact), and every copy of a value that must not be kept, however it is written (Clean, Redact).
//
// It knows no consent and no configuration: callers say what has to go. Redact and Clean never change memory that events share.
// It does no I/O, and takes time in proportion to the texts it reads, whatever they hold.
package personal

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"headgate/event"
)

// Redactor is what Redact and Clean need to know besides the event.
type Redactor struct {
	// Key is the secret that rotating ids are made with. Without one they are left out.
	Key []byte
	// Blocks are the params in which sources keep what is their protocol's own. Redact takes them out, since they mirror the
	// event under other names.
	Blocks []event.Block
	// Profiles say what Redact takes out, by their names.
	Profiles map[string]*Profile
}

// Profile returns the profile of a name; of one that is unknown, the built-in aggregate.
func (w Redactor) Profile(name string) *Profile {
	if how := w.Profiles[name]; how != nil {
		return how
	}
	return w.Profiles["aggregate"]
}

func (w Redactor) isBlock(param string) bool {
	for i := range w.Blocks {
		if w.Blocks[i].Param == param {
			return true
		}
	}
	return false
}

// rotated makes an id that changes each day and is different on each site. The key is not stored with the event. The id
// has 32 bits, so that two visitors may share one, as the French regulator asks for.
func (w Redactor) rotated(e *event.Event, id string) string {
	if id == "" || len(w.Key) == 0 {
		return ""
	}
	when := e.Received
	if when.IsZero() {
		when = e.Time
	}
	day := hmac.New(sha256.New, w.Key)
	day.Write([]byte(when.UTC().Format(time.DateOnly) + "\x00" + e.Site))
	mac := hmac.New(sha256.New, day.Sum(nil))
	mac.Write([]byte(id))
	return hex.EncodeToString(mac.Sum(nil)[:4])
}

// disguised replaces the id of an event that contains what is taken out. The same id becomes the same again, so that
// an event that is sent twice is recognised.
func (w Redactor) disguised(id string) string {
	mac := hmac.New(sha256.New, w.Key)
	mac.Write([]byte(id))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}
