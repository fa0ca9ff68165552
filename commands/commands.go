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

	"headgate/config"
	"headgate/destinations"
	"headgate/destinations/bigquery"
	"headgate/destinations/clickhouse"
	"headgate/destinations/databricks"
	"headgate/destinations/jsonl"
	"headgate/destinations/kafka"
	"headgate/destinations/mysql"
	"headgate/destinations/nats"
	"headgate/destinations/parquet"
	"headgate/destinations/postgres"
	"headgate/destinations/snowflake"
	"headgate/destinations/sqlite"
	"headgate/document"
	"headgate/proxy"
)

// The exit statuses.
const (
	fine      = 0
	mistake   = 1 // the user's
	ourFault  = 2 // or the machine's
	changes   = 3 // all is fine, and something would change
	defaultTo = "headgate.yaml"
)

// verbs are the commands and their flags.
type verbs struct {
	Config string `help:"Configuration: a file or a folder. Without a headgate.yaml and without this flag, the built-in one." placeholder:"PATH" env:"HEADGATE_CONFIG"`

	ShowVersion kong.VersionFlag `name:"version" help:"Print the version."`

	Init         initVerb       `cmd:"" help:"Write a configuration to begin with: for a shop, a site that collects leads, or a publisher."`
	Serve        serve          `cmd:"" help:"Take hits in and deliver events."`
	Check        check          `cmd:"" help:"Find every mistake in the configuration."`
	Test         test           `cmd:"" help:"Run the cases of the configuration and of its destinations."`
	Send         send           `cmd:"" help:"Send a file of events, JSON lines or CSV, to the running process."`
	Explain      explain        `cmd:"" help:"Show what becomes of an event, and why."`
	Diff         diff           `cmd:"" help:"Show what a changed configuration would do otherwise with the events of the log. Nothing is sent."`
	Replay       replay         `cmd:"" help:"Send events of the log to a destination again."`
	Search       search         `cmd:"" help:"Look for events in the log of the running process."`
	Dead         dead           `cmd:"" help:"Look at the events that destinations rejected, retry or drop them."`
	Consent      consentVerbs   `cmd:"" help:"Try a changed policy on stored decisions, and verify the receipts."`
	Subject      subject        `cmd:"" help:"Look at what is held about a person, suppress or delete it."`
	Queue        queueVerbs     `cmd:"" help:"Look at the log."`
	Insight      insightVerbs   `cmd:"" help:"Ask what visitors do: funnels, paths, carts, campaigns."`
	Admin        adminVerbs     `cmd:"" help:"Make tokens for people, and see who did what at the admin side."`
	Warehouse    warehouseVerbs `cmd:"" help:"Print what makes a destination's tables, and views over them; load stored events into them."`
	Destinations catalogue      `cmd:"" name:"destinations" help:"List what can be sent to, or show one page of it."`
	Doctor       doctorVerb     `cmd:"" name:"doctor" help:"Look at a website and its host from outside, and say what Safari does with its cookies."`
	Schema       schema         `cmd:"" help:"Print the JSON Schema of the configuration, for editors."`
	Docs         docs           `cmd:"" help:"Write the reference."`
	Version      version        `cmd:"" help:"Print the version."`
	Completion   completion     `cmd:"" help:"Print the script by which a shell completes this command line."`
	Help         help           `cmd:"" help:"Explain a command, with examples."`
	Health       health         `cmd:"" hidden:"" help:"Ask the running process whether it accepts events, for a container's health check."`
}

// world is where a command runs.
type world struct {
	ctx    context.Context
	in     io.Reader
	out    io.Writer
	errors io.Writer
	path   string // of the configuration

	secrets  *document.Secrets // of the configurations that were loaded; out and errors hide them
	terminal bool              // errors is read by a person who is there
	asks     bool              // a person is there who can answer
	coloured [2]bool           // out and errors show colours
}

// newWorld makes the world of one command; what it prints hides the secrets of the configurations that it loads.
func newWorld(ctx context.Context, in io.Reader, out, errs io.Writer, path string) *world {
	w := &world{ctx: ctx, in: in, path: path, secrets: new(document.Secrets), terminal: isTerminal(errs)}
	w.coloured = [2]bool{paints(out), paints(errs)}
	w.asks = w.terminal && isTerminal(in)
	w.out, w.errors = w.secrets.Writer(out), w.secrets.Writer(errs)
	return w
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// env is where configurations take their values from.
func (w *world) env() config.Env { return config.Env{Secrets: w.secrets} }

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
	w := newWorld(ctx, in, out, errs, configuration(v.Config))
	return w.report(parsed.Run(w, parser.Model))
}

// configuration is the path to load: the one named, headgate.yaml when there is one, else the built-in configuration.
func configuration(named string) string {
	if named != "" {
		return named
	}
	if _, err := os.Stat(defaultTo); err == nil {
		return defaultTo
	}
	return ""
}

// userError is a mistake that the user can fix.
type userError struct{ error }

func wrong(format string, args ...any) error { return userError{fmt.Errorf(format, args...)} }

// asUserError makes what was asked wrong a mistake of the user.
func asUserError(err error) error {
	if errors.Is(err, proxy.ErrQuestion) {
		return userError{err}
	}
	return err
}

// report prints what went wrong and returns the exit status.
func (w *world) report(err error) int {
	var mistakes document.Mistakes
	var user userError
	switch {
	case err == nil:
		return fine
	case errors.Is(err, errChanges):
		return changes
	case errors.As(err, &mistakes):
		fmt.Fprintln(w.errors, paintMistakes(w.coloured[1], mistakes))
		return mistake
	case errors.As(err, &user):
		fmt.Fprintf(w.errors, "headgate: %v\n", err)
		return mistake
	}
	fmt.Fprintf(w.errors, "headgate: %v\n", err)
	return ourFault
}

// Drivers are the destinations that are written in Go.
func Drivers() map[string]destinations.NewDriver {
	return map[string]destinations.NewDriver{"bigquery": bigquery.NewDriver, "clickhouse": clickhouse.NewDriver, "databricks": databricks.NewDriver, "jsonl": jsonl.NewDriver,
		"kafka": kafka.NewDriver, "mysql": mysql.NewDriver, "nats": nats.NewDriver, "parquet": parquet.NewDriver, "postgres": postgres.NewDriver, "snowflake": snowflake.NewDriver,
		"sqlite": sqlite.NewDriver}
}

// parts loads and builds the configuration.
func (w *world) parts() (*config.Parts, error) {
	parts, mistakes := config.Open(w.path, w.env(), config.Deps{Drivers: Drivers()})
	return parts, mistakes.Err()
}
