package destinations

import "context"

// Person identifies someone by a field of events.
type Person struct {
	Field   string   // user.client_id, user.user_id or user.email
	Values  []string // the texts to look for: an e-mail address may be stored as its hash
	AnyCase bool     // Values are in lower case; the stored text may be in any
}

// Erased is the outcome of erasing a person at a destination.
type Erased struct {
	Removed int64    // rows that were removed
	Remains []string // where data remains: a person has to act
	Advice  string   // what that person can do
}

// Eraser is a Driver that can remove what it has written about someone, or at least say where it is.
type Eraser interface {
	Erase(ctx context.Context, p Person) (Erased, error)
}

// Erase removes what can be removed of what was sent about someone. Vendors reached over HTTP have no
// deletion by event, so the advice is to ask them.
func (d *Destination) Erase(ctx context.Context, p Person) (Erased, error) {
	if eraser, can := d.driver.(Eraser); can {
		return eraser.Erase(ctx, p)
	}
	return Erased{Advice: "what was delivered before is the vendor's: " + d.spec.Title + " has no deletion by event; ask them to delete the person"}, nil
}
