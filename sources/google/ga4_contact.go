package google

import (
	"encoding/base64"
	"encoding/hex"
	"strings"

	"headgate/event"
)

// contact reads what a tag tells a site's own server about the person (ep.user_data.*), in clear or hashed. What has no field of its own,
// such as a second address, goes to the traits: they are guarded like the fields.
func (p *ga4Params) contact(wire, bare, value string) {
	name := strings.TrimPrefix(bare, "user_data.")
	if strings.HasPrefix(name, "_") {
		p.keep(wire, event.String(value)) // _tag_mode: how the tag came by it
		return
	}
	if field := contactField(&p.e.User, name); field != nil {
		*field = value
		return
	}
	p.e.User.Traits.Set(bare, event.String(value))
}

// contactField finds the field that a name of Google's user_data stands for: email_address, sha256_phone_number,
// address.0.first_name; nil when there is none.
func contactField(u *event.User, name string) *string {
	name = strings.TrimSuffix(name, ".0")
	for _, first := range [...]string{"address.0.", "address."} {
		if rest, ok := strings.CutPrefix(name, first); ok {
			return addressField(u, strings.TrimPrefix(rest, "sha256_"))
		}
	}
	switch strings.TrimPrefix(name, "sha256_") {
	case "email", "email_address":
		return &u.Email
	case "phone", "phone_number":
		return &u.Phone
	}
	return nil
}

func addressField(u *event.User, name string) *string {
	switch name {
	case "first_name":
		return &u.FirstName
	case "last_name":
		return &u.LastName
	case "street":
		return &u.Street
	case "city":
		return &u.City
	case "region":
		return &u.Region
	case "postal_code":
		return &u.PostalCode
	case "country":
		return &u.Country
	}
	return nil
}

// hashedContact reads the form that gtag sends to Google itself: tv.1~em.<hash>~fn0.<hash>~ct0.berlin. It fills only what
// was not said in clear; what it does not know is kept as it is among the traits.
func (p *ga4Params) hashedContact(text string) {
	var unknown []string
	for part := range strings.SplitSeq(text, "~") {
		code, value, _ := strings.Cut(part, ".")
		field, hashed := hashedField(&p.e.User, code)
		switch {
		case code == "tv" || value == "" && field != nil:
			continue // the version, or nothing said
		case field == nil:
			unknown = append(unknown, part)
		case *field != "":
			continue
		case hashed:
			*field = hexHash(value)
		default:
			*field = value
		}
	}
	if unknown != nil {
		p.e.User.Traits.Set("em", event.String(strings.Join(unknown, "~")))
	}
}

// hashedField finds the field that a code stands for and whether its values are hashed. Codes of an address carry its
// index; only the first address has fields.
func hashedField(u *event.User, code string) (field *string, hashed bool) {
	switch strings.TrimSuffix(code, "0") {
	case "em":
		return &u.Email, true
	case "pn":
		return &u.Phone, true
	case "fn":
		return &u.FirstName, true
	case "ln":
		return &u.LastName, true
	case "sa":
		return &u.Street, true
	case "ct":
		return &u.City, false
	case "rg":
		return &u.Region, false
	case "pc":
		return &u.PostalCode, false
	case "co":
		return &u.Country, false
	}
	return nil, false
}

// hexHash turns the base64url of a SHA-256 into the hexadecimal form that the rest of the world uses; everything else stays.
func hexHash(value string) string {
	sum, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(value, "="))
	if err != nil || len(sum) != 32 {
		return value
	}
	return hex.EncodeToString(sum)
}
