package catalog

import (
	"fmt"
	"slices"
	"strings"

	"headgate/document"
)

// Page is the page of a destination in Markdown, made from its file and the cases that say show.
func (s *Spec) Page(cases *CaseFile) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n\n", s.Title, s.About)
	fmt.Fprintf(&b, "`use: %s` · %s · [the vendor's documentation](%s)\n\n", s.Name, s.Kind, s.Docs)
	fmt.Fprintf(&b, "- **Consent:** %s; otherwise %s.%s\n", s.needsInWords(), s.refusedInWords(), vendorInWords(&s.Vendor))
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

// cell is a text escaped for a Markdown table.
func cell(s string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "|", "\\|")
}
