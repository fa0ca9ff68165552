package config

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"headgate/destinations"
	"headgate/document"
)

// Loaded is a configuration as it was written, checked as far as that needs nothing to be built.
type Loaded struct {
	Config  Config
	Catalog *destinations.Catalog // the built-in destinations and the user's own
	Path    string                // as given; "" for the built-in configuration
	Files   []string              // that were read, in order: first those of the configuration, then those of the catalogue
	Hash    string                // of the files: SHA-256 in hex

	misread document.Mistakes // what YAML reads differently than it was meant, and references that are none
}

// withoutFile is the configuration of somebody who has written none: everything is archived on this machine.
const withoutFile = `destinations:
  archive:
    use: parquet
    settings: {to: ./data/archive}
`

// Load reads a file or a folder (*.yaml and *.yml in it, merged), with the user's own destinations in destinations/ beside
// it; "" is the built-in configuration. The Loaded is nil when the text could not be read as YAML at all; with other
// mistakes it holds what could be read, so that Build finds the rest of what is wrong.
func Load(path string, env Env) (*Loaded, document.Mistakes) {
	env = env.filled()
	l := &Loaded{Path: path, Config: Defaults()}
	texts, ms := l.read(env)
	if len(ms) > 0 {
		return nil, ms
	}
	var roots []*document.Node
	readable := true
	for _, t := range texts {
		n, wrong := document.Parse(t.name, t.data)
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
	ms = append(ms, expand(root, env)...)
	l.misread = ms
	reportMissing(root, &further)
	further = append(further, document.Decode(root, &l.Config)...)
	var wrong document.Mistakes
	l.Catalog, wrong = destinations.LoadCatalog(l.folders()...)
	further = append(further, wrong...)
	further = append(further, l.Config.check()...)
	return l, append(ms, l.withoutEchoes(further)...)
}

// withoutEchoes leaves out what is said of a line whose values could not be read as they were meant: it is about what is
// left of them.
func (l *Loaded) withoutEchoes(ms document.Mistakes) document.Mistakes {
	return slices.DeleteFunc(ms, func(m document.Mistake) bool {
		return slices.ContainsFunc(l.misread, func(first document.Mistake) bool {
			return m.At.File == first.At.File && m.At.Line == first.At.Line && m.At.Line > 0
		})
	})
}

type text struct {
	name string
	data []byte
}

// read reads the files of the configuration and works out the hash.
func (l *Loaded) read(env Env) (texts []text, ms document.Mistakes) {
	if l.Path == "" {
		l.Hash = hash([]text{{"", []byte(withoutFile)}})
		return []text{{"(built in)", []byte(withoutFile)}}, nil
	}
	names, err := Files(l.Path)
	if err != nil {
		ms.Add(document.Place{File: l.Path}, reason(err), "name a file or a folder with --config")
		return nil, ms
	}
	if len(names) == 0 {
		ms.Add(document.Place{File: l.Path}, "holds no *.yaml", "put the configuration into it, or name another folder")
		return nil, ms
	}
	var all []text
	for _, name := range names {
		data, err := env.ReadFile(name)
		if err != nil {
			ms.Add(document.Place{File: name}, reason(err), "")
			continue
		}
		l.Files = append(l.Files, name)
		all = append(all, text{name, data})
		if !l.ofCatalog(name) {
			texts = append(texts, text{name, data})
		}
	}
	l.Hash = hash(all)
	return texts, ms
}

func reason(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "is not there"
	}
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return "cannot be read: " + err.Error()
}

// Files lists the files that belong to the configuration at a path, the catalogue's behind the configuration's own, each
// in the order of their names.
func Files(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	files := []string{path}
	if info.IsDir() {
		if files, err = yamlIn(path, isConfiguration); err != nil {
			return nil, err
		}
	}
	own := ownDestinations(path, info.IsDir())
	catalogue, err := yamlIn(own, func(name string) bool { return strings.HasSuffix(name, ".yaml") })
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return append(files, catalogue...), nil
}

func isConfiguration(name string) bool {
	ext := filepath.Ext(name)
	return (ext == ".yaml" || ext == ".yml") && !strings.HasSuffix(strings.TrimSuffix(name, ext), "_test")
}

func yamlIn(folder string, wanted func(name string) bool) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		name := filepath.Join(folder, e.Name())
		if strings.HasPrefix(e.Name(), ".") || !wanted(e.Name()) {
			continue
		}
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() { // follows links: Kubernetes mounts them
			files = append(files, name)
		}
	}
	slices.Sort(files)
	return files, nil
}

// ownDestinations is the folder of the user's own destinations.
func ownDestinations(path string, isFolder bool) string {
	if !isFolder {
		path = filepath.Dir(path)
	}
	return filepath.Join(path, "destinations")
}

// ofCatalog reports whether a file that was read is one of the user's own destinations.
func (l *Loaded) ofCatalog(name string) bool {
	return name != l.Path && filepath.Base(filepath.Dir(name)) == "destinations" &&
		filepath.Dir(filepath.Dir(name)) == filepath.Clean(l.Root())
}

// Root is the folder of the configuration.
func (l *Loaded) Root() string {
	if info, err := os.Stat(l.Path); err == nil && info.IsDir() {
		return l.Path
	}
	return filepath.Dir(l.Path)
}

func (l *Loaded) folders() []destinations.Folder {
	folders := []destinations.Folder{destinations.BuiltIn()}
	if l.Path == "" {
		return folders
	}
	own := filepath.Join(l.Root(), "destinations")
	if info, err := os.Stat(own); err == nil && info.IsDir() {
		folders = append(folders, destinations.Folder{FS: os.DirFS(own), Name: own})
	}
	return folders
}

// hash is the same for the same files, wherever they lie.
func hash(texts []text) string {
	h := sha256.New()
	for _, t := range texts {
		for _, part := range [][]byte{[]byte(filepath.Base(t.name)), t.data} {
			_ = binary.Write(h, binary.BigEndian, uint64(len(part))) // a hash takes everything
			h.Write(part)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
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
