package functions

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"headgate/event"
	"headgate/rules/formula"
	"headgate/rules/normalise"
)

// Naming is what a vendor takes as a name of an event, a parameter or a property.
type Naming struct {
	most     int
	reserved []string // what its own names begin with
	others   string   // characters besides a-z, digits and _
	lower    bool     // capitals are none
}

// namings are those of vendors that refuse other names.
var namings = map[string]*Naming{
	// https://developers.google.com/analytics/devguides/collection/protocol/ga4/sending-events#limitations
	"ga4":          {most: 40, reserved: []string{"firebase_", "ga_", "google_"}},
	"ga4_property": {most: 24, reserved: []string{"firebase_", "ga_", "google_"}},
	"hubspot":      {most: 50, others: "-", lower: true},
}

// NamingOf returns how a vendor names things, nil when none is known by that name.
func NamingOf(vendor string) *Naming { return namings[vendor] }

// Namings lists the names that NamingOf knows.
func Namings() []string { return normalise.VariantNames(namings) }

var validName = &formula.Function{
	Usage: "valid_name(text, vendor)", Help: "a name as a vendor takes it: one that it would refuse in lower case with _ for what it does not know, cut to its " +
		"length; nil where nothing is left, or where the vendor keeps such names to itself" + variantHelp(Namings()),
	Example: `valid_name("Button Clicked", "ga4") → "button_clicked"`, Params: []formula.Kind{formula.Text, formula.Text}, Result: formula.Text,
	Build: func(c *formula.Compiler, offset int, args []formula.Expression) formula.Expression {
		vendor, ok := variant(c, args[1:], Namings())
		if !ok {
			return formula.Constant(offset, formula.Text, event.Value{})
		}
		naming := namings[vendor]
		return textOf(c, offset, "valid_name", args[0], func(m *formula.Machine, s string) string {
			name := naming.Valid(s)
			m.Renamed(s, name)
			return name
		})
	},
}

// Valid returns the name as the vendor takes it; "" when nothing of it is left or the vendor keeps it to itself.
func (n *Naming) Valid(name string) string {
	if !n.fits(name) {
		name = n.made(name)
	}
	for _, prefix := range n.reserved {
		if strings.HasPrefix(name, prefix) {
			return ""
		}
	}
	return name
}

func (n *Naming) fits(name string) bool {
	for i, c := range name {
		if letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' && !n.lower; letter {
			continue
		}
		if i == 0 || c != '_' && !normalise.IsDigit(c) && !strings.ContainsRune(n.others, c) {
			return false
		}
	}
	return name != "" && len(name) <= n.most
}

// made makes a name of any text: letters without their accents, _ for a run of anything else. A digit in front gets an n.
func (n *Naming) made(text string) string {
	var b strings.Builder
	gap := false
	for _, c := range norm.NFD.String(normalise.Lowered(text)) {
		switch {
		case unicode.IsMark(c):
			continue
		case !normalise.IsASCIILetter(c) && !normalise.IsDigit(c):
			gap = true
			continue
		case b.Len() == 0 && normalise.IsDigit(c):
			b.WriteByte('n')
		case b.Len() > 0 && gap:
			b.WriteByte('_')
		}
		gap = false
		if b.Len() >= n.most {
			break
		}
		b.WriteRune(c)
	}
	return strings.TrimRight(b.String()[:min(b.Len(), n.most)], "_")
}
