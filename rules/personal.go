package rules

import (
	"regexp"
	"slices"
	"strings"

	"headgate/event"
)

// personalKeys are names of contact data, in small letters and without _ - . and blanks.
var personalKeys = map[string]bool{
	"email": true, "emailaddress": true, "mail": true, "mailaddress": true,
	"phone": true, "phonenumber": true, "telephone": true, "telephonenumber": true, "tel": true, "mobile": true, "mobilenumber": true,
	"firstname": true, "lastname": true, "givenname": true, "familyname": true, "fullname": true, "surname": true,
	"street": true, "streetaddress": true, "address": true, "address1": true, "address2": true, "addressline1": true, "addressline2": true,
	"postalcode": true, "postcode": true, "zip": true, "zipcode": true,
	"birthdate": true, "birthday": true, "dateofbirth": true, "dob": true,
	"ssn": true, "iban": true, "password": true, "passwd": true,
}

var emailWithin = regexp.MustCompile(`[A-Za-z0-9._%+-]+(@|%40)[A-Za-z0-9-]+\.[A-Za-z]{2,}`)

// Personal reports whether a key that a site sent beside the vocabulary looks like contact data: by its name, or since its
// text holds an e-mail address.
func Personal(key string, v event.Value) bool {
	if personalName(key) {
		return true
	}
	switch v.Kind() {
	case event.Text:
		s := v.Text()
		return (strings.Contains(s, "@") || strings.Contains(s, "%40")) && emailWithin.MatchString(s)
	case event.List:
		return slices.ContainsFunc(v.List(), func(v event.Value) bool { return Personal("", v) })
	case event.Object:
		return slices.ContainsFunc(v.Object(), func(p event.Pair) bool { return Personal(p.Key, p.Value) })
	}
	return false
}

func personalName(key string) bool {
	var room [24]byte // longer than any of them
	folded := room[:0]
	for i := range len(key) {
		c := key[i]
		switch {
		case c == '_' || c == '-' || c == '.' || c == ' ':
			continue
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		}
		if len(folded) == len(room) {
			return false
		}
		folded = append(folded, c)
	}
	return personalKeys[string(folded)] || len(folded) > 4 && string(folded[:4]) == "user" && personalKeys[string(folded[4:])]
}
