package functions

import (
	"testing"

	"headgate/event"
)

func TestContactDataAmongParameters(t *testing.T) {
	for _, c := range []struct {
		pair event.Pair
		want bool
	}{
		{event.Pair{Key: "email", Value: event.String("x")}, true},
		{event.Pair{Key: "user.phone_number", Value: event.String("x")}, true},
		{event.Pair{Key: "firstName", Value: event.String("x")}, true},
		{event.Pair{Key: "note", Value: event.String("write to jo@example.com")}, true},
		{event.Pair{Key: "url", Value: event.String("https://shop.example/?e=jo%40example.com")}, true},
		{event.Pair{Key: "deep", Value: event.ObjectOf(event.Map{{Key: "e", Value: event.ListOf(event.String("jo@example.com"))}})}, true},
		{event.Pair{Key: "Nachname", Value: event.String("x")}, true},
		{event.Pair{Key: "display-name", Value: event.String("x")}, true},
		{event.Pair{Key: "customer_name", Value: event.String("x")}, true},
		{event.Pair{Key: "dateOfBirth", Value: event.String("x")}, true},
		{event.Pair{Key: "name", Value: event.String("Stoneware mug")}, false},
		{event.Pair{Key: "email_type", Value: event.String("newsletter")}, false},
		{event.Pair{Key: "handle", Value: event.String("@shop")}, false},
		{event.Pair{Key: "price", Value: event.Float(2)}, false},
	} {
		if got := Personal(c.pair.Key, c.pair.Value); got != c.want {
			t.Errorf("%s: %s is personal: %v, want %v", c.pair.Key, c.pair.Value.Text(), got, c.want)
		}
	}
}
