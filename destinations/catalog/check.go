package catalog

import (
	"fmt"
	"slices"
	"strings"

	"headgate/document"
	"headgate/event"
)

var (
	kinds   = []string{"ads", "analytics", "engagement", "warehouse", "generic"}
	formats = []string{"json", "form", "json_lines", "lines", "text"}
)

// check finds what is wrong with a file without compiling its formulas.
func (s *Spec) check() (ms document.Mistakes) {
	if s.Title == "" {
		ms.Add(s.At, "no title", "write title: with the vendor's own name for it")
	}
	switch {
	case s.Kind == "":
		ms.Add(s.At, "no kind", "write kind: with one of "+strings.Join(kinds, ", "))
	case !slices.Contains(kinds, s.Kind):
		ms.Add(s.Place("kind"), fmt.Sprintf("no kind %q of destinations", s.Kind), document.OneOf(s.Kind, kinds))
	}
	ms = append(ms, s.checkConsent()...)
	if s.Duplicates != "" && s.Duplicates != "dropped" && s.Duplicates != "possible" {
		ms.Add(s.Place("duplicates"), fmt.Sprintf("duplicates cannot be %q", s.Duplicates), "write duplicates: dropped, or duplicates: possible")
	}
	for _, field := range s.Plain {
		f, _, ok := event.Lookup("user." + field)
		if !ok || f.Class != event.Contact {
			ms.Add(s.Place("plain"), fmt.Sprintf("plain names %q, which is not a contact field", field), document.Suggestion(field, contactFields()))
		}
	}
	if s.AtOnce < 0 {
		ms.Add(s.Place("at_once"), "at_once is 1 or more", "")
	}
	if len(s.Plain) > 0 && s.PlainReason == "" {
		ms.Add(s.Place("plain"), "contact fields go unhashed without a reason", "write plain_reason: with the vendor's own words about it")
	}
	ms = append(ms, s.checkSettings()...)
	switch {
	case s.Driver == "" && len(s.Send) == 0:
		ms.Add(s.At, "neither send nor driver", "write send: with the request")
	case s.Driver != "" && len(s.Send) > 0:
		ms.Add(s.At, "both send and driver", "leave one of them out")
	}
	if len(s.Events) == 0 {
		ms.Add(s.At, "no events", `write events: with our names and theirs, or events: {"*": "="} for all`)
	}
	for i := range s.Send {
		ms = append(ms, s.Send[i].check()...)
	}
	for i := range s.Flags {
		if at := s.Flags[i].At; at != "" && at != "event" && at != "request" {
			ms.Add(s.Flags[i].When.At, fmt.Sprintf("a flag cannot be set at %q", at), "write at: event, or at: request")
		}
	}
	return ms
}

func (s *Spec) checkConsent() (ms document.Mistakes) {
	switch {
	case !s.Needs.Written:
		fact := "no consent needs"
		if s.Extends != "" {
			fact += " (they are never inherited from " + s.Extends + ")"
		}
		ms.Add(s.At, fact, "write needs: with the purposes that must be granted, or needs: none with a reason:")
	case s.Needs.None && len(s.AnyOf) == 0 && s.Reason == "":
		ms.Add(s.Needs.At, "needs: none without a reason", "write reason: why no consent is needed")
	}
	if !s.Refused.Written {
		ms.Add(s.At, "refused is missing", "write refused: drop, or refused: {redact: cookieless}")
	}
	return ms
}

func (s *Spec) checkSettings() (ms document.Mistakes) {
	for i := range s.Settings {
		one, at := &s.Settings[i], s.Settings[i].At
		ms = append(ms, one.Value.check(one.Key, at)...)
		if one.Value.Type == "formula" && s.Driver == "" {
			ms.Add(at, fmt.Sprintf("setting %s is a formula, which only a driver runs", one.Key), "write type: text, and the formula below send:")
		}
		if other := one.Value.Unless; other != "" && !slices.Contains(s.Settings.Keys(), other) {
			ms.Add(at, fmt.Sprintf("unless names %q, which is not a setting", other), document.Suggestion(other, s.Settings.Keys()))
		}
	}
	return ms
}

func (s *Send) check() (ms document.Mistakes) {
	if _, node := s.Address(); node == nil {
		ms.Add(s.At, "expected exactly one of get, post, put, patch and delete", "write post: with the address")
	}
	if s.Format != "" && !slices.Contains(formats, s.Format) {
		ms.Add(s.At, fmt.Sprintf("no format %q", s.Format), document.OneOf(s.Format, formats))
	}
	if s.Batch.Events < 0 {
		ms.Add(s.At, "a batch has at least one event", "")
	}
	return ms
}

// contactFields are the names below user that say who someone is.
func contactFields() []string {
	var names []string
	for i := range event.Fields {
		if f := &event.Fields[i]; f.Class == event.Contact {
			names = append(names, strings.TrimPrefix(f.Path, "user."))
		}
	}
	return names
}
