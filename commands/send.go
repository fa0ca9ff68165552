package commands

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"

	"headgate/commands/cli"
	"headgate/commands/upload"
	"headgate/config"
	"headgate/event"
	"headgate/sources/reading"
)

type send struct {
	File   string        `arg:"" help:"JSON lines or CSV; - reads what is piped in."`
	Format string        `help:"ndjson or csv; by the file's name when left out." enum:"ndjson,csv,auto" default:"auto"`
	To     string        `help:"Where events are taken; the running process of this configuration when left out." placeholder:"URL"`
	Site   string        `help:"The site whose events these are; the first when left out." placeholder:"NAME"`
	Again  bool          `help:"Send the whole file, also what was sent before."`
	DryRun bool          `help:"Send nothing: read every line and report what is wrong with it."`
	Events int           `help:"Events of a request, at most." default:"200"`
	Wait   time.Duration `help:"For how long to wait for a receiver that is away, full or busy." default:"10m"`
}

// requestBytes is how large requests are made; a larger event makes one of its own.
const requestBytes = 256 << 10

// Run sends a file of events. Lines that are not accepted are reported, each with its number, and are for the user to correct.
func (s send) Run(w *cli.World) error {
	loaded, mistakes := config.Load(w.Path, w.Env())
	if loaded == nil {
		return mistakes.Err()
	}
	target, err := s.target(&loaded.Config)
	if err != nil {
		return err
	}
	in, size, err := s.open(w)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // it is only read
	lines, err := upload.NewReader(in, s.format())
	if err != nil {
		return cli.Wrong("%s: %w", s.File, err)
	}
	bar := s.bar(w, size)
	o := upload.Options{Lines: lines, Target: target, Again: s.Again || s.DryRun, Bytes: requestBytes, Events: max(1, s.Events),
		Bad: func(number int, bad string) {
			_ = bar.Clear() // a bar that cannot be drawn is no reason to stop
			fmt.Fprintf(w.Errors, "%s:%d: %s\n", s.File, number, bad)
		},
		Progress: func(done int64) { _ = bar.Set64(min(done, bar.GetMax64())) },
		Resumed:  func(line int) { fmt.Fprintf(w.Errors, "%s: lines up to %d were sent before\n", s.File, line) },
	}
	if s.File != "-" {
		o.State = upload.StateOf(s.File)
	}
	if s.DryRun {
		o.State, o.Check = "", checker(&loaded.Config)
	}
	tally, err := upload.Send(w.Ctx, o)
	_ = bar.Finish()
	_ = bar.Clear()
	return s.report(w, tally, err)
}

// report says how it ended.
func (s send) report(w *cli.World, t upload.Tally, err error) error {
	verb := "sent"
	if s.DryRun {
		verb = "could be sent"
	}
	fmt.Fprintf(w.Out, "%d %s, %d not accepted, %d sent before\n", t.Sent, verb, t.Rejected, t.Before)
	switch {
	case errors.Is(err, upload.ErrChanged):
		return cli.Wrong("%s: %w: remove %s, or send all of it with --again", s.File, err, upload.StateOf(s.File))
	case errors.Is(err, context.Canceled) && s.File != "-":
		return cli.Wrong("broken off; the same command goes on where it stopped")
	case errors.Is(err, upload.ErrRefused):
		return cli.Wrong("%w", err)
	case err != nil:
		return err
	case t.Rejected > 0:
		return cli.Wrong("%d of %d lines were not accepted", t.Rejected, t.Rejected+t.Sent)
	}
	return nil
}

func (s send) format() upload.Format {
	if s.Format != "auto" {
		return upload.Format(s.Format)
	}
	return upload.FormatOf(s.File)
}

// open opens the file; size is 0 where nobody knows it.
func (s send) open(w *cli.World) (in io.ReadCloser, size int64, err error) {
	if s.File == "-" {
		return io.NopCloser(w.In), 0, nil
	}
	f, err := os.Open(s.File)
	if err != nil {
		return nil, 0, cli.Wrong("%w", err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = cli.Wrong("%s is no file; pipe it in with -", s.File)
	}
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, info.Size(), nil
}

// bar is drawn on a terminal only.
func (s send) bar(w *cli.World, size int64) *progressbar.ProgressBar {
	out := io.Discard
	if w.Terminal {
		out = w.Errors
	}
	if size == 0 {
		size = -1 // it shows that something happens
	}
	return progressbar.NewOptions64(size, progressbar.OptionSetWriter(out), progressbar.OptionSetDescription(s.File),
		progressbar.OptionShowBytes(true), progressbar.OptionClearOnFinish())
}

// target is where the events go: the source that takes our own JSON, with a key that only servers know.
func (s send) target(c *config.Config) (t upload.Target, err error) {
	path, keys, ok := c.Sources.Own()
	t = upload.Target{URL: s.To, Client: &http.Client{Timeout: time.Minute}, Patience: s.Wait, Wait: wait}
	switch {
	case s.DryRun:
		return t, nil
	case len(keys) == 0:
		return t, cli.Wrong("no server key: write sources: {events: {server_keys: [\"${EVENTS_SERVER_KEY}\"]}} into the configuration; what is sent is believed about visitors, so it needs one")
	case s.To == "" && !ok:
		return t, cli.Wrong("the configuration takes no events of Headgate's own JSON: write sources: {events: {}} with server_keys, or name another Headgate with --to")
	case s.To == "" && c.TLS != nil:
		return t, cli.Wrong("with tls: the certificate's name is needed: write --to https://the-host%s", path)
	}
	t.Key = keys[0]
	if s.To == "" {
		t.URL = "http://" + cli.Local(c.Listen.Value) + path
		t.Host, err = hostOf(c, s.Site)
	}
	return t, err
}

// hostOf is the first host of a site, "" where there are no sites.
func hostOf(c *config.Config, site string) (string, error) {
	for _, e := range c.Sites {
		if (site == "" || e.Key == site) && len(e.Value.Hosts) > 0 {
			return e.Value.Hosts[0].Value, nil
		}
	}
	if site != "" {
		return "", cli.Wrong("no site %q in the configuration", site)
	}
	return "", nil
}

// checker finds what the receiver would find wrong with an event.
func checker(c *config.Config) func(upload.Line) string {
	tools := reading.New(c.SourceLimits())
	return func(l upload.Line) string {
		_, bad := tools.Event("events", &event.Hit{Received: time.Now()}, l.Event)
		return bad
	}
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
