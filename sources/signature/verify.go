package signature

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"headgate/event"
)

// Why a delivery is not genuine. None of them tells a forger what a right signature would have been.
var (
	ErrAbsent  = errors.New("the delivery carries no signature")
	ErrForged  = errors.New("the signature is not that of this body and a known secret")
	ErrUndated = errors.New("the signature has no time of sending")
	ErrTooOld  = errors.New("the delivery was sent too long ago")
	ErrTooNew  = errors.New("the delivery was sent in the future: the clock of the sender or of this machine is wrong")
	ErrID      = errors.New("the delivery's id is missing or cannot be one")
)

// Proof is what a genuine delivery proved.
type Proof struct {
	// Mark is the same whenever the delivery is sent again: its id where that is signed, else all that was signed.
	Mark []byte
	// Key is which of the keys it was signed with, from 0.
	Key int
}

// Verify checks a hit by the schemes whose headers it has: one that holds is enough, as senders sign in several ways while they
// change from one to another. keys has the keys of each scheme. The error is one of this package's.
func (s Schemes) Verify(h *event.Hit, keys [][]Key) (Proof, error) {
	failure := ErrAbsent
	for i := range s {
		if h.Headers.Get(strings.ToLower(s[i].Header)) == "" {
			continue
		}
		proof, err := s[i].verify(h, keys[i])
		if err == nil {
			return proof, nil
		}
		if errors.Is(failure, ErrAbsent) {
			failure = err
		}
	}
	return Proof{}, failure
}

// verify checks a hit by one scheme: the signature first, so that nobody without a secret learns anything of the rest.
func (s *Scheme) verify(h *event.Hit, keys []Key) (Proof, error) {
	found, err := s.read(h)
	if err != nil {
		return Proof{}, err
	}
	signed := s.signed(h, &found)
	key, genuine := s.match(signed, found.signatures, keys)
	if !genuine {
		return Proof{}, ErrForged
	}
	if s.Timestamp != "" {
		if err := s.checkTime(found.timestamp, h.Received); err != nil {
			return Proof{}, err
		}
	}
	if s.ID == "" {
		return Proof{Mark: signed, Key: key}, nil
	}
	// A dot in an id could make one signed text of two ids, times and bodies.
	if found.id == "" || len(found.id) > longestID || strings.Contains(found.id, ".") {
		return Proof{}, ErrID
	}
	return Proof{Mark: []byte(found.id), Key: key}, nil
}

// longestID is how many bytes a delivery's id may have.
const longestID = 256

// found is what a delivery's headers say of its signature.
type found struct {
	signatures    [][]byte
	timestamp, id string
}

// mostSignatures bounds the work: nobody rotates more secrets at once.
const mostSignatures = 8

// read takes the headers apart. Two headers of one name are a forgery: which of them counts would depend on the reader.
func (s *Scheme) read(h *event.Hit) (f found, err error) {
	value, ok := only(h.Headers, s.Header)
	if !ok {
		return f, ErrForged
	}
	var said []string
	if s.Field != "" {
		said, f.timestamp, err = s.pairs(value)
	} else {
		said = []string{value}
		if s.Separator != "" {
			said = strings.SplitN(value, s.Separator, 4*mostSignatures)
		}
		if s.Timestamp != "" {
			if f.timestamp, ok = only(h.Headers, s.Timestamp); !ok {
				err = ErrUndated
			}
		}
	}
	if err != nil {
		return f, err
	}
	if s.ID != "" {
		if f.id, ok = only(h.Headers, s.ID); !ok {
			return f, ErrID
		}
	}
	prefixed := false
	for _, one := range said {
		text, ok := strings.CutPrefix(strings.TrimSpace(one), s.Prefix)
		if !ok || text == "" {
			continue
		}
		prefixed = true
		if signature, ok := s.decode(text); ok && len(f.signatures) < mostSignatures {
			f.signatures = append(f.signatures, signature)
		}
	}
	if !prefixed {
		return f, ErrAbsent
	}
	return f, nil
}

// pairs reads a header such as t=1,v1=abc.
func (s *Scheme) pairs(value string) (signatures []string, timestamp string, err error) {
	times := 0
	for _, pair := range strings.SplitN(value, s.Separator, 4*mostSignatures) {
		name, text, _ := strings.Cut(strings.TrimSpace(pair), "=")
		switch name {
		case s.Field:
			signatures = append(signatures, text)
		case s.Timestamp:
			timestamp = text
			times++
		}
	}
	switch {
	case len(signatures) == 0:
		return nil, "", ErrAbsent
	case s.Timestamp != "" && times != 1:
		return nil, "", ErrUndated
	}
	return signatures, timestamp, nil
}

// only returns the value of a header that is there once.
func only(hs event.Headers, name string) (value string, ok bool) {
	name = strings.ToLower(name)
	for i := range hs {
		if hs[i].Name != name {
			continue
		}
		if ok {
			return "", false
		}
		value, ok = hs[i].Value, true
	}
	return value, ok
}

// signed is the text that was signed.
func (s *Scheme) signed(h *event.Hit, f *found) []byte {
	parts, _ := s.parts() // checked when the scheme was read
	b := make([]byte, 0, len(h.Body)+128)
	for _, p := range parts {
		switch p.hole {
		case "body":
			b = append(b, h.Body...)
		case "timestamp":
			b = append(b, f.timestamp...)
		case "id":
			b = append(b, f.id...)
		case "method":
			b = append(b, h.Method...)
		case "url":
			b = append(b, s.URL...)
		case "path":
			b = append(b, h.Path...)
		default:
			b = append(b, p.text...)
		}
	}
	return b
}

// match finds the key that one of the signatures was made with. All keys are always tried.
func (s *Scheme) match(signed []byte, signatures [][]byte, keys []Key) (key int, genuine bool) {
	for i := range keys {
		if keys[i].made(s, signed, signatures) {
			key, genuine = i, true
		}
	}
	return key, genuine
}

// checkTime compares the time of sending with the time of arrival, to the second in which the sender states it.
func (s *Scheme) checkTime(text string, received time.Time) error {
	var sent time.Time
	if s.Unit == "rfc3339" {
		t, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			return ErrUndated
		}
		sent = t
	} else {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 {
			return ErrUndated
		}
		if sent = time.Unix(n, 0); s.Unit == "ms" {
			sent = time.UnixMilli(n)
		}
	}
	age, window := received.Truncate(time.Second).Sub(sent.Truncate(time.Second)), s.Window.Std()
	switch {
	case age > window:
		return ErrTooOld
	case age < -window:
		return ErrTooNew
	}
	return nil
}
