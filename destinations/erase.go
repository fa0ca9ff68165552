package destinations

import "context"

// Person names somebody as events do.
type Person struct {
	Field   string   // user.client_id, user.user_id or user.email
	Values  []string // the texts that may stand there: an e-mail address may stand there as its hash
	AnyCase bool     // they are in lower case, and may stand there in any
}

// Erased is what became of what a destination has written about somebody.
type Erased struct {
	Removed int64    // rows that were removed
	Remains []string // where there is still something: a person has to act
	Advice  string   // what that person can do
}

// Eraser is a Driver that can remove what it has written about somebody, or at least say where it is.
type Eraser interface {
	Erase(ctx context.Context, p Person) (Erased, error)
}

// Erase removes what can be removed of what was sent about somebody. What vendors were sent over HTTP is theirs: they have no
// deletion by event, so the advice is to ask them.
func (d *Destination) Erase(ctx context.Context, p Person) (Erased, error) {
	if eraser, can := d.driver.(Eraser); can {
		return eraser.Erase(ctx, p)
	}
	return Erased{Advice: "what was delivered before is the vendor's: " + d.spec.Title + " has no deletion by event; ask them to delete the person"}, nil
}
