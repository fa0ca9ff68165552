package catalog

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"headgate/document"
	"headgate/event"
)

// Setting is one thing that a person fills in to use a destination.
type Setting struct {
	At       document.Place           `yaml:"-"`
	Type     string                   `yaml:"type" help:"text, secret, number, bool, choice, list, map, duration, url or formula (of a driver: a text with formulas, run for each event)" example:"text"`
	Required bool                     `yaml:"required" help:"must be filled in"`
	Unless   string                   `yaml:"unless" help:"name of another setting without which this one must be filled in" example:"refresh_token"`
	Pattern  string                   `yaml:"pattern" help:"regular expression that the whole text must match" example:"^[0-9]+$"`
	Choices  []string                 `yaml:"choices" help:"what a choice can be"`
	Min      *float64                 `yaml:"min" help:"smallest number"`
	Max      *float64                 `yaml:"max" help:"largest number"`
	Default  *document.Node           `yaml:"default" help:"taken when it is left out; may be a formula of the settings before it"`
	Help     string                   `yaml:"help" help:"one sentence: what it is and where to find it"`
	Example  *document.Node           `yaml:"example" help:"shown on its page; secrets have none"`
	Ends     document.Ordered[string] `yaml:"ends" help:"value: the day from which the vendor no longer takes it" example:"{\"202511\": \"2026-11-16\"}"`
}

var settingTypes = []string{"text", "secret", "number", "bool", "choice", "list", "map", "duration", "url", "formula"}

// check finds what is wrong with the declaration itself.
func (s *Setting) check(name string, at document.Place) (ms document.Mistakes) {
	if !slices.Contains(settingTypes, s.Type) {
		fact := fmt.Sprintf("setting %s has no type", name)
		if s.Type != "" {
			fact = fmt.Sprintf("no type %q of settings", s.Type)
		}
		ms.Add(at, fact, document.OneOf(s.Type, settingTypes))
	}
	if s.Help == "" {
		ms.Add(at, "setting "+name+" has no help", "write help: with one sentence that says what it is and where to find it")
	}
	if s.Example == nil && s.Default == nil && s.Type != "secret" && s.Type != "bool" {
		ms.Add(at, "setting "+name+" has no example", "write example: with a value that would be right")
	}
	if s.Type == "choice" && len(s.Choices) == 0 {
		ms.Add(at, "setting "+name+" has nothing to choose from", "write choices: [first, second]")
	}
	if _, err := regexp.Compile(s.Pattern); err != nil {
		ms.Add(at, fmt.Sprintf("the pattern of setting %s is not a regular expression: %v", name, err), "")
	}
	for _, end := range s.Ends {
		if _, err := time.Parse(time.DateOnly, end.Value); err != nil {
			ms.Add(end.At, fmt.Sprintf("%q is not a date", end.Value), `write it as "2027-05-31"`)
		}
	}
	return ms
}

// Read turns what a person wrote into a value; the fact says what is wrong with it, "" when nothing is.
func (s *Setting) Read(n *document.Node) (v event.Value, fact, cure string) {
	switch s.Type {
	case "number":
		return s.readNumber(n)
	case "bool":
		if n.Kind != document.Bool && n.Text != "true" && n.Text != "false" {
			return v, "expected true or false", ""
		}
		return event.Boolean(strings.EqualFold(n.Text, "true")), "", ""
	case "list":
		return readList(n)
	case "map":
		if n.Kind != document.Map {
			return v, "expected keys with values", ""
		}
		return ValueOf(n), "", ""
	}
	if n.Kind != document.Text {
		if n.Kind == document.Number || n.Kind == document.Bool {
			return v, "expected text", fmt.Sprintf("write it in quotes: %q", n.Text)
		}
		return v, "expected text", ""
	}
	if fact, cure := s.checkText(n.Text); fact != "" {
		return v, fact, cure
	}
	return event.String(n.Text), "", ""
}

func (s *Setting) readNumber(n *document.Node) (v event.Value, fact, cure string) {
	v, ok := event.NumberText(n.Text)
	f, _ := v.Float()
	switch {
	case !ok || n.Kind == document.List || n.Kind == document.Map:
		return v, "expected a number", ""
	case s.Min != nil && f < *s.Min:
		return v, fmt.Sprintf("%s is less than %s", n.Text, event.Float(*s.Min).Text()), ""
	case s.Max != nil && f > *s.Max:
		return v, fmt.Sprintf("%s is more than %s", n.Text, event.Float(*s.Max).Text()), ""
	}
	return v, "", ""
}

func readList(n *document.Node) (v event.Value, fact, cure string) {
	if n.Kind != document.List {
		return v, "expected a list", "write it as [first, second]"
	}
	return ValueOf(n), "", ""
}

// checkText checks the text of a text, secret, choice, duration or url.
func (s *Setting) checkText(text string) (fact, cure string) {
	shown := strconv.Quote(text)
	if s.Type == "secret" {
		shown = "the secret"
	}
	if text == "" {
		return "", ""
	}
	if s.Pattern != "" {
		if whole, err := regexp.Compile("^(?:" + s.Pattern + ")$"); err == nil && !whole.MatchString(text) {
			cure = ""
			if s.Example != nil {
				cure = "an example is " + strconv.Quote(s.Example.Text)
			}
			return shown + " does not look right: it should match " + s.Pattern, cure
		}
	}
	switch s.Type {
	case "choice":
		if !slices.Contains(s.Choices, text) {
			return "no choice " + shown, document.OneOf(text, s.Choices)
		}
	case "url":
		u, err := url.Parse(text)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return shown + " is not an address", "write it with https:// and a host"
		}
		if u.User != nil {
			return "an address with a user name or password in it", "use the settings for them"
		}
	case "duration":
		var d document.Duration
		if ms := document.Decode(&document.Node{Kind: document.Text, Text: text}, &d); len(ms) > 0 {
			return shown + " is not a duration", "write it as 300ms, 10s, 72h or 7d"
		}
	}
	return "", ""
}

// Ended returns the day since which the vendor no longer accepts a value, "" when it does or that is unknown.
func (s *Setting) Ended(value string, now time.Time) string {
	for _, end := range s.Ends {
		if day, err := time.Parse(time.DateOnly, end.Value); err == nil && end.Key == value && !now.Before(day) {
			return end.Value
		}
	}
	return ""
}

// ValueOf turns plain YAML into a value.
func ValueOf(n *document.Node) event.Value {
	switch n.Kind {
	case document.Bool:
		return event.Boolean(strings.EqualFold(n.Text, "true"))
	case document.Number:
		if v, ok := event.NumberText(n.Text); ok {
			return v
		}
		return event.String(n.Text)
	case document.Text:
		return event.String(n.Text)
	case document.List:
		vs := make([]event.Value, 0, len(n.Items))
		for _, item := range n.Items {
			vs = append(vs, ValueOf(item))
		}
		return event.ListOf(vs...)
	case document.Map:
		m := make(event.Map, 0, len(n.Fields))
		for _, f := range n.Fields {
			m.Set(f.Key, ValueOf(f.Value))
		}
		return event.ObjectOf(m)
	}
	return event.Value{}
}
