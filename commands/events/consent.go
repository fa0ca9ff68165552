package events

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"headgate/commands/cli"
	"headgate/config"
	"headgate/proxy/explain"
	"headgate/queue"
	"headgate/subjects"
)

// Consent holds the verbs about consent.
type Consent struct {
	Replay consentReplay `cmd:"" help:"Decide stored decisions again with a configuration (--config), and count what would change. Nothing is sent."`
	Verify consentVerify `cmd:"" help:"Check that no receipt of consent, no entry of the suppression list and no privacy request was changed or taken out."`
}

type consentReplay struct {
	Since string `help:"Events received since then: 24h, 7d, or 2026-11-22T10:00:00Z." default:"24h" placeholder:"TIME"`
	JSON  bool   `name:"json" help:"Print JSON."`
}

// Run reads the decisions of the running process, or else the log of one that is not running.
func (r consentReplay) Run(w *cli.World) error {
	from, err := cli.Since(r.Since)
	if err != nil {
		return err
	}
	parts, err := w.Parts()
	if err != nil {
		return err
	}
	defer func() { _ = parts.Close(w.Ctx) }() // nothing was written
	again := explain.Reconsider(parts, time.Now())
	if err := decisions(w, parts.Config, from, again.Take); err != nil {
		return err
	}
	if r.JSON {
		return w.JSON(again)
	}
	return printReconsideration(w.Out, again, from)
}

// decisions calls fn with the stored decisions since a time.
func decisions(w *cli.World, c *config.Config, from time.Time, fn func([]byte)) error {
	token, err := cli.ReadToken(c)
	if err != nil {
		return err
	}
	asked := &cli.Client{Base: "http://" + cli.Local(c.Admin.Listen.Value), Token: token}
	if !c.Admin.Off() && answers(w.Ctx, asked) {
		resp, err := asked.Open(w.Ctx, "GET", "/api/decisions", url.Values{"since": {from.Format(time.RFC3339)}}, nil)
		if err != nil {
			return err
		}
		defer func() { _ = resp.Body.Close() }()
		return readDecisions(resp.Body, fn)
	}
	log, err := queue.Open(w.Ctx, queue.Options{Dir: c.Data.Value, Config: c.Queue, Logger: cli.NewLogger(c.Log, w.Errors)})
	if err != nil {
		return fmt.Errorf("no Headgate answers at %s, and the log cannot be read: %w", asked.Base, err)
	}
	err = explain.EachDecision(w.Ctx, log, from, func(b []byte) bool { fn(b); return true })
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.Ctx), c.Shutdown.Std())
	defer cancel()
	return errors.Join(err, log.Close(ctx))
}

// answers reports whether a process is running there.
func answers(ctx context.Context, c *cli.Client) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return c.Do(ctx, "GET", "/readyz", nil, nil, nil) == nil
}

// mostDecision bounds what is read of one decision: more is no answer of ours.
const mostDecision = 16 << 20

func readDecisions(r io.Reader, fn func([]byte)) error {
	in := bufio.NewReaderSize(r, 64<<10)
	var length [4]byte
	for {
		if _, err := io.ReadFull(in, length[:]); err != nil {
			return fmt.Errorf("read the decisions of the running process: %w", err)
		}
		n := binary.BigEndian.Uint32(length[:])
		switch {
		case n == 0:
			return nil
		case n > mostDecision:
			return errors.New("read the decisions of the running process: this is none")
		}
		b := make([]byte, n)
		if _, err := io.ReadFull(in, b); err != nil {
			return fmt.Errorf("read the decisions of the running process: %w", err)
		}
		fn(b)
	}
}

func printReconsideration(out io.Writer, r *explain.Reconsideration, from time.Time) error {
	fmt.Fprintf(out, "%d stored decisions since %s; %d events would be treated otherwise\n", r.Events, from.Format(time.DateTime), r.Changed)
	table := cli.NewTable("destination", "delivered", "redacted", "denied", "filtered", "changed")
	for _, d := range r.Destinations {
		change := func(was, would int) string {
			switch {
			case d.New:
				return fmt.Sprintf("new: %d", would)
			case was == would:
				return fmt.Sprint(was)
			}
			return fmt.Sprintf("%d → %d", was, would)
		}
		table.Row(d.Destination, change(d.Was.Delivered, d.Would.Delivered), change(d.Was.Redacted, d.Would.Redacted),
			change(d.Was.Denied, d.Would.Denied), change(d.Was.Filtered, d.Would.Filtered), d.Changed)
	}
	if err := table.Print(out); err != nil {
		return err
	}
	if r.Unreadable > 0 {
		fmt.Fprintf(out, "%d could not be read\n", r.Unreadable)
	}
	fmt.Fprintln(out, "Events that nobody was allowed to have are not stored, so they are not counted here.")
	return nil
}

type consentVerify struct{}

// Run reads all receipts, the suppression list and the privacy requests of the data folder; the process may be running.
func (consentVerify) Run(w *cli.World) error {
	loaded, mistakes := config.Load(w.Path, w.Env())
	if loaded == nil {
		return mistakes.Err()
	}
	n, err := subjects.VerifyReceipts(loaded.Config.Data.Value)
	if err != nil {
		return fmt.Errorf("after %d good receipts: %w", n, err)
	}
	entries, err := subjects.VerifySuppressed(loaded.Config.Data.Value)
	if err != nil {
		return err
	}
	asked, err := subjects.VerifyRequests(loaded.Config.Data.Value)
	if err != nil {
		return err
	}
	fmt.Fprintf(w.Out, "ok: %d receipts, %d entries of the suppression list and %d privacy requests, none changed, none missing\n", n, entries, asked)
	return nil
}
