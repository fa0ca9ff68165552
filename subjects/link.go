package subjects

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"headgate/consent/people"
	"headgate/event"
)

// errLink says that a signed link opens nothing.
var errLink = errors.New("this link is not valid, or not any more: ask for a new one")

// link is the query of a signed link by which a subject may choose until that time. It holds a hash and no id in clear.
func (s *Store) link(of *recognised, until time.Time) string {
	id, kind, end := of.subject.String(), of.kind.String(), strconv.FormatInt(until.Unix(), 10)
	q := url.Values{"id": {id}, "kind": {kind}, "until": {end}, "sig": {s.signature(id, kind, end)}}
	return q.Encode()
}

func (s *Store) signature(id, kind, until string) string {
	mac := hmac.New(sha256.New, s.suppressed.Stops.Hasher.Key)
	fmt.Fprintf(mac, "consent link\n%s\n%s\n%s", kind, id, until)
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// Opened returns whom a signed link was made for, from the members of its query. The error says that it is not valid.
func (s *Store) Opened(id, kind, until, sig string, now time.Time) (people.Chooser, error) {
	k, known := event.IdentifierKindOf(kind)
	subject, hashed := people.ParseSubject(id)
	end, err := strconv.ParseInt(until, 10, 64)
	right := hmac.Equal([]byte(sig), []byte(s.signature(id, kind, until)))
	if !known || !hashed || err != nil || !right || now.Unix() > end {
		return people.Chooser{}, errLink
	}
	return people.SubjectChooser(k, subject), nil
}
