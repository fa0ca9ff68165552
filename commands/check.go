package commands

import (
	"fmt"

	"headgate/commands/cli"
	"headgate/commands/events"
)

type check struct{}

// Run prints every mistake, or what would be served.
func (check) Run(w *cli.World) error {
	parts, err := w.Parts()
	if err != nil {
		return err
	}
	defer func() { _ = parts.Close(w.Ctx) }() // nothing was written
	warnings := len(parts.Warnings)
	for _, warning := range parts.Warnings {
		fmt.Fprintf(w.Errors, "%s %v\n", cli.Paint(w.Coloured[1], cli.Yellow, "warning:"), warning)
	}
	for _, warning := range events.Orphans(w, parts) {
		warnings++
		fmt.Fprintf(w.Errors, "%s %s\n", cli.Paint(w.Coloured[1], cli.Yellow, "warning:"), warning)
	}
	for _, d := range parts.Destinations {
		fmt.Fprintf(w.Out, "%-20s %s\n", d.Name(), d.Spec().Title)
	}
	warnings += printTags(w, parts)
	fmt.Fprintf(w.Out, "ok: %d rules, %d destinations on, %d off, %d warnings\n", len(parts.Config.Rules), len(parts.Destinations),
		len(parts.Config.Destinations)-len(parts.Destinations), warnings)
	return nil
}
