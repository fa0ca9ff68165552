package event

import (
	"cmp"
	"strings"
	"time"
)

// Aside is why a signal was not used, or only what it refuses was. Record.AsideOf puts it into words.
type Aside struct {
	Kind AsideKind
	Part string // what the words of the kind end with
}

// AsideKind says why.
type AsideKind uint8

// The kinds. They are part of the layout of the log, so new ones go to the end.
const (
	NotAside        AsideKind = iota // all of it was used
	AsideInWords                     // no code: Part says it all
	AsideUnreadable                  // Part says what is wrong with it
	AsideExpired                     // Part is how old an answer may be
	AsideFuture                      // the signal's date is in the future
	AsideUnlisted                    // the configuration's sources do not have it
	AsideNotBinding                  // Do Not Track
	AsideReplaced                    // a newer cookie of that name came too
	AsideNotHonored                  // an opt-out that the region's rule does not honour
	AsideForeign                     // a page of another site sent it
	AsideNotTCF                      // a TC string to which TCF does not apply
	AsideSilent                      // it says nothing by itself; Part says why
)

// asideWords are what the words of a kind are, or begin with.
var asideWords = [...]string{
	AsideUnreadable: "unreadable: ",
	AsideExpired:    "older than ",
	AsideFuture:     "dated in the future: ",
	AsideUnlisted:   "not listed for this site",
	AsideNotBinding: "recorded only: DNT binds nobody",
	AsideReplaced:   "a newer cookie of that name came with it",
	AsideNotHonored: "not honored in ",
	AsideForeign:    "sent by a page of another site",
	AsideNotTCF:     "gdpr=0: TCF does not apply",
	AsideSilent:     "says nothing by itself: ",
}

// ReadAside returns the code of the words that an older version kept.
func ReadAside(words string) Aside {
	if words == "" {
		return Aside{}
	}
	for kind := AsideUnreadable; int(kind) < len(asideWords); kind++ {
		if part, ok := strings.CutPrefix(words, asideWords[kind]); ok {
			return Aside{kind, part}
		}
	}
	return Aside{AsideInWords, words}
}

// AsideOf says in words why a signal was not used, or only what it refuses was; "" when all of it was.
func (r *Record) AsideOf(s *Signal) string {
	part := s.Aside.Part
	switch s.Aside.Kind {
	case NotAside, AsideInWords:
		return part
	case AsideFuture:
		part = cmp.Or(part, s.When.UTC().Format(time.DateOnly))
	case AsideNotHonored:
		part = cmp.Or(part, r.where())
	}
	return asideWords[s.Aside.Kind] + part
}

// setAside returns the first signal that is aside for that reason, nil when there is none.
func (r *Record) setAside(kind AsideKind) *Signal {
	for i := range r.Signals {
		if r.Signals[i].Aside.Kind == kind {
			return &r.Signals[i]
		}
	}
	return nil
}
