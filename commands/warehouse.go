package commands

import (
	"fmt"
	"slices"
	"strings"

	"headgate/document"
)

type warehouseVerbs struct {
	DDL warehouseDDL `cmd:"" name:"ddl" help:"Print the statements that make a destination's tables."`
}

type warehouseDDL struct {
	Name string `arg:"" help:"Destination in the configuration."`
}

// Run prints the statements. It connects to nothing.
func (v warehouseDDL) Run(w *world) error {
	parts, err := w.parts()
	if err != nil {
		return err
	}
	var names []string
	for i := range parts.Destinations {
		names = append(names, parts.Destinations[i].Name())
	}
	i := slices.Index(names, v.Name)
	if i < 0 {
		return wrong("no destination %q is on in the configuration%s", v.Name, orElse(document.DidYouMean(v.Name, names)))
	}
	d := parts.Destinations[i]
	statements := d.DDL()
	if len(statements) == 0 {
		return wrong("%s makes no tables: it is %s; docs/warehouses.md has statements that load files", v.Name, d.Spec().Title)
	}
	fmt.Fprintln(w.out, strings.Join(statements, ";\n\n")+";")
	return nil
}

// orElse is a suggestion behind a message.
func orElse(suggestion string) string {
	if suggestion == "" {
		return ""
	}
	return "; " + suggestion
}
