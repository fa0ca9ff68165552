package wording

import (
	"cmp"
	"strings"
	"time"

	"headgate/event"
)

// asideWords are what the words of a kind are, or begin with.
var asideWords = [...]string{
	event.AsideUnreadable: "unreadable: ",
	event.AsideExpired:    "older than ",
	event.AsideFuture:     "dated in the future: ",
	event.AsideUnlisted:   "not listed for this site",
	event.AsideNotBinding: "recorded only: DNT binds nobody",
	event.AsideReplaced:   "a newer cookie of that name came with it",
	event.AsideNotHonored: "not honored in ",
	event.AsideForeign:    "sent by a page of another site",
	event.AsideNotTCF:     "gdpr=0: TCF does not apply",
	event.AsideSilent:     "says nothing by itself: ",
}

// ReadAside returns the code of the words that an older version kept.
func ReadAside(words string) event.Aside {
	if words == "" {
		return event.Aside{}
	}
	for kind := event.AsideUnreadable; int(kind) < len(asideWords); kind++ {
		if part, ok := strings.CutPrefix(words, asideWords[kind]); ok {
			return event.Aside{Kind: kind, Part: part}
		}
	}
	return event.Aside{Kind: event.AsideInWords, Part: words}
}

// Aside says in words why a signal was not used, or only what it refuses was; "" when all of it was.
func Aside(r *event.Record, s *event.Signal) string {
	part := s.Aside.Part
	switch s.Aside.Kind {
	case event.NotAside, event.AsideInWords:
		return part
	case event.AsideFuture:
		part = cmp.Or(part, s.When.UTC().Format(time.DateOnly))
	case event.AsideNotHonored:
		part = cmp.Or(part, where(r))
	}
	return asideWords[s.Aside.Kind] + part
}
