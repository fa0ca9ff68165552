package consent

import "strings"

// pageFormat is what the page itself states with an event, per purpose. It is a person's answer unless it says
// `basis: default`.
var pageFormat = format{source: familyEvent, family: familyEvent, read: readPage}

// readPage reads one statement; the several of one event become one reading.
func readPage(r *reader, s reading) {
	key, value := s.name, s.value
	if key == "basis" {
		return
	}
	var page *reading
	for i := range r.readings {
		if r.readings[i].source == familyEvent {
			page = &r.readings[i]
		}
	}
	if page == nil {
		s.name, s.value = "consent of the event", ""
		if r.in.value("basis") == byDefault {
			s.presets = ^set(0)
		}
		r.add(s)
		page = &r.readings[len(r.readings)-1]
	}
	if page.value != "" {
		page.value += " "
	}
	page.value += key + "=" + value
	purposes := r.policy.purposesOf(r.policy.maps[familyEvent], key, key)
	if google := r.policy.googlePurpose(key); google != 0 {
		purposes = google
	}
	yes, ok := truth(value)
	switch {
	case purposes == 0:
		page.says = joined(page.says, key+" is no purpose of this site")
	case !ok:
		// A statement that cannot be understood is no grant; whoever wrote it meant to restrict something.
		page.set(purposes, false, key+"="+value, ", which is neither true nor false")
	default:
		page.set(purposes, yes, key+"="+value, "")
	}
}

// truth reads the ways in which people write yes and no.
func truth(s string) (yes, ok bool) {
	switch strings.ToLower(s) {
	case "true", "1", "yes", "y", "granted", "grant", "allow", "allowed", "accepted", "on":
		return true, true
	case "false", "0", "no", "n", "denied", "deny", "disallow", "declined", "rejected", "revoked", "off":
		return false, true
	}
	return false, false
}

func joined(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}
