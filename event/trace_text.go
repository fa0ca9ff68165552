package event

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// TraceText is the media type of WriteText's form.
const TraceText = "text/plain"

// WriteText shows the trace to a person: consent, each rule that matched, each destination with its request. The error is
// the writer's.
func (t *Trace) WriteText(w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "%s  %s  (source %s)\n", t.Event.Name, t.Event.ID, t.Source)
	r := t.Consent
	fmt.Fprintf(out, "\nconsent  rule %s (%s)", r.Rule, r.Model)
	if r.Country != "" {
		fmt.Fprintf(out, ", visitor in %s", strings.Trim(r.Country+"-"+r.Region, "-"))
	}
	fmt.Fprintln(out)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, s := range r.States {
		fmt.Fprintf(table, "  %s\t%s\tby %s\t%s\n", s.Purpose, s.State, s.Basis, s.Source)
	}
	_ = table.Flush() // its errors are those of out, which keeps them
	if r.Conflict != "" {
		fmt.Fprintf(out, "  conflict  %s\n", r.Conflict)
	}
	for _, s := range r.Signals {
		fmt.Fprintf(table, "  signal %s\t%s\t%s", s.Name, s.Value, s.Says)
		if s.Aside != "" {
			fmt.Fprintf(table, "\tset aside: %s", s.Aside)
		}
		fmt.Fprintln(table)
	}
	_ = table.Flush()
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
	return out.Flush()
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
		if rule.Error != "" {
			fmt.Fprintf(out, "  failed: %s\n", rule.Error)
		}
	}
	if t.DroppedBy != "" {
		fmt.Fprintf(out, "\ndropped by %s\n", t.DroppedBy)
	}
}

func (d *DestinationTrace) writeText(out io.Writer) {
	fmt.Fprintf(out, "\n%s  %s", d.Destination, d.Action)
	if d.Because != "" {
		fmt.Fprintf(out, ": %s", d.Because)
	}
	fmt.Fprintln(out)
	for _, r := range d.Requests {
		if r.URL != "" {
			fmt.Fprintf(out, "  %s %s\n", r.Method, r.URL)
		}
		for _, h := range r.Headers {
			fmt.Fprintf(out, "  %s: %s\n", h.Name, h.Value)
		}
		fmt.Fprintf(out, "\n  %s\n", r.Body)
	}
	if d.Verdict != nil {
		fmt.Fprintf(out, "  %s\n", strings.TrimSuffix(d.Verdict.Verdict+": "+d.Verdict.Why, ": "))
	}
}
