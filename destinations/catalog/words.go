package catalog

import (
	"fmt"
	"strconv"
	"strings"

	"headgate/event/needs"
)

func (s *Spec) needsInWords() string {
	var parts []string
	if len(s.Needs.Purposes) > 0 {
		parts = append(parts, "needs "+strings.Join(s.Needs.Purposes, " and "))
	}
	if len(s.AnyOf) > 0 {
		parts = append(parts, "needs "+strings.Join(s.AnyOf, " or "))
	}
	if len(parts) == 0 {
		return "needs none, since " + s.Reason
	}
	return strings.Join(parts, ", and ")
}

// vendorInWords says what a TC string must allow the vendor.
func vendorInWords(v *needs.Vendor) string {
	if v.Publisher {
		return " Where a TC string has a part for the publisher itself, that part decides."
	}
	var parts []string
	if len(v.Consent) > 0 {
		parts = append(parts, "consent for TCF "+purposes(v.Consent))
	}
	if len(v.LI) > 0 {
		parts = append(parts, "a legitimate interest in "+purposes(v.LI))
	}
	switch {
	case v.TCF > 0 && len(parts) > 0:
		return fmt.Sprintf(" Where there is a TC string, it must give vendor %d %s.", v.TCF, strings.Join(parts, " and "))
	case v.TCF > 0:
		return fmt.Sprintf(" Where there is a TC string, it must hold consent for vendor %d.", v.TCF)
	case v.AC > 0:
		return fmt.Sprintf(" Where there is a TC string, an additional consent string must name provider %d.", v.AC)
	}
	return ""
}

func purposes(list []int) string {
	if len(list) == 1 {
		return "purpose " + strconv.Itoa(list[0])
	}
	words := make([]string, len(list))
	for i, n := range list {
		words[i] = strconv.Itoa(n)
	}
	return "purposes " + strings.Join(words, ", ")
}

func (s *Spec) refusedInWords() string {
	if s.Refused.Redact != "" {
		return "the event is sent redacted as " + s.Refused.Redact
	}
	return "nothing is sent"
}

func (s *Spec) duplicatesInWords() string {
	if s.Duplicates == "dropped" {
		return "the vendor recognises an event that arrives twice."
	}
	return "possible when an answer is lost; ids are remembered for a while (`delivery: dedup`) to keep them rare."
}

func (s *Spec) requiresInWords() []string {
	words := make([]string, len(s.Requires))
	for i, r := range s.Requires {
		words[i] = r.Why + "; an event without it becomes a dead letter."
		if r.Else.Value == "filter" {
			words[i] = r.Why + "; an event without it is not sent."
		}
	}
	return words
}

func (s *Setting) typeInWords() string {
	words := s.Type
	if s.Type == "choice" {
		words = strings.Join(s.Choices, ", ")
	}
	if s.Required {
		words += ", required"
	}
	if s.Unless != "" {
		words += ", required without " + s.Unless
	}
	return words
}

func (s *Setting) defaultInWords() string {
	if s.Default == nil {
		return ""
	}
	if strings.HasPrefix(s.Default.Text, "=") && s.Type != "formula" {
		return "by the other settings"
	}
	return "`" + s.Default.Text + "`"
}

func (s *Setting) helpInWords() string {
	help := s.Help
	if s.Example != nil && s.Example.Text != "" {
		help += ". Example: `" + s.Example.Text + "`"
	}
	for _, end := range s.Ends {
		help += ". " + end.Key + " ends on " + end.Value
	}
	return help
}
