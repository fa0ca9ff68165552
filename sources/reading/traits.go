package reading

import "headgate/event"

// SetTrait sets what a client says of a person under the names of Segment's specification; what the vocabulary has no field for
// becomes a trait.
func SetTrait(u *event.User, key string, v event.Value) {
	field := traitField(u, key)
	if key == "address" && v.Kind() == event.Object {
		var left event.Map
		for _, p := range v.Object() {
			if field := addressTrait(u, p.Key); field != nil && p.Value.Text() != "" {
				*field = p.Value.Text()
				continue
			}
			left.Add(p.Key, p.Value)
		}
		if len(left) > 0 {
			u.Traits.Set(key, event.ObjectOf(left))
		}
		return
	}
	if field != nil && v.Text() != "" {
		*field = v.Text()
		return
	}
	u.Traits.Set(key, v)
}

func traitField(u *event.User, key string) *string {
	switch key {
	case "email":
		return &u.Email
	case "phone":
		return &u.Phone
	case "firstName", "first_name":
		return &u.FirstName
	case "lastName", "last_name":
		return &u.LastName
	case "birthday":
		return &u.BirthDate
	case "gender":
		return &u.Gender
	}
	return nil
}

func addressTrait(u *event.User, key string) *string {
	switch key {
	case "street":
		return &u.Street
	case "city":
		return &u.City
	case "state":
		return &u.Region
	case "postalCode", "postal_code":
		return &u.PostalCode
	case "country":
		return &u.Country
	}
	return nil
}
