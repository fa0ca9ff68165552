package subjects

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"headgate/consent/people"
	"headgate/event"
	"headgate/queue"
)

// Person is someone who asks for their data, or not to be tracked.
type Person struct {
	Kind    string `json:"kind"`    // client_id, user_id, email or phone; "" to have it recognised
	ID      string `json:"id"`      // as events have it, or in any usual spelling
	Country string `json:"country"` // two letters: where a phone number without a country's code is dialled
}

// ErrPerson says that it is not clear who a Person is. The rest of its text is the cure.
var ErrPerson = errors.New("it is not clear who this is")

func unclear(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrPerson}, args...)...)
}

// Understood is how a Person was understood.
type Understood struct {
	Kind string `json:"kind"` // client_id, user_id, email or phone
	ID   string `json:"id"`   // as it is looked for
}

// recognised is a Person whose kind is known.
type recognised struct {
	kind     event.IdentifierKind
	id       string           // as it is looked for
	subject  people.Subject   // of the id,
	subjects []people.Subject // and of how vendors' tags hash it
}

func (r *recognised) understood() Understood { return Understood{r.kind.String(), r.id} }

// The forms by which ids are distinguished.
var (
	googleForm = regexp.MustCompile(`^(?:GA\d\.\d+\.)?(\d{1,10}\.\d{9,10})$`)               // a client id of Google's, or its cookie
	uuidForm   = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`) // Segment's anonymousId and others
	ownForm    = regexp.MustCompile(`^1\.\d{9,10}\.(\S+)$`)                                 // our cookie
	phoneForm  = regexp.MustCompile(`^\+?[0-9][0-9 ()/.\-]{5,24}$`)
)

// recognise finds out what kind of id a Person is: as it says, by its form, or by what the log has under that id.
func (r *Rights) recognise(ctx context.Context, p Person) (*recognised, error) {
	id := strings.TrimSpace(p.ID)
	if id == "" {
		return nil, unclear("the id is empty")
	}
	if p.Kind != "" {
		kind, known := event.IdentifierKindOf(p.Kind)
		if !known {
			return nil, unclear("there is no kind %q: it is client_id, user_id, email or phone", p.Kind)
		}
		return recognisedAs(r.store.language(), kind, id, p.Country)
	}
	switch {
	case strings.Contains(id, "@"):
		return recognisedAs(r.store.language(), event.Email, id, "")
	case strings.HasPrefix(id, "+"), p.Country != "" && phoneForm.MatchString(id):
		return recognisedAs(r.store.language(), event.Phone, id, p.Country)
	}
	if _, hashed := people.ParseSubject(strings.ToLower(id)); hashed {
		return nil, unclear("a hash may be of an e-mail address or of a phone number: say which (--as email, --as phone)")
	}
	kinds, err := r.seenAs(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case len(kinds) > 1:
		return nil, unclear("the log has it both as a client id and as a user id: say which (--as client_id, --as user_id)")
	case len(kinds) == 1:
		return recognisedAs(r.store.language(), kinds[0], id, "")
	case googleForm.MatchString(id), uuidForm.MatchString(id), ownForm.MatchString(id):
		return recognisedAs(r.store.language(), event.ClientID, id, "")
	case phoneForm.MatchString(id):
		return nil, unclear("it may be a phone number without its country's code, or an id: write +49…, or say which (--country DE, --as user_id, --as client_id)")
	}
	return nil, unclear("it is no e-mail address, no phone number and no client id of a known form, and no event in the log has it: say what it is (--as client_id, --as user_id)")
}

// recognisedAs reads an id of a kind as events are read.
func recognisedAs(language Language, kind event.IdentifierKind, id, country string) (*recognised, error) {
	r := &recognised{kind: kind, id: id}
	if hash := strings.ToLower(id); kind == event.Email || kind == event.Phone {
		if subject, hashed := people.ParseSubject(hash); hashed {
			r.id, r.subject, r.subjects = hash, subject, []people.Subject{subject}
			return r, nil
		}
	}
	switch kind {
	case event.ClientID:
		if parts := googleForm.FindStringSubmatch(id); parts != nil {
			r.id = parts[1]
		} else if parts := ownForm.FindStringSubmatch(id); parts != nil {
			r.id = parts[1]
		}
		r.subject = people.ClientSubject(r.id)
	case event.UserID:
		r.subject = people.UserSubject(id)
	case event.Email:
		local, domain, _ := strings.Cut(id, "@")
		if local == "" || !strings.Contains(domain, ".") || strings.ContainsAny(domain, "@ ") || strings.ContainsAny(local, " ") {
			return nil, unclear("%q is no e-mail address: check it, or say what else it is (--as client_id, --as user_id)", id)
		}
		r.id = strings.ToLower(id)
		r.subject = people.EmailSubject(id)
		for _, spelling := range language.HashedEmails(r.id) {
			r.subjects = append(r.subjects, people.EmailSubject(spelling))
		}
	case event.Phone:
		r.id = language.InternationalPhone(id, strings.ToUpper(country))
		if r.id == "" {
			return nil, unclear("%q is no phone number, or its country is not known: write +49…, or name the country (--country DE)", id)
		}
		r.subject = people.PhoneSubject(r.id)
		r.subjects = []people.Subject{people.PhoneSubject(r.id[1:])} // some vendors hash it without the plus sign
	}
	r.subjects = append([]people.Subject{r.subject}, r.subjects...)
	return r, nil
}

// seenAs returns as what the log has an id: as a client id, a user id, both or neither.
func (r *Rights) seenAs(ctx context.Context, id string) (kinds []event.IdentifierKind, err error) {
	hasher := &r.store.suppressed.Stops.Hasher
	wanted := map[event.IdentifierHash]event.IdentifierKind{
		hasher.Hash(people.ClientSubject(id)): event.ClientID,
		hasher.Hash(people.UserSubject(id)):   event.UserID,
	}
	err = r.eachIdentified(ctx, func(_ queue.Stored, ids []event.Identifier) bool {
		for _, one := range ids {
			if kind, ok := wanted[one.Hash]; ok {
				kinds = append(kinds, kind)
				delete(wanted, one.Hash)
			}
		}
		return len(wanted) > 0
	})
	return kinds, err
}
