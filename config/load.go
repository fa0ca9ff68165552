package config

import (
	"fmt"
	"slices"
	"strings"

	"headgate/config/files"
	"headgate/config/references"
	"headgate/destinations"
	"headgate/destinations/catalog"
	"headgate/document"
	_ "headgate/sources/protocols" // every protocol can be configured
	"headgate/sources/webhook"
)

// Env is the world that a configuration takes values from. The zero value is the process's own.
type Env = references.Env

// Loaded is a configuration as it was written, checked as far as that needs nothing to be built.
type Loaded struct {
	Config  Config
	Catalog *catalog.Catalog // the built-in destinations and the user's own

	Webhooks *webhook.Catalogue // those that come with Headgate and the user's own; nil: the first only
	Path     string             // as given; "" for the built-in configuration
	Files    []string           // that were read, in order: first those of the configuration, then those of the catalogue
	Inputs   []string           // further files that it takes values from: secrets, tables, certificates, the geo database
	Hash     string             // of the contents of Files and Inputs: SHA-256 in hex

	dated    []references.Dated // secrets that say when they end
	secrets  *document.Secrets  // what its values were filled in with
	misread  document.Mistakes  // what YAML reads differently than was intended, and references that are not valid
	mistakes document.Mistakes  // all that Load reported
}

// withoutFile is the configuration of someone who has written none: everything is archived on this machine.
const withoutFile = `destinations:
  archive:
    use: parquet
    settings: {to: ./data/archive}
`

// Load reads a file or a folder (*.yaml and *.yml in it, merged), with the user's own destinations in destinations/ next to
// it; "" is the built-in configuration. The Loaded is nil when the text could not be read as YAML at all; with other
// mistakes it holds what could be read, so that Build finds the rest of what is wrong.
func Load(path string, env Env) (*Loaded, document.Mistakes) {
	env = env.WithDefaults()
	l := &Loaded{Path: path, Config: Defaults(), secrets: env.Secrets}
	texts, own, ms := l.read(env)
	if len(ms) > 0 {
		return nil, ms
	}
	var roots []*document.Node
	readable := true
	for _, t := range texts[:own] {
		n, wrong := document.Parse(t.Name, t.Data)
		ms = append(ms, wrong...)
		readable = readable && (n != nil || len(wrong) == 0)
		if n != nil {
			roots = append(roots, n)
		}
	}
	if !readable {
		return nil, ms
	}
	root, further := merge(roots)
	filled, wrong := references.Fill(root, l.secretFolders(root), env)
	ms = append(ms, wrong...)
	l.dated, l.misread = filled.Dated, ms
	further = append(further, references.Missing(root, switchedOff(root))...)
	further = append(further, document.Decode(root, &l.Config)...)
	l.Inputs = append(filled.Files, l.Config.inputs()...)
	further = append(further, l.readWebhooks(env)...)
	l.Hash = files.Hash(append(texts, files.Digests(l.Inputs)...))
	l.Catalog, wrong = catalog.Load(catalogueOf(path, env)...)
	further = append(further, wrong...)
	further = append(further, l.Config.check()...)
	l.mistakes = l.discreet(append(ms, l.withoutEchoes(further, nil)...))
	return l, l.mistakes
}

// inputs lists the files that the sections take values from, besides what ${file:} reads.
func (c *Config) inputs() []string {
	names := c.TableFiles()
	if c.TLS != nil && c.TLS.Cert != "" {
		names = append(names, c.TLS.Cert, c.TLS.Key)
	}
	if c.Enrich.Geo.Database.Value != "" {
		names = append(names, c.Enrich.Geo.Database.Value)
	}
	if c.Insight != nil && c.Insight.Costs.File.Value != "" {
		names = append(names, c.Insight.Costs.Path())
	}
	return append(names, c.Enrich.Traffic.Files()...)
}

// Root is the folder of the configuration: destinations/ and what is written next to it are there.
func (l *Loaded) Root() string { return files.Root(l.Path) }

// secretFolders are what ${file:} may read in addition to the folders that secrets belong in. files.allow itself is read as it is
// written, since nothing has been filled in yet.
func (l *Loaded) secretFolders(root *document.Node) []string {
	folders := []string{l.Root()}
	if allow := root.Get("files").Get("allow"); allow != nil {
		for _, item := range allow.Items {
			folders = append(folders, item.Text)
		}
	}
	return folders
}

// switchedOff are the destinations that need no value that is missing.
func switchedOff(root *document.Node) map[*document.Node]bool {
	off := map[*document.Node]bool{}
	if all := root.Get("destinations"); all != nil {
		for _, d := range all.Fields {
			if on := d.Value.Get("enabled"); on != nil && strings.EqualFold(on.Text, "false") {
				off[d.Value] = true
			}
		}
	}
	return off
}

// catalogueOf are the folders that destinations come from: those that are built in, and the user's own.
func catalogueOf(path string, env Env) []catalog.Folder {
	all := []catalog.Folder{destinations.BuiltIn()}
	if own, name := files.Destinations(path, env.ReadFile); own != nil {
		all = append(all, catalog.Folder{FS: own, Name: name})
	}
	return all
}

// readWebhooks reads the files of the user's own that sources use, with their cases beside them.
func (l *Loaded) readWebhooks(env Env) (ms document.Mistakes) {
	var read []string
	l.Webhooks, read, ms = webhooksOf(l.Config.Sources, env.ReadFile)
	l.Inputs = append(l.Inputs, read...)
	return ms
}

// read reads the files: first its own, then those of the catalogue, which the catalogue reads again.
func (l *Loaded) read(env Env) (texts []files.Text, count int, ms document.Mistakes) {
	if l.Path == "" {
		return []files.Text{{Name: "(built in)", Data: []byte(withoutFile)}}, 1, nil
	}
	own, catalogue, err := files.Of(l.Path)
	if err != nil {
		ms.Add(document.Place{File: l.Path}, files.Reason(err), "name a file or a folder with --config")
		return nil, 0, ms
	}
	if len(own) == 0 {
		ms.Add(document.Place{File: l.Path}, "holds no *.yaml", "put the configuration into it, or name another folder")
		return nil, 0, ms
	}
	for _, name := range slices.Concat(own, catalogue) {
		data, err := env.ReadFile(name)
		if err != nil {
			ms.Add(document.Place{File: name}, files.Reason(err), "")
			continue
		}
		l.Files = append(l.Files, name)
		texts = append(texts, files.Text{Name: name, Data: data})
	}
	return texts, min(len(own), len(texts)), ms
}

// merge puts the files of a folder together. A section that is a map may be spread over several files; a key may not.
func merge(roots []*document.Node) (*document.Node, document.Mistakes) {
	var ms document.Mistakes
	merged := &document.Node{Kind: document.Map}
	for i, root := range roots {
		if i == 0 {
			merged.At = root.At
		}
		if root.Kind != document.Map {
			ms.Add(root.At, "a configuration is a map", `write "listen: ...", "destinations: ..." and so on`)
			continue
		}
		mergeFields(merged, root, true, &ms)
	}
	return merged, ms
}

func mergeFields(into, from *document.Node, sections bool, ms *document.Mistakes) {
	for _, f := range from.Fields {
		i := slices.IndexFunc(into.Fields, func(g document.Field) bool { return g.Key == f.Key })
		if i < 0 {
			if f.Value.Kind == document.Map && sections { // it may grow: a copy
				section := *f.Value
				section.Fields = slices.Clone(section.Fields)
				f.Value = &section
			}
			into.Fields = append(into.Fields, f)
			continue
		}
		first := into.Fields[i]
		if sections && first.Value.Kind == document.Map && f.Value.Kind == document.Map {
			mergeFields(first.Value, f.Value, false, ms)
			continue
		}
		ms.Add(f.At, fmt.Sprintf("%q is set here and in %v", f.Key, first.At), "keep one of them")
	}
}
