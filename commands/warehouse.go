package commands

import (
	"fmt"
	"slices"
	"strings"

	"headgate/commands/cli"
	"headgate/destinations"
	"headgate/document"
)

type warehouseVerbs struct {
	Backfill warehouseBackfill `cmd:"" help:"Load stored events into a destination's store once more."`

	DDL    warehouseDDL    `cmd:"" name:"ddl" help:"Print the statements that make a destination's tables."`
	Models warehouseModels `cmd:"" help:"Print views over a destination's events: sessions, funnel, attribution, daily figures."`
}

type warehouseDDL struct {
	Name string `arg:"" help:"Destination in the configuration."`
	For  string `placeholder:"STORE" help:"Of files: what makes another store load them: athena, bigquery, databricks, duckdb, redshift or snowflake."`
}

// Run prints the statements. It connects to nothing.
func (v warehouseDDL) Run(w *cli.World) error {
	if v.For != "" {
		return statements(w, v.Name, "files", func(d *destinations.Destination) ([]string, error) {
			if l, files := d.Loader(); files {
				return l.Loading(v.For)
			}
			return nil, nil
		})
	}
	return statements(w, v.Name, "tables", func(d *destinations.Destination) ([]string, error) { return d.DDL(), nil })
}

type warehouseModels struct {
	Name string `arg:"" help:"Destination in the configuration."`
}

// Run prints the statements. It connects to nothing.
func (v warehouseModels) Run(w *cli.World) error {
	return statements(w, v.Name, "views", func(d *destinations.Destination) ([]string, error) { return d.Models(), nil })
}

// statements prints what makes something of a destination.
func statements(w *cli.World, name, what string, of func(*destinations.Destination) ([]string, error)) error {
	parts, err := w.Parts()
	if err != nil {
		return err
	}
	var names []string
	for i := range parts.Destinations {
		names = append(names, parts.Destinations[i].Name())
	}
	i := slices.Index(names, name)
	if i < 0 {
		return cli.Wrong("no destination %q is on in the configuration%s", name, orElse(document.DidYouMean(name, names)))
	}
	d := parts.Destinations[i].Destination
	statements, err := of(d)
	_, files := d.Loader()
	switch {
	case err != nil:
		return cli.Blame(err)
	case len(statements) == 0 && files:
		return cli.Wrong("%s has no %s of ours: it is %s; headgate warehouse ddl %s --for STORE prints what loads them", name, what, d.Spec().Title, name)
	case len(statements) == 0:
		return cli.Wrong("%s has no %s of ours: it is %s", name, what, d.Spec().Title)
	}
	fmt.Fprintln(w.Out, strings.Join(statements, ";\n\n")+";")
	return nil
}

// orElse is a suggestion behind a message.
func orElse(suggestion string) string {
	if suggestion == "" {
		return ""
	}
	return "; " + suggestion
}
