// Package events is the commands about events of the log: explain, diff, replay, search, dead, queue, consent.
package events

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"headgate/commands/cli"
	"headgate/event/trace"
	"headgate/proxy/resend"
)

// Replay sends stored events again.
type Replay struct {
	To          string `required:"" help:"Destination to send to."`
	Since       string `help:"Events received since then: 2h, 3d, or 2026-11-22T10:00:00Z." xor:"which" placeholder:"TIME"`
	DeadLetters bool   `name:"dead" help:"Its dead letters only." xor:"which"`
	Where       string `help:"Only events for which this formula holds." placeholder:"FORMULA"`
	DryRun      bool   `help:"Count, send nothing."`
	Yes         bool   `help:"Do not ask, even when events may be counted twice." short:"y"`
}

// Run asks the running process and shows how far it has come. Before events are sent to a destination that may count them
// twice, the person is asked.
func (r Replay) Run(w *cli.World) error {
	if r.Since == "" && !r.DeadLetters {
		return cli.Wrong("say which events: --since 2h, or --dead")
	}
	c, err := w.Client()
	if err != nil {
		return err
	}
	since, err := cli.Since(r.Since)
	if err != nil {
		return err
	}
	if !r.DryRun && !r.Yes {
		tally, err := r.ask(w, c, since, true)
		if err != nil {
			return err
		}
		if tally.Had > 0 {
			means := fmt.Sprintf("%s may have had %d of %d events already, and counts an event that comes twice as two.", r.To, tally.Had, tally.Matched)
			if err := w.Confirm(means, "Send them again?"); err != nil {
				return err
			}
		}
	}
	tally, err := r.ask(w, c, since, r.DryRun)
	if err != nil {
		return err
	}
	verb := "sent again"
	if r.DryRun {
		verb = "would be sent again"
	}
	fmt.Fprintf(w.Out, "%d of %d events %s to %s\n", tally.Matched, tally.Read, verb, r.To)
	if tally.Had > 0 {
		fmt.Fprintf(w.Out, "%d of them it may have had already\n", tally.Had)
	}
	return nil
}

func (r Replay) ask(w *cli.World, c *cli.Client, since time.Time, dryRun bool) (resend.Tally, error) {
	body := map[string]any{"to": r.To, "dead": r.DeadLetters, "where": r.Where, "dry_run": dryRun}
	if !since.IsZero() {
		body["since"] = since
	}
	resp, err := c.Open(w.Ctx, "POST", "/api/replay", nil, body)
	if err != nil {
		return resend.Tally{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	return w.Follow(resp.Body)
}

// Dead holds the verbs about dead letters.
type Dead struct {
	List  deadList  `cmd:"" help:"List dead letters."`
	Show  deadShow  `cmd:"" help:"Show one with the request and the destination's words."`
	Retry deadRetry `cmd:"" help:"Send dead letters again."`
	Drop  deadDrop  `cmd:"" help:"Forget dead letters for good."`
}

// deadPick chooses dead letters.
type deadPick struct {
	To    string   `help:"Of this destination only." placeholder:"DESTINATION"`
	Since string   `help:"Rejected since then: 2h, 3d or a time." placeholder:"TIME"`
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
	t, err := cli.Since(p.Since)
	if !t.IsZero() {
		q.Set("since", t.Format(time.RFC3339))
	}
	return q, err
}

type deadList struct {
	deadPick
	Limit int  `default:"100" help:"The most letters to list."`
	JSON  bool `name:"json" help:"Print JSON."`
}

type letters struct {
	Total       int `json:"total"`
	Unsure      int `json:"unsure"`
	DeadLetters []struct {
		Destination string    `json:"destination"`
		EventID     string    `json:"event_id"`
		EventName   string    `json:"event_name"`
		Rejected    time.Time `json:"died"`
		Why         string    `json:"why"`
	} `json:"dead"`
}

// Run prints dead letters, oldest first.
func (l deadList) Run(w *cli.World) error {
	c, err := w.Client()
	if err != nil {
		return err
	}
	q, err := l.query()
	if err != nil {
		return err
	}
	q.Set("limit", strconv.Itoa(l.Limit))
	var raw json.RawMessage
	if err := c.Do(w.Ctx, "GET", "/api/dead", q, nil, &raw); err != nil {
		return err
	}
	if l.JSON {
		fmt.Fprintln(w.Out, string(raw))
		return nil
	}
	var found letters
	if err := json.Unmarshal(raw, &found); err != nil {
		return err
	}
	table := cli.NewTable("rejected", "destination", "event", "id", "why")
	for _, d := range found.DeadLetters {
		table.Row(d.Rejected.Format(time.DateTime), d.Destination, trace.Visible(d.EventName), trace.Visible(d.EventID), trace.Visible(d.Why))
	}
	if err := table.Print(w.Out); err != nil {
		return err
	}
	fmt.Fprintf(w.Out, "%d of %d dead letters\n", len(found.DeadLetters), found.Total)
	return nil
}

type deadShow struct {
	To string `arg:"" name:"destination" help:"Destination that refused it."`
	ID string `arg:"" name:"id" help:"Event id."`
}

// Run prints one dead letter as JSON.
func (d deadShow) Run(w *cli.World) error {
	c, err := w.Client()
	if err != nil {
		return err
	}
	var letter any
	if err := c.Do(w.Ctx, "GET", "/api/dead/"+url.PathEscape(d.To)+"/"+url.PathEscape(d.ID), nil, nil, &letter); err != nil {
		return err
	}
	return w.JSON(letter)
}

type deadRetry struct {
	deadPick
	Yes bool `help:"Do not ask, even when events may be counted twice." short:"y"`
}

// Run makes dead letters pending again. When some may have arrived anyway the person is asked.
func (d deadRetry) Run(w *cli.World) error {
	if d.Yes {
		return d.change(w, "retry", "sent again")
	}
	c, err := w.Client()
	if err != nil {
		return err
	}
	q, err := d.query()
	if err != nil {
		return err
	}
	q.Set("limit", "1")
	var found letters
	if err := c.Do(w.Ctx, "GET", "/api/dead", q, nil, &found); err != nil {
		return err
	}
	if found.Unsure > 0 {
		means := fmt.Sprintf("%d of %d dead letters were given up without a clear answer: they may have arrived, and would count twice.", found.Unsure, found.Total)
		if err := w.Confirm(means, "Send them again?"); err != nil {
			return err
		}
	}
	return d.change(w, "retry", "sent again")
}

type deadDrop struct {
	deadPick
	All bool `help:"Needed to drop all of them."`
}

// Run forgets dead letters.
func (d deadDrop) Run(w *cli.World) error {
	if len(d.IDs) == 0 && d.To == "" && d.Where == "" && d.Since == "" && !d.All {
		return cli.Wrong("name event ids or --to DESTINATION, or say --all to drop every dead letter")
	}
	return d.change(w, "drop", "dropped")
}

func (p deadPick) change(w *cli.World, verb, done string) error {
	c, err := w.Client()
	if err != nil {
		return err
	}
	q, err := p.query()
	if err != nil {
		return err
	}
	var answer map[string]int
	if err := c.Do(w.Ctx, "POST", "/api/dead/"+verb, q, nil, &answer); err != nil {
		return err
	}
	for _, n := range answer {
		fmt.Fprintf(w.Out, "%d dead letters %s\n", n, done)
	}
	return nil
}
