package events

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"headgate/commands/cli"
	"headgate/config"
	"headgate/event"
	"headgate/event/trace"
	"headgate/proxy/explain"
	"headgate/proxy/impact"
	"headgate/proxy/plan"
)

// Diff compares two configurations.
type Diff struct {
	New    string `arg:"" help:"The changed configuration: a file or a folder." placeholder:"NEW"`
	Since  string `help:"Events received since then: 24h, 7d, or 2026-11-22T10:00:00Z." default:"24h" placeholder:"TIME"`
	Where  string `help:"Only events, as they were received, that fulfil this formula." placeholder:"FORMULA"`
	Sample int    `help:"The most events to compare, taken evenly; up to 20000." default:"10000" placeholder:"N"`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// ErrChanges ends a comparison that found something: no mistake, but scripts want to know.
var ErrChanges = errors.New("something changes")

// Run compares --config with the new configuration over the events of the running process, or of the log of one that is not
// running.
func (x Diff) Run(w *cli.World) error {
	from, err := cli.Since(x.Since)
	if err != nil {
		return err
	}
	frozen := explain.NewFrozen(time.Now())
	deps := frozen.Deps(config.Deps{Drivers: cli.Drivers()})
	before, mistakes := config.Open(w.Path, w.Env(), deps)
	if err := mistakes.Err(); err != nil {
		return err
	}
	defer func() { _ = before.Close(context.WithoutCancel(w.Ctx)) }() // nothing was written
	after, mistakes := config.Open(x.New, w.Env(), deps)
	if err := mistakes.Err(); err != nil {
		return err
	}
	defer func() { _ = after.Close(context.WithoutCancel(w.Ctx)) }()
	c, err := explain.NewComparer(plan.New(before, time.Now()), plan.New(after, time.Now()), frozen, explain.Trial{Since: from, Where: x.Where, Sample: x.Sample}, time.Now)
	if err != nil {
		return asUserError(err)
	}
	if err := decisions(w, before.Config, from, c.Add); err != nil {
		return err
	}
	report, err := c.Report(w.Ctx)
	if err != nil {
		return err
	}
	if x.JSON {
		err = w.JSON(report)
	} else {
		err = printReport(w.Out, report, from)
	}
	if err == nil && report.Changed {
		err = ErrChanges
	}
	return err
}

// printReport prints what changes for people.
func printReport(out io.Writer, r *impact.Report, from time.Time) error {
	fmt.Fprintf(out, "%d of %d events stored since %s went through both configurations in %.1f s; nothing was sent.\n", r.Events, r.Of, from.Format(time.DateTime), r.Seconds)
	for _, why := range slices.Sorted(maps.Keys(r.Skipped)) {
		fmt.Fprintf(out, "Not compared: %d (%s)\n", r.Skipped[why], why)
	}
	if !r.Changed {
		fmt.Fprintln(out, "Nothing changes for these events. Events that nobody was allowed to have are not stored, so they are not counted here.")
		return nil
	}
	names := slices.Sorted(maps.Keys(r.Destinations))
	err := printTable(out, func(row func(...any)) {
		for _, name := range names {
			d := r.Destinations[name]
			row(name, d.Before, d.After, d.Appear, d.Disappear, d.Change, fmt.Sprintf("%d → %d", d.BytesBefore, d.BytesAfter))
		}
	}, "destination", "before", "after", "appear", "disappear", "change", "bytes")
	if err != nil {
		return err
	}
	for _, name := range names {
		printExamples(out, name, r.Destinations[name])
	}
	err = printTable(out, func(row func(...any)) {
		for _, rule := range r.Rules {
			if rule.State != impact.Same || rule.Before != rule.After {
				row(rule.Name, rule.Before, rule.After, rule.State)
			}
		}
	}, "rule", "before", "after", "state")
	if err != nil {
		return err
	}
	printFields(out, "fields of events", r.Fields)
	err = printTable(out, func(row func(...any)) {
		for _, one := range r.Reasons {
			row(one.Destination, one.Reason, one.Before, one.After)
		}
	}, "destination", "reason", "before", "after")
	fmt.Fprintf(out, "\nAn event takes %.0f µs before and %.0f µs after. Events that nobody was allowed to have are not stored, so they are not counted here.\n", r.Cost.Before, r.Cost.After)
	return err
}

// printTable prints rows below the names of their columns, nothing without rows.
func printTable(out io.Writer, rows func(row func(...any)), head ...string) error {
	table := cli.NewTable(head...)
	rows(table.Row)
	if len(table.Rows) > 1 {
		fmt.Fprintln(out)
	}
	return table.Print(out)
}

func printExamples(out io.Writer, name string, d *impact.Destination) {
	for i, one := range d.Examples {
		if i == 0 {
			fmt.Fprintf(out, "\n%s\n", name)
		}
		fmt.Fprintf(out, "  %s %s (%s)\n", one.Kind, trace.Visible(one.Name), trace.Visible(one.ID))
		if one.Kind != impact.Change {
			fmt.Fprintf(out, "    before: %s\n    after:  %s\n", trace.Visible(one.Before), trace.Visible(one.After))
		}
		for _, f := range one.Fields {
			fmt.Fprintf(out, "    %s: %s → %s\n", trace.Visible(f.Path), printed(f.Old), printed(f.New))
		}
	}
}

func printFields(out io.Writer, what string, fields []*impact.Field) {
	for i, f := range fields {
		if i == 0 {
			fmt.Fprintf(out, "\n%s\n", what)
		}
		fmt.Fprintf(out, "  %s changes in %d\n", trace.Visible(f.Path), f.Count)
		for _, e := range f.Examples {
			fmt.Fprintf(out, "    %s → %s (%s)\n", printed(e.Old), printed(e.New), trace.Visible(e.ID))
		}
	}
}

// printed is a value on one line.
func printed(v event.Value) string {
	if v.IsNull() {
		return "nothing"
	}
	return trace.Visible(string(v.AppendJSON(nil)))
}

// asUserError makes what was asked wrong a mistake of the user.
func asUserError(err error) error {
	if errors.Is(err, explain.ErrQuestion) {
		return cli.Blame(err)
	}
	return err
}
