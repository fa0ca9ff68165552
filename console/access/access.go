// Package access decides who may ask what of the admin side: people who sign in with a token or by an OpenID provider, and
// programs that bear a token. It keeps their sessions, locks out who guesses, gives viewers the part of an answer that is about
// nobody, and notes every change and every look at a person in the audit list.
//
// It promises that what no route declares is an administrator's alone, that a change or a look that cannot be noted is not
// answered, and that no token, cookie or secret is kept in clear, logged or noted. It never decides about events.
package access

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/netip"

	"headgate/config"
)

// Right is something that a person may do; several are one value.
type Right uint8

// The rights.
const (
	Look       Right = 1 << iota // counts, states and reasons
	Persons                      // what is known about single visitors
	Configure                    // read and change the configuration
	Operate                      // pause, retry, replay, and act on people's requests
	Administer                   // see who did what
)

// rightNames are the names of the rights, by the place of their bit.
var rightNames = [...]string{"look", "persons", "configure", "operate", "administer"}

// rightsOf returns what someone with those roles may do. A role that is unknown gives nothing.
func rightsOf(roles []string) (all Right) {
	for _, role := range roles {
		switch role {
		case "viewer":
			all |= Look
		case "analyst":
			all |= Look | Persons
		case "editor":
			all |= Look | Persons | Configure
		case "operator":
			all |= Look | Persons | Operate
		case "admin":
			all |= Look | Persons | Configure | Operate | Administer
		}
	}
	return all
}

// Has reports whether all of needed are among the rights.
func (r Right) Has(needed Right) bool { return r&needed == needed }

// Names lists the rights.
func (r Right) Names() (names []string) {
	for i, name := range rightNames {
		if r&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// Settings are what access needs to know of the running process. Its methods may be called from many goroutines at once.
type Settings interface {
	// Admin returns who may sign in by the configuration in force.
	Admin() *config.Admin
	// Client returns the address of whoever sent a request, behind the proxies that are trusted, and whether it used HTTPS.
	Client(r *http.Request) (address netip.Addr, secure bool)
	// Outgoing reaches some hosts and nothing else.
	Outgoing(hosts []string) http.RoundTripper
}

// Person is who asks.
type Person struct {
	Name   string
	Roles  []string
	Rights Right

	session *session // nil for a program that bears a token
}

// adminToken is what the bearer of the administrator's token is called.
const adminToken = "admin token"

func newPerson(name string, roles []string) *Person {
	return &Person{Name: name, Roles: roles, Rights: rightsOf(roles)}
}

type key int

const (
	personKey key = iota
	noteKey
)

// Of returns who asks, nil for nobody who is known.
func Of(ctx context.Context) *Person {
	p, _ := ctx.Value(personKey).(*Person)
	return p
}

// As returns a context in which p asks.
func As(ctx context.Context, p *Person) context.Context { return context.WithValue(ctx, personKey, p) }

// HashToken is what the configuration keeps of a user's token.
func HashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return "sha256:" + hex.EncodeToString(sum[:])
}
