package events

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"

	"headgate/commands/cli"
	"headgate/event"
	"headgate/event/trace"
	"headgate/proxy/explain"
	"headgate/proxy/plan"
)

// Explain says what becomes of an event, and why.
type Explain struct {
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
func (x Explain) Run(w *cli.World) error {
	if x.ID != "" {
		return x.stored(w)
	}
	question, err := x.question(w)
	if err != nil {
		return err
	}
	parts, err := w.Parts()
	if err != nil {
		return err
	}
	defer func() { _ = parts.Close(w.Ctx) }() // nothing was written
	traces, err := explain.Explain(plan.New(parts, time.Now()), question, time.Now())
	if err != nil {
		return cli.Blame(err)
	}
	x.hint(w, question.Hit, traces)
	if !x.JSON {
		for _, t := range traces {
			if err := t.WriteText(w.Out); err != nil {
				return err
			}
		}
		return nil
	}
	enc := json.NewEncoder(w.Out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if traces == nil {
		traces = []*trace.Trace{}
	}
	return enc.Encode(traces)
}

// hint says why a hit counts as a bot when all that is missing is what every browser sends.
func (x Explain) hint(w *cli.World, h *event.Hit, traces []*trace.Trace) {
	if h == nil || h.Headers.Get("user-agent") != "" {
		return
	}
	for _, t := range traces {
		if t.Event.Device.Bot && t.Event.Device.UserAgent == "" {
			fmt.Fprintln(w.Errors, "hint: without a user agent a hit counts as a bot's; add --header 'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'")
			return
		}
	}
}

func (x Explain) question(w *cli.World) (q explain.Question, err error) {
	switch {
	case x.Sample != "":
		return explain.Question{Sample: x.Sample}, nil
	case x.Event != "":
		text, err := read(w, x.Event)
		if err != nil {
			return q, err
		}
		e := new(event.Event)
		if err := json.Unmarshal(text, e); err != nil {
			return q, cli.Wrong("%s: %v; what a page posts is explained by --hit 'POST /e' --body %s", x.Event, err, x.Event)
		}
		return explain.Question{Event: e}, nil
	case x.Hit != "":
		h, err := x.hit(w)
		return explain.Question{Hit: h}, err
	}
	return q, cli.Wrong("say what to explain: --sample NAME, --event FILE, --hit 'METHOD /path?query' or --id EVENT_ID")
}

// hit builds the request that --hit and the flags that go with it describe.
func (x Explain) hit(w *cli.World) (*event.Hit, error) {
	method, target, ok := strings.Cut(strings.TrimSpace(x.Hit), " ")
	if !ok {
		method, target = "GET", method
	}
	u, err := url.Parse(strings.TrimSpace(target))
	if err != nil {
		return nil, cli.Wrong("--hit: %v", err)
	}
	h := &event.Hit{Method: strings.ToUpper(method), Scheme: "https", Host: u.Host, Path: u.Path, Query: u.RawQuery, Received: time.Now()}
	if u.Scheme != "" {
		h.Scheme = u.Scheme
	}
	for _, line := range x.Header {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return nil, cli.Wrong("--header %q: write 'Name: value'", line)
		}
		h.AddHeader(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	if x.From != "" {
		if h.Peer, err = netip.ParseAddr(x.From); err != nil {
			return nil, cli.Wrong("--from: %v", err)
		}
		h.Address = h.Peer
	}
	if x.Body != "" {
		h.Body, err = read(w, x.Body)
	}
	return h, err
}

// read reads a file, or standard input for "-".
func read(w *cli.World, name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(w.In)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, cli.Blame(err)
	}
	return text, nil
}

// stored shows an event of the log as the running process has it.
func (x Explain) stored(w *cli.World) error {
	c, err := w.Client()
	if err != nil {
		return err
	}
	if !x.JSON {
		c.Accept = trace.TextType
	}
	resp, err := c.Open(w.Ctx, "GET", "/api/events/"+url.PathEscape(x.ID), nil, nil)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	var pretty bytes.Buffer
	if json.Indent(&pretty, said, "", "  ") == nil {
		said = pretty.Bytes()
	}
	_, err = w.Out.Write(said)
	return err
}
