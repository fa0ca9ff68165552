package destinations

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"headgate/document"
)

// Mapping is one line of a field map: where a vendor's field comes from.
type Mapping struct {
	Theirs string // user_data.em[]
	Ours   string // the formula or text: sha256(email(user.email, "meta"))
	Fixed  bool   // Ours is a text and no formula
	When   string // condition, "" when there is none
}

// Fields is the field map of a destination, read from its file: query and body of every request, then flags.
func (s *Spec) Fields() (out []Mapping) {
	for i := range s.Send {
		send := &s.Send[i]
		w := mapWriter{when: send.When.Value}
		for _, q := range send.Query {
			w.add("?"+q.Key, q.Value)
		}
		for _, h := range send.Headers {
			w.add(h.Key+":", h.Value)
		}
		w.walk("", send.Body)
		out = append(out, w.out...)
	}
	for _, f := range s.Flags {
		w := mapWriter{when: f.When.Value}
		for _, set := range f.Set {
			w.walk(set.Key, set.Value)
		}
		out = append(out, w.out...)
	}
	return out
}

type mapWriter struct {
	when string
	out  []Mapping
}

func (w *mapWriter) add(path string, n *document.Node) {
	formula, is := strings.CutPrefix(n.Text, "=")
	w.out = append(w.out, Mapping{Theirs: path, Ours: strings.TrimSpace(formula), Fixed: !is && !strings.Contains(n.Text, "{"), When: w.when})
}

func (w *mapWriter) walk(path string, n *document.Node) {
	switch {
	case n == nil:
	case n.Kind == document.List:
		for _, item := range n.Items {
			w.walk(path+"[]", item)
		}
	case n.Kind != document.Map:
		w.add(strings.TrimPrefix(path, "."), n)
	case n.Get("each") != nil && n.Get("as") != nil:
		w.walk(strings.TrimSuffix(path, "[]")+"[]", n.Get("as"))
	case n.Get("copy") != nil:
		w.copied(path, n)
	case n.Get("when") != nil && n.Get("then") != nil:
		inner := mapWriter{when: joinConditions(w.when, n.Get("when").Text)}
		inner.walk(path, n.Get("then"))
		inner.when = joinConditions(w.when, "not ("+n.Get("when").Text+")")
		inner.walk(path, n.Get("else"))
		w.out = append(w.out, inner.out...)
	case n.Get("positions") != nil:
		w.walk(path, n.Get("positions"))
	case n.Get("json_text") != nil:
		w.walk(path, n.Get("json_text"))
	default:
		for _, f := range n.Fields {
			w.walk(strings.TrimPrefix(path+"."+f.Key, "."), f.Value)
		}
	}
}

// copied describes what is passed on under its own name.
func (w *mapWriter) copied(path string, n *document.Node) {
	if !strings.HasSuffix(path, "*") {
		path += ".*"
	}
	ours := strings.TrimPrefix(n.Get("copy").Text, "=") + ".*"
	if only := n.Get("only"); only != nil {
		names := strings.TrimPrefix(only.Text, "=")
		for i, item := range only.Items {
			if i > 0 {
				names += ", "
			}
			names += item.Text
		}
		ours += " of " + names
	}
	w.out = append(w.out, Mapping{Theirs: strings.TrimPrefix(path, "."), Ours: ours, When: w.when})
}

func joinConditions(a, b string) string {
	if a == "" {
		return b
	}
	return a + " and " + b
}

// Page is the page of a destination in Markdown, made from its file and the cases that say show.
func (s *Spec) Page(cases *CaseFile) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n\n", s.Title, s.About)
	fmt.Fprintf(&b, "`use: %s` · %s · [the vendor's documentation](%s)\n\n", s.Name, s.Kind, s.Docs)
	fmt.Fprintf(&b, "- **Consent:** %s; otherwise %s.%s\n", s.needsInWords(), s.refusedInWords(), s.Vendor.inWords())
	fmt.Fprintf(&b, "- **Duplicates:** %s\n", s.duplicatesInWords())
	if len(s.Plain) > 0 {
		fmt.Fprintf(&b, "- **Unhashed contact data:** %s. %s\n", strings.Join(s.Plain, ", "), strings.Join(strings.Fields(s.PlainReason), " "))
	} else {
		b.WriteString("- **Unhashed contact data:** none leaves.\n")
	}
	if s.MaxAge != 0 {
		fmt.Fprintf(&b, "- **Age:** events older than %s are rejected.\n", s.MaxAge)
		for _, a := range s.Ages {
			fmt.Fprintf(&b, "  Where `%s`, those older than %s.\n", a.When.Value, a.MaxAge)
		}
	}
	if s.Rate != 0 {
		fmt.Fprintf(&b, "- **Rate:** at most %s requests; more wait for their turn.\n", s.Rate)
	}
	b.WriteString("\n## Settings\n\n| setting | type | default | what it is |\n|---|---|---|---|\n")
	for _, e := range s.Settings {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", e.Key, e.Value.typeInWords(), e.Value.defaultInWords(), cell(e.Value.helpInWords()))
	}
	s.writeEvents(&b)
	writeItems(&b, "What an event must have", s.requiresInWords())
	s.writeFields(&b)
	writeItems(&b, "Limits", s.Limits)
	writeItems(&b, "Notes", s.Notes)
	writeExamples(&b, s.Name, cases)
	return []byte(b.String())
}

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

// inWords says what a TC string must allow the vendor.
func (v *Vendor) inWords() string {
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
	if s.Refused.Profile != "" {
		return "the event is sent redacted as " + s.Refused.Profile
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
		words[i] = r.Why + "; one without is a dead letter."
		if r.Else.Value == "filter" {
			words[i] = r.Why + "; one without is not sent."
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
	if strings.HasPrefix(s.Default.Text, "=") {
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

func (s *Spec) writeEvents(b *strings.Builder) {
	b.WriteString("\n## Events\n\n| ours | theirs |\n|---|---|\n")
	var left []string
	for _, e := range s.Events {
		ours := "`" + e.Key + "`"
		if e.Key == "*" {
			ours = "all others"
		}
		switch {
		case len(e.Value) == 0:
			left = append(left, ours)
		case slices.Equal(e.Value, Names{"="}):
			fmt.Fprintf(b, "| %s | under our name |\n", ours)
		default:
			fmt.Fprintf(b, "| %s | `%s` |\n", ours, strings.Join(e.Value, "`, `"))
		}
	}
	if len(left) > 0 {
		fmt.Fprintf(b, "\nNot sent: %s.\n", strings.Join(left, ", "))
	}
}

func (s *Spec) writeFields(b *strings.Builder) {
	fields := s.Fields()
	if len(fields) == 0 {
		return
	}
	b.WriteString("\n## Fields\n\n| theirs | ours |\n|---|---|\n")
	for _, f := range fields {
		ours := "`" + cell(f.Ours) + "`"
		if f.Fixed {
			ours = "always " + ours
		}
		if f.When != "" {
			ours += " when `" + cell(f.When) + "`"
		}
		fmt.Fprintf(b, "| `%s` | %s |\n", f.Theirs, ours)
	}
}

func writeItems(b *strings.Builder, title string, items []string) {
	if len(items) == 0 {
		return
	}
	fmt.Fprintf(b, "\n## %s\n\n", title)
	for _, item := range items {
		fmt.Fprintf(b, "- %s\n", item)
	}
}

func writeExamples(b *strings.Builder, name string, cases *CaseFile) {
	if cases == nil {
		return
	}
	for _, one := range cases.Cases {
		if one.Show && one.Sends.Value != "" {
			fmt.Fprintf(b, "\n## Example: %s\n\n`headgate explain --sample %s` shows what %s is sent:\n\n```http\n%s\n```\n", one.Name, sampleName(one.Events[0]), name, strings.TrimSpace(one.Sends.Value))
		}
	}
}

func sampleName(n *document.Node) string {
	if sample := n.Get("sample"); sample != nil {
		return sample.Text
	}
	return n.Text
}

// cell is a text as it may stand in a table of Markdown.
func cell(s string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "|", "\\|")
}

// List is the catalogue as a table in Markdown: one line per destination.
func (c *Catalog) List() []byte {
	var b strings.Builder
	b.WriteString("| name | title | kind | consent | duplicates | what arrives |\n|---|---|---|---|---|---|\n")
	for _, name := range c.Names() {
		s := c.specs[name]
		duplicates := s.Duplicates
		if duplicates == "" {
			duplicates = "possible"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", name, s.Title, s.Kind, s.needsInWords(), duplicates, cell(s.About))
	}
	return []byte(b.String())
}

// SettingsShape describes the settings of a destination for editors.
func (s *Spec) SettingsShape() *document.Shape {
	shape := &document.Shape{Type: "object", Description: "settings of " + s.Title}
	for _, e := range s.Settings {
		one := &document.Shape{Description: e.Value.Help, Takes: e.Value.Type}
		switch e.Value.Type {
		case "number", "bool", "list":
			plain := map[string]string{"number": "number", "bool": "boolean", "list": "array"}[e.Value.Type]
			// ${NAME} may stand for any of them.
			one.AnyOf = []*document.Shape{{Type: plain}, {Type: "string", Pattern: `\$\{`}}
		case "map":
			one.Type, one.Open = "object", true
		case "choice":
			one.AnyOf = []*document.Shape{document.Choice(e.Value.Choices...), {Type: "string", Pattern: `\$\{`}}
		default:
			one.Type = "string"
		}
		shape.Properties = append(shape.Properties, document.Property{Key: e.Key, Required: e.Value.Required, Shape: one})
	}
	return shape
}
