// Package person finds in what a site says of a person, under names of its own, what the vocabulary has fields for.
package person

import (
	"strings"

	"headgate/event"
	"headgate/event/keys"
)

// personFields are the fields of a user that sites fill by other names among the traits, by the names without separators and
// in small letters.
var personFields = map[string]func(*event.User) *string{
	"email": emailOf, "emailaddress": emailOf, "mail": emailOf,
	"phone": phoneOf, "phonenumber": phoneOf, "mobile": phoneOf, "mobilephone": phoneOf, "telephone": phoneOf, "telefon": phoneOf,
	"firstname": firstOf, "givenname": firstOf, "vorname": firstOf,
	"lastname": lastOf, "familyname": lastOf, "surname": lastOf, "nachname": lastOf,
	"birthday": birthOf, "birthdate": birthOf, "dateofbirth": birthOf, "geburtsdatum": birthOf,
}

func emailOf(u *event.User) *string { return &u.Email }
func phoneOf(u *event.User) *string { return &u.Phone }
func firstOf(u *event.User) *string { return &u.FirstName }
func lastOf(u *event.User) *string  { return &u.LastName }
func birthOf(u *event.User) *string { return &u.BirthDate }

// Describe fills what an event leaves empty of who the visitor is from the traits, in which a site says it by names of
// its own. A full name is split where neither of its parts is said. The traits stay as they are.
func Describe(u *event.User) {
	full := ""
	for _, p := range u.Traits {
		var room [24]byte
		name, ok := keys.Squash(room[:0], p.Key)
		if !ok || p.Value.Kind() != event.Text {
			continue
		}
		if field := personFields[string(name)]; field != nil {
			if at := field(u); *at == "" {
				*at = strings.TrimSpace(p.Value.Text())
			}
			continue
		}
		switch string(name) {
		case "name", "fullname", "displayname":
			full = p.Value.Text()
		}
	}
	if full != "" && u.FirstName == "" && u.LastName == "" {
		u.FirstName, u.LastName = splitName(full)
	}
}

// particles begin a family name of several words.
var particles = map[string]bool{"van": true, "von": true, "vom": true, "zu": true, "zur": true, "de": true, "del": true, "della": true, "der": true,
	"den": true, "di": true, "da": true, "dos": true, "du": true, "la": true, "le": true, "ter": true, "ten": true, "al": true, "el": true, "bin": true, "ben": true}

// splitName splits a full name before its last word and the particles that belong to that, or at the comma of "Last, First".
// One word is a first name; what has an @ or a digit is no name.
func splitName(full string) (first, last string) {
	if strings.ContainsAny(full, "@0123456789") {
		return "", ""
	}
	if last, first, ok := strings.Cut(full, ","); ok {
		return strings.TrimSpace(first), strings.TrimSpace(last)
	}
	words := strings.Fields(full)
	if len(words) < 2 {
		return strings.Join(words, ""), ""
	}
	at := len(words) - 1
	for at > 1 && particles[strings.ToLower(words[at-1])] {
		at--
	}
	return strings.Join(words[:at], " "), strings.Join(words[at:], " ")
}
