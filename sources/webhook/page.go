package webhook

import (
	"bytes"
	"fmt"
	"strings"

	"headgate/document"
	"headgate/event"
	"headgate/sources/signature"
)

// Page is the page of a webhook in Markdown, made from its file and the cases that say show.
func (s *Spec) Page(cases *CaseFile) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n\n%s\n\n`use: %s`", s.Title, s.About, s.Name)
	if s.Docs != "" {
		fmt.Fprintf(&b, " · [the sender's documentation](%s)", s.Docs)
	}
	fmt.Fprintf(&b, " · [step by step](../../senders/%s.md)\n\n## Signature\n\n", s.Name)
	if len(s.Verify) == 0 {
		b.WriteString("As `verify:` says in the configuration.\n")
	}
	for i := range s.Verify {
		fmt.Fprintf(&b, "- %s\n", inWords(&s.Verify[i]))
	}
	s.writeSettings(&b)
	s.writeEvents(&b)
	if len(s.Notes) > 0 {
		b.WriteString("\n## Notes\n\n")
		for _, n := range s.Notes {
			fmt.Fprintf(&b, "- %s\n", strings.Join(strings.Fields(n), " "))
		}
	}
	writeExamples(&b, cases)
	return b.Bytes()
}

// inWords says how a scheme signs.
func inWords(s *signature.Scheme) string {
	how := "HMAC with " + strings.ToUpper(s.Algorithm)
	if s.Public() {
		how = s.Algorithm
	}
	text := "`" + s.Header + "`: " + how + " in " + s.Encoding + " over `" + s.Signed + "`"
	if s.Timestamp != "" {
		text += fmt.Sprintf("; sent at most %s before or after", s.Window)
	} else {
		text += "; no time of sending"
	}
	return text
}

func (s *Spec) writeSettings(b *bytes.Buffer) {
	if len(s.Settings) == 0 {
		return
	}
	b.WriteString("\n## Settings\n\n| setting | default | what it is |\n|---|---|---|\n")
	for _, e := range s.Settings {
		help := e.Value.Help
		if len(e.Value.Choices) > 0 {
			help += ": " + strings.Join(e.Value.Choices, ", ")
		}
		value := ""
		if e.Value.Default != "" {
			value = "`" + e.Value.Default + "`"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", e.Key, value, help)
	}
}

func (s *Spec) writeEvents(b *bytes.Buffer) {
	b.WriteString("\n## Events\n\n| what is delivered | where | becomes |\n|---|---|---|\n")
	for i := range s.Events {
		m := &s.Events[i]
		of := ""
		if m.Each != nil {
			of = "each of `" + strings.TrimPrefix(m.Each.Text, "=") + "`"
		}
		if m.When.Value != "" {
			of = strings.TrimSpace(of + " `" + cell(m.When.Value) + "`")
		}
		name := "the event as it is"
		if n := m.Event.Get("name"); n != nil {
			name = "`" + n.Text + "`"
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", topics(m.Topics), of, name)
	}
	for i := range s.Requests {
		q, when := &s.Requests[i], ""
		if q.When.Value != "" {
			when = "`" + cell(q.When.Value) + "`"
		}
		done := "done before it is answered"
		if q.Do == string(event.AskExport) || q.Person == (Ids{}) {
			done = "written down for people to do"
		}
		fmt.Fprintf(b, "| %s | %s | a privacy request, %s: %s |\n", topics(q.Topics), when, q.Do, done)
	}
	for _, i := range s.Ignore {
		when := ""
		if i.When.Value != "" {
			when = "`" + cell(i.When.Value) + "`"
		}
		fmt.Fprintf(b, "| %s | %s | nothing: %s |\n", topics(i.Topics), when, i.Why)
	}
}

func topics(list []string) string {
	if len(list) == 0 {
		return "anything"
	}
	return "`" + strings.Join(list, "`, `") + "`"
}

func cell(text string) string { return strings.ReplaceAll(text, "|", "\\|") }

func writeExamples(b *bytes.Buffer, cases *CaseFile) {
	if cases == nil {
		return
	}
	for i := range cases.Cases {
		c := &cases.Cases[i]
		if !c.Show {
			continue
		}
		fmt.Fprintf(b, "\n## Example: %s\n\n", c.Name)
		for _, h := range c.Headers {
			fmt.Fprintf(b, "`%s: %s`\n\n", h.Key, h.Value)
		}
		fmt.Fprintf(b, "```json\n%s\n```\n\nbecomes\n\n```json\n%s\n```\n", strings.TrimSpace(c.Body.Text), strings.TrimSpace(c.Events.Value))
	}
}

// Reference is the page that lists every key of a webhook's file and of its cases, in Markdown.
func Reference() []byte {
	var b bytes.Buffer
	b.WriteString("# The file of a webhook\n\nEvery key of a file that `use: ./name.yaml` names, made from the program itself. " +
		"Formulas see `body`, `header(\"...\")`, `topic` and `settings`, and `item` and `index` below `each`; what is absent is left out.\n\n")
	b.Write(document.Schema(&Spec{}).Docs())
	b.WriteString("\n# Its cases\n\n`name_test.yaml` beside it; `headgate test` runs them, `headgate test --update` writes `events`.\n\n")
	b.Write(document.Schema(&CaseFile{}).Docs())
	return b.Bytes()
}
