package person

import (
	"testing"

	"headgate/event"
)

func TestWhoAVisitorIsIsReadFromTraits(t *testing.T) {
	trait := func(pairs ...string) (m event.Map) {
		for i := 0; i < len(pairs); i += 2 {
			m.Add(pairs[i], event.String(pairs[i+1]))
		}
		return m
	}
	for _, c := range []struct {
		user event.User
		want event.User
	}{
		{event.User{Traits: trait("name", "Anna Schmidt")}, event.User{FirstName: "Anna", LastName: "Schmidt"}},
		{event.User{Traits: trait("Full Name", "Anna Maria Schmidt")}, event.User{FirstName: "Anna Maria", LastName: "Schmidt"}},
		{event.User{Traits: trait("displayName", "Vincent van der Berg")}, event.User{FirstName: "Vincent", LastName: "van der Berg"}},
		{event.User{Traits: trait("name", "Schmidt, Anna")}, event.User{FirstName: "Anna", LastName: "Schmidt"}},
		{event.User{Traits: trait("name", "Anna")}, event.User{FirstName: "Anna"}},
		{event.User{Traits: trait("name", "anna@mark.example")}, event.User{}},
		{event.User{LastName: "Meier", Traits: trait("name", "Anna Schmidt")}, event.User{LastName: "Meier"}},
		{event.User{Traits: trait("name", "Anna Schmidt", "first-name", "Änne", "Nachname", "Schmitt")}, event.User{FirstName: "Änne", LastName: "Schmitt"}},
		{event.User{Email: "a@b.example", Traits: trait("emailAddress", "c@d.example", "phoneNumber", "+49151", "birthday", "1990-05-17")},
			event.User{Email: "a@b.example", Phone: "+49151", BirthDate: "1990-05-17"}},
		{event.User{Traits: trait("plan", "gold", "username", "anna_s")}, event.User{}},
	} {
		got, traits := c.user, len(c.user.Traits)
		Describe(&got)
		if len(got.Traits) != traits {
			t.Errorf("of %v: a trait is lost", c.user.Traits)
		}
		got.Traits = nil
		if got.FirstName != c.want.FirstName || got.LastName != c.want.LastName || got.Email != c.want.Email || got.Phone != c.want.Phone || got.BirthDate != c.want.BirthDate {
			t.Errorf("of %v: %+v, want %+v", c.user.Traits, got, c.want)
		}
	}
}
