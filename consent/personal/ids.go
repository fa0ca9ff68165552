package personal

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"headgate/event"
)

// rotated makes an id that is another one each day and on each site, from a key that is kept nowhere near the event. It
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

// disguised makes another id of an event out of one that holds what is taken out: the same for the same id, so that an event
// that comes again is still known.
func (w Redactor) disguised(id string) string {
	mac := hmac.New(sha256.New, w.Key)
	mac.Write([]byte(id))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}
