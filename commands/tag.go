package commands

import (
	"cmp"
	"fmt"

	"headgate/commands/cli"
	"headgate/config"
	"headgate/scripts/own"
)

// printTags prints the element by which pages load Headgate's own script, with the digest that the browser checks it by.
func printTags(w *cli.World, parts *config.Parts) (warnings int) {
	for _, one := range parts.Scripts.List() {
		tag := one.OwnTag(cmp.Or(parts.Config.FirstHost(), "t.shop.example"))
		switch {
		case tag == "":
		case !own.Built():
			warnings++
			fmt.Fprintf(w.Errors, "%s this Headgate was built without its browser script, which %s is to serve: build it with make build\n",
				cli.Paint(w.Coloured[1], cli.Yellow, "warning:"), one.Name)
		default:
			fmt.Fprintf(w.Out, "%-20s %s\n", one.Name, tag)
		}
	}
	return warnings
}
