package catalog

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"headgate/document"
)

// Folder is where the files of destinations are. Name is put before their paths in mistakes.
type Folder struct {
	FS   fs.FS
	Name string

	builtIn bool                                 // nobody can edit its files
	kept    func() (contents, document.Mistakes) // of those: what was read
}

// BuiltIn is a folder whose files are a part of the program. They are read once, and their golden cases only when they are asked for:
// a configuration is checked at each pause in typing, and these files are most of what it reads.
func BuiltIn(files fs.FS, name string) Folder {
	f := Folder{FS: files, Name: name, builtIn: true}
	f.kept = sync.OnceValues(f.read)
	return f
}

// contents is what is in a folder. It must not be changed.
type contents struct {
	specs  []*Spec
	cases  map[string]caseSource // by the destination's name
	unread map[string]string     // files that are not YAML, by the name that they would have
}

// caseSource is where golden cases are. They are read again when they are asked for: they are most of a catalogue, and a
// server never asks.
type caseSource struct {
	folder Folder
	file   string
}

func (s caseSource) read() (*CaseFile, document.Mistakes) {
	shown := path.Join(s.folder.Name, s.file)
	data, err := fs.ReadFile(s.folder.FS, s.file)
	if err != nil {
		var ms document.Mistakes
		ms.Add(document.Place{File: shown}, fmt.Sprintf("cannot be read: %v", err), "")
		return &CaseFile{At: document.Place{File: shown}, Path: s.file}, ms
	}
	cases, ms := readCases(shown, data)
	cases.Path = s.file
	return cases, ms
}

func (f Folder) contents() (contents, document.Mistakes) {
	if f.kept != nil {
		in, ms := f.kept()
		return in, slices.Clone(ms)
	}
	return f.read()
}

// read reads every *.yaml in the folder and below.
func (f Folder) read() (in contents, ms document.Mistakes) {
	in = contents{cases: map[string]caseSource{}, unread: map[string]string{}}
	seen := map[string]document.Place{}
	err := fs.WalkDir(f.FS, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(file) != ".yaml" {
			return err
		}
		if name, ok := strings.CutSuffix(path.Base(file), "_test.yaml"); ok {
			source := caseSource{f, file}
			if !f.builtIn {
				_, wrong := source.read()
				ms = append(ms, wrong...)
			}
			in.cases[name] = source
			return nil
		}
		data, err := fs.ReadFile(f.FS, file)
		if err != nil {
			return err
		}
		spec, wrong := readSpec(path.Join(f.Name, file), data)
		ms = append(ms, wrong...)
		if spec == nil {
			in.unread[strings.TrimSuffix(path.Base(file), ".yaml")] = path.Join(f.Name, file)
			return nil
		}
		if at, twice := seen[spec.Name]; twice {
			ms.Add(spec.At, "a second destination "+spec.Name, "the first is "+at.String())
			return nil
		}
		spec.BuiltIn = f.builtIn
		seen[spec.Name] = spec.At
		in.specs = append(in.specs, spec)
		return nil
	})
	if err != nil {
		ms.Add(document.Place{File: f.Name}, fmt.Sprintf("cannot be read: %v", err), "")
	}
	return in, ms
}
