package commands

import (
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"headgate/event"
	"headgate/proxy"
)

type explain struct {
	Sample string   `help:"A sample event: purchase, page_view, ..." xor:"what"`
	Event  string   `help:"A file with an event as JSON; - for standard input." xor:"what" placeholder:"FILE"`
	Hit    string   `help:"A raw request: 'POST /g/collect?v=2&...'." xor:"what"`
	ID     string   `name:"id" help:"An event in the log of the running process." xor:"what"`
	Body   string   `help:"With --hit: a file with the body; - for standard input." placeholder:"FILE"`
	Header []string `help:"With --hit: a header 'Name: value'; several may be given." sep:"none"`
	From   string   `help:"With --hit: the visitor's address." placeholder:"ADDRESS"`
	JSON   bool     `name:"json" help:"Print the traces as one JSON list."`
}

// Run prints a trace for each event.
func (x explain) Run(w *world) error {
	if x.ID != "" {
		return x.stored(w)
	}
	question, err := x.question(w)
	if err != nil {
		return err
	}
	parts, err := w.parts()
	if err != nil {
		return err
	}
	defer func() { _ = parts.Close(w.ctx) }() // nothing was written
	traces, err := proxy.Explain(parts, question, time.Now())
	if err != nil {
		return userError{err}
	}
	if !x.JSON {
		for _, t := range traces {
			printTrace(w.out, t)
		}
		return nil
	}
	enc := json.NewEncoder(w.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if traces == nil {
		traces = []*event.Trace{}
	}
	return enc.Encode(traces)
}

func (x explain) question(w *world) (q proxy.Question, err error) {
	switch {
	case x.Sample != "":
		return proxy.Question{Sample: x.Sample}, nil
	case x.Event != "":
		text, err := w.read(x.Event)
		if err != nil {
			return q, err
		}
		e := new(event.Event)
		if err := json.Unmarshal(text, e); err != nil {
			return q, wrong("%s: %v", x.Event, err)
		}
		return proxy.Question{Event: e}, nil
	case x.Hit != "":
		h, err := x.hit(w)
		return proxy.Question{Hit: h}, err
	}
	return q, wrong("say what to explain: --sample NAME, --event FILE, --hit 'METHOD /path?query' or --id EVENT_ID")
}

// hit builds the request that --hit and its fellows describe.
func (x explain) hit(w *world) (*event.Hit, error) {
	method, target, ok := strings.Cut(strings.TrimSpace(x.Hit), " ")
	if !ok {
		method, target = "GET", method
	}
	u, err := url.Parse(strings.TrimSpace(target))
	if err != nil {
		return nil, wrong("--hit: %v", err)
	}
	h := &event.Hit{Method: strings.ToUpper(method), Scheme: "https", Host: u.Host, Path: u.Path, Query: u.RawQuery, Received: time.Now()}
	if u.Scheme != "" {
		h.Scheme = u.Scheme
	}
	for _, line := range x.Header {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return nil, wrong("--header %q: write 'Name: value'", line)
		}
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		switch name {
		case "cookie":
			h.Cookie = value
		case "host":
			h.Host = value
		default:
			h.Headers = append(h.Headers, event.Header{Name: name, Value: value})
		}
	}
	if x.From != "" {
		if h.Peer, err = netip.ParseAddr(x.From); err != nil {
			return nil, wrong("--from: %v", err)
		}
		h.Address = h.Peer
	}
	if x.Body != "" {
		h.Body, err = w.read(x.Body)
	}
	return h, err
}

// read reads a file, or standard input for "-".
func (w *world) read(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(w.in)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, userError{err}
	}
	return text, nil
}

func (x explain) stored(w *world) error {
	c, err := w.client()
	if err != nil {
		return err
	}
	var traces json.RawMessage
	if err := c.do(w.ctx, "GET", "/api/events/"+url.PathEscape(x.ID), nil, nil, &traces); err != nil {
		return err
	}
	var pretty any
	if err := json.Unmarshal(traces, &pretty); err != nil {
		return err
	}
	enc := json.NewEncoder(w.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(pretty)
}

// printTrace shows a trace to a person: consent, each rule that matched, each destination with its request.
func printTrace(out io.Writer, t *event.Trace) {
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
	if r.Conflict != "" {
		fmt.Fprintf(table, "  conflict\t%s\n", r.Conflict)
	}
	for _, s := range r.Signals {
		aside := ""
		if s.Aside != "" {
			aside = "set aside: " + s.Aside
		}
		fmt.Fprintf(table, "  signal %s\t%s\t%s\t%s\n", s.Name, s.Value, s.Says, aside)
	}
	_ = table.Flush() // its errors are out's, which the caller sees
	printRules(out, t)
	for i := range t.Destinations {
		printDestination(out, &t.Destinations[i])
		for _, w := range t.WhatIf {
			if w.Outcome.Destination == t.Destinations[i].Destination {
				fmt.Fprintf(out, "  with %s granted: %s\n", w.Granted, w.Outcome.Action)
			}
		}
	}
	fmt.Fprintln(out)
}

func printRules(out io.Writer, t *event.Trace) {
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

func printDestination(out io.Writer, d *event.DestinationTrace) {
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
		fmt.Fprintf(out, "  %s: %s\n", d.Verdict.Verdict, d.Verdict.Why)
	}
}
