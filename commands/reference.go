package commands

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"headgate/commands/cli"
	"headgate/config"
	"headgate/config/schema"
	"headgate/consent/table"
	"headgate/destinations"
	"headgate/destinations/catalog"
	"headgate/destinations/http/body"
	"headgate/document"
	"headgate/event"
	"headgate/rules"
	"headgate/sources/webhook"
)

type catalogue struct {
	Name string `arg:"" optional:"" help:"Show the page of this one: settings, events, fields, limits, examples."`
}

// Run lists the catalogue, the user's own destinations too, or prints one page of it.
func (c catalogue) Run(w *cli.World) error {
	loaded, mistakes := config.Load(w.Path, w.Env())
	if loaded == nil {
		return mistakes.Err()
	}
	files := loaded.Catalog
	if c.Name != "" {
		spec := files.Spec(c.Name)
		if spec == nil {
			return cli.Wrong("no destination %q in the catalogue; `headgate destinations` lists them", c.Name)
		}
		_, err := w.Out.Write(spec.Page(files.Cases(c.Name)))
		return err
	}
	table := cli.NewTable("name", "title", "kind", "consent", "duplicates", "sends")
	for _, name := range files.Names() {
		s := files.Spec(name)
		table.Row(s.Name, s.Title, s.Kind, consentOf(s), s.Duplicates, s.About)
	}
	return table.Print(w.Out)
}

func consentOf(s *catalog.Spec) string {
	needs := strings.Join(s.Needs.Purposes, "+")
	if len(s.AnyOf) > 0 {
		needs = strings.TrimPrefix(needs+"+"+strings.Join(s.AnyOf, "|"), "+")
	}
	if needs == "" {
		return "none"
	}
	return needs
}

type docs struct {
	To    string `default:"docs/reference" help:"Folder to write to." placeholder:"FOLDER"`
	Check bool   `help:"Write nothing; fail when a page is not what would be written."`
}

// Run writes the reference: the configuration, what the default policy delivers, the vocabulary, and a page per built-in
// destination.
func (d docs) Run(w *cli.World) error {
	pages, err := referencePages()
	if err != nil {
		return err
	}
	var stale []string
	for _, name := range slices.Sorted(maps.Keys(pages)) {
		path := filepath.Join(d.To, filepath.FromSlash(name))
		old, err := os.ReadFile(path)
		if err == nil && bytes.Equal(old, pages[name]) {
			continue
		}
		if stale = append(stale, path); d.Check {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // documentation
			return err
		}
		if err := os.WriteFile(path, pages[name], 0o644); err != nil { //nolint:gosec // documentation
			return err
		}
	}
	gone, err := d.unknown(pages)
	if err != nil {
		return err
	}
	stale = append(stale, gone...)
	if d.Check && len(stale) > 0 {
		return cli.Wrong("the reference is stale: run `make docs` and read the difference: %s", strings.Join(stale, ", "))
	}
	fmt.Fprintf(w.Out, "%d pages, %d changed\n", len(pages), len(stale))
	return nil
}

// unknown lists pages that nothing makes any more, and removes them unless this is a check.
func (d docs) unknown(pages map[string][]byte) (gone []string, err error) {
	err = filepath.WalkDir(d.To, func(path string, entry os.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".md" {
			return err
		}
		name, err := filepath.Rel(d.To, path)
		if err != nil || pages[filepath.ToSlash(name)] != nil {
			return err
		}
		gone = append(gone, path)
		if d.Check {
			return nil
		}
		return os.Remove(path) //nolint:gosec // the folder is the caller's own
	})
	return gone, err
}

func referencePages() (map[string][]byte, error) {
	files, mistakes := catalog.Load(destinations.BuiltIn())
	if err := mistakes.Err(); err != nil {
		return nil, err
	}
	pages := map[string][]byte{"configuration.md": schema.Reference(), "consent.md": table.Page(), "event.md": vocabulary(), "formulas.md": formulas(),
		"bodies.md": body.Reference()}
	var index bytes.Buffer
	index.WriteString("# Destinations\n\n| name | title | kind | consent | what arrives |\n|---|---|---|---|---|\n")
	for _, name := range files.Names() {
		s := files.Spec(name)
		fmt.Fprintf(&index, "| [%s](%s.md) | %s | %s | %s | %s |\n", s.Name, s.Name, s.Title, s.Kind, consentOf(s), s.About)
		pages["destinations/"+name+".md"] = s.Page(files.Cases(name))
	}
	pages["destinations/README.md"] = index.Bytes()
	return pages, webhookPages(pages)
}

// webhookPages adds the pages of the webhooks that come with Headgate.
func webhookPages(pages map[string][]byte) error {
	files, mistakes := webhook.BuiltIn()
	if err := mistakes.Err(); err != nil {
		return err
	}
	var index bytes.Buffer
	index.WriteString("# Webhooks\n\nWhat `use:` of a source can name; a file of your own is described in [file.md](file.md).\n\n| name | title | what arrives |\n|---|---|---|\n")
	for _, name := range files.Names() {
		s := files.Spec(name)
		fmt.Fprintf(&index, "| [%s](%s.md) | %s | %s |\n", name, name, s.Title, s.About)
		pages["webhooks/"+name+".md"] = s.Page(files.Cases(name))
	}
	pages["webhooks/README.md"], pages["webhooks/file.md"] = index.Bytes(), webhook.Reference()
	return nil
}

// vocabulary is the page of the event's fields.
func vocabulary() []byte {
	var b bytes.Buffer
	b.WriteString("# The event\n\nThe same names are used in JSON, in formulas and in warehouse columns, where `_` joins them.\n" +
		"The class says what a redaction profile counts a field as.\n\n| field | class | |\n|---|---|---|\n")
	for _, f := range event.Fields {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.Path, f.Class, f.Help)
	}
	b.WriteString("\n## Apps\n\nEvents of apps say more of the app and the device, below `params`:\n\n| field | class | |\n|---|---|---|\n")
	for _, p := range event.AppParams {
		fmt.Fprintf(&b, "| `params.%s` | %s | %s |\n", p.Path, p.Class, p.Help)
	}
	b.WriteString("\nDestinations that take them read them by these names; `copy: =params` leaves them out unless `only` lists them.\n\n## Items\n\n")
	for _, f := range event.ItemFields {
		fmt.Fprintf(&b, "- `%s`\n", f.Path)
	}
	return b.Bytes()
}

// formulas is the page of the functions.
func formulas() []byte {
	var b bytes.Buffer
	b.WriteString("# Functions of formulas\n\nEach takes what is absent and then yields nothing, unless it says otherwise.\n\n| function | what it does | example |\n|---|---|---|\n")
	for _, f := range rules.Functions() {
		fmt.Fprintf(&b, "| `%s` | %s | `%s` |\n", cell(f.Usage), cell(f.Help), cell(f.Example))
	}
	return b.Bytes()
}

func cell(s string) string { return strings.ReplaceAll(s, "|", "\\|") }

type printSchema struct{}

// Run prints the JSON Schema of the configuration.
func (printSchema) Run(w *cli.World) error {
	loaded, _ := config.Load(w.Path, w.Env()) // for the user's own destinations, whatever else is wrong
	var files *catalog.Catalog
	if loaded != nil && loaded.Catalog != nil {
		files = loaded.Catalog
	} else {
		var mistakes document.Mistakes
		if files, mistakes = catalog.Load(destinations.BuiltIn()); len(mistakes) > 0 {
			return mistakes.Err()
		}
	}
	_, err := w.Out.Write(schema.JSON(files))
	return err
}

type version struct{}

// release is the version of what is built from this tree. dev/scripts/release.sh has the linker write its own over it.
var release = "0.1.0"

// Run prints the version and the commit it was built from.
func (version) Run(w *cli.World) error {
	_, err := fmt.Fprintln(w.Out, versionText())
	return err
}

func versionText() string {
	commit := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				commit = " (" + s.Value[:12] + ")"
			}
		}
	}
	return "headgate " + release + commit
}
