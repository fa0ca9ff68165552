package commands

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"headgate/config"
	"headgate/proxy/explain"
	"headgate/queue"
	"headgate/subjects"
)

type consentVerbs struct {
	Replay consentReplay `cmd:"" help:"Decide stored decisions again with a configuration (--config), and count what would change. Nothing is sent."`
	Verify consentVerify `cmd:"" help:"Check that no receipt of consent, no entry of the suppression list and no privacy request was changed or taken out."`
}

type consentReplay struct {
	Since string `help:"Events received since then: 24h, 7d, or 2026-11-22T10:00:00Z." default:"24h" placeholder:"TIME"`
	JSON  bool   `name:"json" help:"Print JSON."`
}

// Run reads the decisions of the running process, or else the log of one that is not running.
func (r consentReplay) Run(w *world) error {
	from, err := since(r.Since)
	if err != nil {
		return err
	}
	parts, err := w.parts()
	if err != nil {
		return err
	}
	defer func() { _ = parts.Close(w.ctx) }() // nothing was written
	again := explain.Reconsider(parts, time.Now())
	if err := w.decisions(parts.Config, from, again.Take); err != nil {
		return err
	}
	if r.JSON {
		return w.json(again)
	}
	return printReconsideration(w.out, again, from)
}

// decisions calls fn with the stored decisions since a time.
func (w *world) decisions(c *config.Config, from time.Time, fn func([]byte)) error {
	token, err := readToken(c)
	if err != nil {
		return err
	}
	asked := client{base: "http://" + local(c.Admin.Listen.Value), token: token}
	if !c.Admin.Off() && asked.answers(w.ctx) {
		resp, err := asked.open(w.ctx, "GET", "/api/decisions", url.Values{"since": {from.Format(time.RFC3339)}}, nil)
		if err != nil {
			return err
		}
		defer func() { _ = resp.Body.Close() }()
		return readDecisions(resp.Body, fn)
	}
	log, err := queue.Open(w.ctx, queue.Options{Dir: c.Data.Value, Config: c.Queue, Logger: newLogger(c.Log, w.errors)})
	if err != nil {
		return fmt.Errorf("no Headgate answers at %s, and the log cannot be read: %w", asked.base, err)
	}
	err = explain.EachDecision(w.ctx, log, from, func(b []byte) bool { fn(b); return true })
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.ctx), c.Shutdown.Std())
	defer cancel()
	return errors.Join(err, log.Close(ctx))
}

// answers reports whether a process is running there.
func (c *client) answers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return c.do(ctx, "GET", "/readyz", nil, nil, nil) == nil
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
	table := newTable("destination", "delivered", "redacted", "denied", "filtered", "changed")
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
		table.row(d.Destination, change(d.Was.Delivered, d.Would.Delivered), change(d.Was.Redacted, d.Would.Redacted),
			change(d.Was.Denied, d.Would.Denied), change(d.Was.Filtered, d.Would.Filtered), d.Changed)
	}
	if err := table.print(out); err != nil {
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
func (consentVerify) Run(w *world) error {
	loaded, mistakes := config.Load(w.path, w.env())
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
	fmt.Fprintf(w.out, "ok: %d receipts, %d entries of the suppression list and %d privacy requests, none changed, none missing\n", n, entries, asked)
	return nil
}
