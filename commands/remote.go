package commands

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"headgate/config"
	"headgate/document"
	"headgate/event"
	"headgate/proxy"
	"headgate/queue"
)

type replay struct {
	To     string `required:"" help:"Destination to send to."`
	Since  string `help:"Events received since then: 2h, 3d, or 2026-11-22T10:00:00Z." xor:"which" placeholder:"TIME"`
	Dead   bool   `help:"Its dead letters only." xor:"which"`
	Where  string `help:"Only events for which this formula holds." placeholder:"FORMULA"`
	DryRun bool   `help:"Count, send nothing."`
}

// Run asks the running process and shows how far it has come.
func (r replay) Run(w *world) error {
	if r.Since == "" && !r.Dead {
		return wrong("say which events: --since 2h, or --dead")
	}
	c, err := w.client()
	if err != nil {
		return err
	}
	since, err := since(r.Since)
	if err != nil {
		return err
	}
	body := map[string]any{"to": r.To, "dead": r.Dead, "where": r.Where, "dry_run": r.DryRun}
	if !since.IsZero() {
		body["since"] = since
	}
	resp, err := c.open(w.ctx, "POST", "/api/replay", nil, body)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	tally, err := w.follow(resp.Body)
	if err != nil {
		return err
	}
	verb := "sent again"
	if r.DryRun {
		verb = "would be sent again"
	}
	fmt.Fprintf(w.out, "%d of %d events %s to %s\n", tally.Matched, tally.Read, verb, r.To)
	return nil
}

// since reads a span before now, or a time.
func since(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if span, err := document.ParseDuration(text); err == nil {
		return time.Now().Add(-span.Std()), nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, wrong("--since %q: write a span such as 2h or 3d, or a time such as 2026-11-22T10:00:00Z", text)
	}
	return t, nil
}

type dead struct {
	List  deadList  `cmd:"" help:"List dead letters."`
	Show  deadShow  `cmd:"" help:"Show one with the request and the destination's words."`
	Retry deadRetry `cmd:"" help:"Send dead letters again."`
	Drop  deadDrop  `cmd:"" help:"Forget dead letters for good."`
}

// deadPick chooses dead letters.
type deadPick struct {
	To    string   `help:"Of this destination only." placeholder:"DESTINATION"`
	Since string   `help:"That died since then: 2h, 3d or a time." placeholder:"TIME"`
	Where string   `help:"Whose event fulfils this formula." placeholder:"FORMULA"`
	IDs   []string `arg:"" optional:"" name:"id" help:"Event ids; none for all."`
}

func (p deadPick) query() (url.Values, error) {
	q := url.Values{}
	for key, value := range map[string]string{"destination": p.To, "where": p.Where} {
		if value != "" {
			q.Set(key, value)
		}
	}
	for _, id := range p.IDs {
		q.Add("id", id)
	}
	t, err := since(p.Since)
	if !t.IsZero() {
		q.Set("since", t.Format(time.RFC3339))
	}
	return q, err
}

type deadList struct {
	deadPick
	Limit int  `default:"100" help:"At most so many."`
	JSON  bool `name:"json" help:"Print JSON."`
}

type letters struct {
	Total int `json:"total"`
	Dead  []struct {
		Destination string    `json:"destination"`
		EventID     string    `json:"event_id"`
		EventName   string    `json:"event_name"`
		Died        time.Time `json:"died"`
		Why         string    `json:"why"`
	} `json:"dead"`
}

// Run prints dead letters, oldest first.
func (l deadList) Run(w *world) error {
	c, err := w.client()
	if err != nil {
		return err
	}
	q, err := l.query()
	if err != nil {
		return err
	}
	q.Set("limit", strconv.Itoa(l.Limit))
	var raw json.RawMessage
	if err := c.do(w.ctx, "GET", "/api/dead", q, nil, &raw); err != nil {
		return err
	}
	if l.JSON {
		fmt.Fprintln(w.out, string(raw))
		return nil
	}
	var found letters
	if err := json.Unmarshal(raw, &found); err != nil {
		return err
	}
	table := tabwriter.NewWriter(w.out, 0, 0, 2, ' ', 0)
	for _, d := range found.Dead {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", d.Died.Format(time.DateTime), d.Destination, event.Visible(d.EventName), event.Visible(d.EventID), event.Visible(d.Why))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "%d of %d dead letters\n", len(found.Dead), found.Total)
	return nil
}

type deadShow struct {
	To string `arg:"" name:"destination" help:"Destination that refused it."`
	ID string `arg:"" name:"id" help:"Event id."`
}

// Run prints one dead letter as JSON.
func (d deadShow) Run(w *world) error {
	c, err := w.client()
	if err != nil {
		return err
	}
	var letter any
	if err := c.do(w.ctx, "GET", "/api/dead/"+url.PathEscape(d.To)+"/"+url.PathEscape(d.ID), nil, nil, &letter); err != nil {
		return err
	}
	return w.json(letter)
}

func (w *world) json(v any) error {
	enc := json.NewEncoder(w.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

type deadRetry struct{ deadPick }

// Run makes dead letters pending again.
func (d deadRetry) Run(w *world) error { return d.change(w, "retry", "sent again") }

type deadDrop struct {
	deadPick
	All bool `help:"Needed to drop all of them."`
}

// Run forgets dead letters.
func (d deadDrop) Run(w *world) error {
	if len(d.IDs) == 0 && d.To == "" && d.Where == "" && d.Since == "" && !d.All {
		return wrong("name event ids or --to DESTINATION, or say --all to drop every dead letter")
	}
	return d.change(w, "drop", "dropped")
}

func (p deadPick) change(w *world, verb, done string) error {
	c, err := w.client()
	if err != nil {
		return err
	}
	q, err := p.query()
	if err != nil {
		return err
	}
	var answer map[string]int
	if err := c.do(w.ctx, "POST", "/api/dead/"+verb, q, nil, &answer); err != nil {
		return err
	}
	for _, n := range answer {
		fmt.Fprintf(w.out, "%d dead letters %s\n", n, done)
	}
	return nil
}

type queueVerbs struct {
	Status queueStatus `cmd:"" help:"How much waits, for whom and since when."`
	Verify queueVerify `cmd:"" help:"Read the whole log of a process that is not running, and report damage."`
}

type queueStatus struct {
	JSON bool `name:"json" help:"Print the answer of /api/status."`
}

// Run prints the account of every destination.
func (q queueStatus) Run(w *world) error {
	c, err := w.client()
	if err != nil {
		return err
	}
	var status proxy.Status
	if err := c.do(w.ctx, "GET", "/api/status", nil, nil, &status); err != nil {
		return err
	}
	if q.JSON {
		return w.json(status)
	}
	fmt.Fprintf(w.out, "accepted %d   pending %d   on disk %v\n", status.Accepted, status.Queue.Pending, document.Size(status.Queue.Bytes))
	if status.Queue.Damage != "" {
		fmt.Fprintf(w.out, "damage   %s\n", status.Queue.Damage)
	}
	table := tabwriter.NewWriter(w.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "destination\tstate\tdelivered\tfiltered\tdenied\trejected\tpending\tretrying\tlag\t  last error\t")
	for _, name := range sortedKeys(status.Destinations) {
		d := status.Destinations[name]
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%.0fs\t  %s\t\n", name, d.State, d.Delivered, d.Filtered, d.Denied, d.Rejected, d.Pending, d.Retrying, d.LagSeconds, d.LastError)
	}
	return table.Flush()
}

type queueVerify struct{}

// Run reads everything and reports; damage is the machine's fault.
func (queueVerify) Run(w *world) error {
	loaded, mistakes := config.Load(w.path, w.env())
	if loaded == nil {
		return mistakes.Err()
	}
	ctx, cancel := context.WithCancel(w.ctx)
	defer cancel()
	found, err := queue.Verify(ctx, queue.Options{Dir: loaded.Config.Data.Value, Config: loaded.Config.Queue, Logger: newLogger(loaded.Config.Log, w.errors)})
	if err != nil {
		return err
	}
	fmt.Fprintf(w.out, "%d groups with %d events, %d retries, %d dead letters, %d bytes\n", found.Groups, found.Events, found.Retries, found.DeadLetters, found.Bytes)
	if len(found.Damage) == 0 {
		fmt.Fprintln(w.out, "ok: everything is readable and nothing is missing")
		return nil
	}
	var facts []string
	for _, d := range found.Damage {
		facts = append(facts, d.What)
	}
	return fmt.Errorf("the log is damaged: %s", strings.Join(facts, "; "))
}
