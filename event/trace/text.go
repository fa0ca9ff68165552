package trace

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"headgate/event/wording"
)

// TextType is the media type of WriteText's form.
const TextType = "text/plain"

// WriteText shows the trace to a person: consent, each rule that matched, each destination with its request. It is written
// in one piece; the error is the writer's.
func (t *Trace) WriteText(w io.Writer) error {
	out := new(bytes.Buffer)
	fmt.Fprintf(out, "%s  %s  (source %s)\n", Visible(t.Event.Name), Visible(t.Event.ID), t.Source)
	if t.Traffic != "" {
		fmt.Fprintf(out, "traffic  %s\n", Visible(t.Traffic))
	}
	if t.EmittedBy != "" {
		fmt.Fprintf(out, "emitted by the rule %s\n", t.EmittedBy)
	}
	t.writeConsent(out)
	if t.Refused {
		fmt.Fprint(out, "\nrefused  what consent refuses to everybody is not shown\n")
	}
	t.writeRules(out)
	for i := range t.Destinations {
		t.Destinations[i].writeText(out)
		for _, w := range t.WhatIf {
			if w.Outcome.Destination == t.Destinations[i].Destination {
				fmt.Fprintf(out, "  with %s granted: %s\n", w.Granted, w.Outcome.Action)
			}
		}
	}
	fmt.Fprintln(out)
	_, err := w.Write(out.Bytes())
	return err
}

func (t *Trace) writeConsent(out *bytes.Buffer) {
	r := t.Consent
	if r == nil {
		fmt.Fprint(out, "\nnobody may have this event: only the reasons are kept\n")
		return
	}
	fmt.Fprintf(out, "\nconsent  rule %s (%s)", r.Rule, r.Model)
	if r.Country != "" {
		fmt.Fprintf(out, ", visitor in %s", strings.Trim(r.Country+"-"+r.Region, "-"))
	}
	fmt.Fprintln(out)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for i := range r.States {
		s := &r.States[i]
		fmt.Fprintf(table, "  %s\t%s\tby %s\t%s\n", s.Purpose, s.State, s.Basis, Visible(wording.Source(r, s)))
	}
	_ = table.Flush() // a bytes.Buffer takes everything
	if conflict := wording.Conflict(r); conflict != "" {
		fmt.Fprintf(out, "  conflict  %s\n", Visible(conflict))
	}
	for i := range r.Signals {
		s := &r.Signals[i]
		fmt.Fprintf(table, "  signal %s\t%s\t%s", Visible(s.Name), Visible(s.Value), Visible(wording.Says(r, s)))
		if aside := wording.Aside(r, s); aside != "" {
			fmt.Fprintf(table, "\tset aside: %s", Visible(aside))
		}
		fmt.Fprintln(table)
	}
	_ = table.Flush()
}

// Visible returns a text from outside as it may be written to a terminal, on one line: control characters, among them the
// escapes that move the cursor or hide text, and marks that turn the direction of writing are shown as \x1b or \u202e.
func Visible(s string) string {
	if strings.IndexFunc(s, isHidden) < 0 {
		return s
	}
	var b strings.Builder
	for _, c := range s {
		switch {
		case !isHidden(c):
			b.WriteRune(c)
		case c < 0x100:
			fmt.Fprintf(&b, "\\x%02x", c)
		default:
			fmt.Fprintf(&b, "\\u%04x", c)
		}
	}
	return b.String()
}

func isHidden(c rune) bool { return unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) }

// visibleLines is Visible for texts of several lines.
func visibleLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = Visible(lines[i])
	}
	return strings.Join(lines, "\n")
}

func (t *Trace) writeRules(out io.Writer) {
	if t.Received == nil {
		fmt.Fprint(out, "\nrules  ran when it came; what they changed is not kept\n")
	}
	for _, rule := range t.Rules {
		if !rule.Matched && rule.Error == "" {
			continue
		}
		of := ""
		if rule.For != "" {
			of = " (of " + rule.For + ")"
		}
		fmt.Fprintf(out, "\nrule  %s%s\n", rule.Name, of)
		for _, c := range rule.Changes {
			fmt.Fprintf(out, "  %s: %s → %s\n", c.Path, c.Old.AppendJSON(nil), c.New.AppendJSON(nil))
		}
		if rule.Emitted != "" {
			fmt.Fprintf(out, "  emits: %s\n", Visible(rule.Emitted))
		}
		if rule.Error != "" {
			fmt.Fprintf(out, "  failed: %s\n", Visible(rule.Error))
		}
	}
	if t.DroppedBy != "" {
		fmt.Fprintf(out, "\ndropped by %s\n", t.DroppedBy)
	}
}

// failed reports whether the event cannot be delivered although it may be.
func (d *Destination) failed() bool {
	return d.Verdict != nil && (d.Verdict.Verdict == "reject" || d.Verdict.Verdict == "halt")
}

// readable is a body over several lines where it is JSON that does not fit on one.
func readable(body []byte) string {
	const line = 100
	var b bytes.Buffer
	if len(body) <= line || json.Indent(&b, body, "  ", "  ") != nil {
		return string(body)
	}
	return b.String()
}

func (d *Destination) writeText(out io.Writer) {
	fmt.Fprintf(out, "\n%s  ", d.Destination)
	if d.failed() { // what counts comes first
		fmt.Fprintln(out, strings.TrimSuffix(d.Verdict.Verdict+": "+Visible(d.Verdict.Why), ": "))
		fmt.Fprint(out, "  ")
	}
	fmt.Fprintln(out, strings.TrimSuffix(d.Action.String()+": "+Visible(d.Because), ": "))
	for _, r := range d.Requests {
		if r.URL != "" {
			fmt.Fprintf(out, "  %s %s\n", r.Method, Visible(r.URL))
		}
		for _, h := range r.Headers {
			fmt.Fprintf(out, "  %s: %s\n", Visible(h.Name), Visible(h.Value))
		}
		fmt.Fprintf(out, "\n  %s\n", visibleLines(readable(r.Body)))
		for _, note := range r.Notes {
			fmt.Fprintf(out, "  note: %s\n", Visible(note))
		}
	}
	if d.Verdict != nil && !d.failed() {
		fmt.Fprintf(out, "  %s\n", strings.TrimSuffix(d.Verdict.Verdict+": "+Visible(d.Verdict.Why), ": "))
	}
	for _, a := range d.Attempts {
		status := ""
		if a.Status > 0 {
			status = " " + strconv.Itoa(a.Status)
		}
		fmt.Fprintf(out, "  attempt  %s  %s\n", a.Time.UTC().Format(time.RFC3339), strings.TrimSuffix(a.Verdict+status+": "+Visible(a.Why), ": "))
	}
}
