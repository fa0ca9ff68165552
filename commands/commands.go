// Package commands is what each verb of the command line does: it loads, asks the running process or starts it, and
// prints for people. The exit status is 0 when all is fine, 1 for the user's mistake, 2 for ours or the
// machine's; diff has 3 for what changes.
package commands

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/alecthomas/kong"

	"headgate/commands/cli"
	"headgate/commands/events"
	"headgate/commands/serve"
	"headgate/document"
)

// The exit statuses.
const (
	fine     = 0
	mistake  = 1 // the user's
	ourFault = 2 // or the machine's
	changes  = 3 // all is fine, and something would change
)

// verbs are the commands and their flags.
type verbs struct {
	Config string `help:"Configuration: a file or a folder. Without a headgate.yaml and without this flag, the built-in one." placeholder:"PATH" env:"HEADGATE_CONFIG"`

	ShowVersion kong.VersionFlag `name:"version" help:"Print the version."`

	Init         initVerb       `cmd:"" help:"Write a configuration to begin with: for a shop, a site that collects leads, or a publisher."`
	Serve        serve.Serve    `cmd:"" help:"Take hits in and deliver events."`
	Check        check          `cmd:"" help:"Find every mistake in the configuration."`
	Test         test           `cmd:"" help:"Run the cases of the configuration and of its destinations."`
	Send         send           `cmd:"" help:"Send a file of events, JSON lines or CSV, to the running process."`
	Explain      events.Explain `cmd:"" help:"Show what becomes of an event, and why."`
	Diff         events.Diff    `cmd:"" help:"Show what a changed configuration would do otherwise with the events of the log. Nothing is sent."`
	Replay       events.Replay  `cmd:"" help:"Send events of the log to a destination again."`
	Search       events.Search  `cmd:"" help:"Look for events in the log of the running process."`
	Dead         events.Dead    `cmd:"" help:"Look at the events that destinations rejected, retry or drop them."`
	Consent      events.Consent `cmd:"" help:"Try a changed policy on stored decisions, and verify the receipts."`
	Subject      subject        `cmd:"" help:"Look at what is held about a person, suppress or delete it."`
	Queue        events.Queue   `cmd:"" help:"Look at the log."`
	Insight      insightVerbs   `cmd:"" help:"Ask what visitors do: funnels, paths, carts, campaigns."`
	Admin        adminVerbs     `cmd:"" help:"Make tokens for people, and see who did what at the admin side."`
	Warehouse    warehouseVerbs `cmd:"" help:"Print what makes a destination's tables, and views over them; load stored events into them."`
	Destinations catalogue      `cmd:"" name:"destinations" help:"List what can be sent to, or show one page of it."`
	Doctor       doctorVerb     `cmd:"" name:"doctor" help:"Look at a website and its host from outside, and say what Safari does with its cookies."`
	Schema       printSchema    `cmd:"" help:"Print the JSON Schema of the configuration, for editors."`
	Docs         docs           `cmd:"" help:"Write the reference."`
	Version      version        `cmd:"" help:"Print the version."`
	Completion   completion     `cmd:"" help:"Print the script by which a shell completes this command line."`
	Help         help           `cmd:"" help:"Explain a command, with examples."`
	Health       health         `cmd:"" hidden:"" help:"Ask the running process whether it accepts events, for a container's health check."`
}

// Main runs the command that args name and returns the exit status.
func Main(args []string, in io.Reader, out, errs io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var v verbs
	status := -1
	parser, err := kong.New(&v, kong.Name("headgate"), kong.Writers(out, errs), kong.UsageOnError(), kong.Exit(func(code int) { status = code }),
		kong.Description("A first-party, server-side tag manager. Begin with `headgate init`."), kong.Vars{"version": versionText()},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.PostBuild(func(k *kong.Kong) error { return withExamples(k.Model) }))
	if err != nil {
		panic("BUG: " + err.Error())
	}
	if len(args) > 0 && args[0] == "help" && !slices.Contains(args, "--help") {
		args = append(args[1:], "--help") // what help explains, --help says
	}
	parsed, err := parser.Parse(args)
	switch {
	case status >= 0: // help was asked for
		return status
	case err != nil:
		fmt.Fprintf(errs, "headgate: %v\n", err)
		return mistake
	}
	w := cli.NewWorld(ctx, in, out, errs, configuration(v.Config))
	return report(w, parsed.Run(w, parser.Model))
}

// configuration is the path to load: the one named, headgate.yaml when there is one, else the built-in configuration.
func configuration(named string) string {
	if named != "" {
		return named
	}
	if _, err := os.Stat(cli.DefaultPath); err == nil {
		return cli.DefaultPath
	}
	return ""
}

// report prints what went wrong and returns the exit status.
func report(w *cli.World, err error) int {
	var mistakes document.Mistakes
	switch {
	case err == nil:
		return fine
	case errors.Is(err, events.ErrChanges):
		return changes
	case errors.As(err, &mistakes):
		fmt.Fprintln(w.Errors, cli.PaintMistakes(w.Coloured[1], mistakes))
		return mistake
	case cli.IsMistake(err):
		fmt.Fprintf(w.Errors, "headgate: %v\n", err)
		return mistake
	}
	fmt.Fprintf(w.Errors, "headgate: %v\n", err)
	return ourFault
}
