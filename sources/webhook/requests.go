package webhook

import (
	"headgate/document"
	"headgate/event"
	"headgate/rules"
)

// Asked is a kind of delivery that asks for something about a person.
type Asked struct {
	At        document.Place `yaml:"-"`
	Topics    []string       `yaml:"topics" help:"what the delivery is about; any topic when left out" example:"[customers/redact]"`
	Has       []string       `yaml:"has" help:"keys that the body of these topics must have: topics come in headers, which are not signed" example:"[customer]"`
	When      document.Words `yaml:"when" help:"formula: only these" example:"body.customer != nil"`
	Do        string         `yaml:"do,required" choices:"export,suppress,delete" help:"what is asked for. suppress and delete are done before the delivery is answered, as headgate subject does them; export, and what names no person, is written down for people to do" example:"delete"`
	Person    Ids            `yaml:"person" help:"formulas: what the person is known by; whatever is there counts"`
	Reference *document.Node `yaml:"reference" help:"formula: by what the sender knows the request; letters, digits, - and _, never a name or an address" example:"=text(body.data_request.id)"`
}

// Ids are what a person is known by.
type Ids struct {
	Email    *document.Node `yaml:"email" help:"e-mail address" example:"=body.customer.email"`
	Phone    *document.Node `yaml:"phone" help:"phone number" example:"=body.customer.phone"`
	Country  *document.Node `yaml:"country" help:"two letters: where a phone number without a country's code is dialled" example:"=body.country_code"`
	UserID   *document.Node `yaml:"user_id" help:"user.user_id of events" example:"=text(body.customer.id)"`
	ClientID *document.Node `yaml:"client_id" help:"user.client_id of events" example:"=body.client_id"`
}

// asked is an Asked, compiled.
type asked struct {
	about
	when      *rules.Formula
	do        event.Ask
	reference *rules.Template
	country   *rules.Template
	ids       []askedID
}

type askedID struct {
	kind event.IdentifierKind
	id   *rules.Template
}

func (c *compiler) asked(a *Asked, s rules.Scope) asked {
	out := asked{about: about{a.Topics, a.Has}, when: c.condition(a.When, s), do: event.Ask(a.Do),
		reference: c.template(a.Reference, s), country: c.template(a.Person.Country, s)}
	for _, one := range []struct {
		kind event.IdentifierKind
		node *document.Node
	}{{event.Email, a.Person.Email}, {event.Phone, a.Person.Phone}, {event.UserID, a.Person.UserID}, {event.ClientID, a.Person.ClientID}} {
		if one.node != nil {
			out.ids = append(out.ids, askedID{one.kind, c.template(one.node, s)})
		}
	}
	return out
}

// make makes the request of a delivery.
func (a *asked) make(f *frame) event.PrivacyRequest {
	r := event.PrivacyRequest{Do: a.do, Reference: reference(f.text(a.reference))}
	country := f.text(a.country)
	for _, one := range a.ids {
		if id := f.text(one.id); id != "" {
			named := event.Named{Kind: one.kind, ID: id}
			if one.kind == event.Phone {
				named.Country = country
			}
			r.Person = append(r.Person, named)
		}
	}
	return r
}

// reference is a text if it looks like a number of the sender's own, and not like what could tell who a person is.
func reference(text string) string {
	const longest = 64
	for _, c := range text {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
		default:
			return ""
		}
	}
	if len(text) > longest {
		return ""
	}
	return text
}
