package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"headgate/destinations"
	"headgate/destinations/catalog"
)

// Files lists the files that belong to the configuration at a path: its own in the order of their names, then those of
// the user's own destinations.
func Files(path string) ([]string, error) {
	own, catalogue, err := files(path)
	return append(own, catalogue...), err
}

func files(path string) (own, catalogue []string, err error) {
	own = []string{path}
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, err
	}
	if info.IsDir() {
		if own, err = filesIn(path, isConfiguration); err != nil {
			return nil, nil, err
		}
	}
	catalogue, err = filesIn(destinationsBeside(path), isDestination)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, err
	}
	return own, catalogue, nil
}

func isConfiguration(name string) bool {
	ext := filepath.Ext(name)
	return (ext == ".yaml" || ext == ".yml") && !strings.HasSuffix(strings.TrimSuffix(name, ext), "_test")
}

func isDestination(name string) bool { return filepath.Ext(name) == ".yaml" }

// filesIn lists the files of a folder, but hidden ones. Links are followed: Kubernetes mounts files as links into a hidden
// folder.
func filesIn(folder string, wanted func(name string) bool) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, e := range entries {
		name := filepath.Join(folder, e.Name())
		if strings.HasPrefix(e.Name(), ".") || !wanted(e.Name()) {
			continue
		}
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return found, nil
}

// destinationsBeside is the folder of the user's own destinations.
func destinationsBeside(path string) string {
	if !isFolder(path) {
		path = filepath.Dir(path)
	}
	return filepath.Join(path, "destinations")
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// folders are where the catalogue comes from.
func folders(path string, env Env) []catalog.Folder {
	all := []catalog.Folder{destinations.BuiltIn()}
	if beside := destinationsBeside(path); path != "" && isFolder(beside) {
		all = append(all, catalog.Folder{FS: folder{os.DirFS(beside), beside, env}, Name: beside})
	}
	return all
}

// folder is a folder of files as Files sees it, read through an Env.
type folder struct {
	fs.FS
	name string
	env  Env
}

// ReadDir lists the files; what is in folders below does not belong to the catalogue.
func (f folder) ReadDir(string) ([]fs.DirEntry, error) {
	names, err := filesIn(f.name, isDestination)
	if err != nil {
		return nil, err
	}
	var entries []fs.DirEntry
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			return nil, err
		}
		entries = append(entries, fs.FileInfoToDirEntry(info))
	}
	return entries, nil
}

// ReadFile reads one of the files.
func (f folder) ReadFile(name string) ([]byte, error) {
	return f.env.ReadFile(filepath.Join(f.name, name))
}

// Root is the folder of the configuration: destinations/ and what is written next to it are there.
func (l *Loaded) Root() string {
	if isFolder(l.Path) {
		return l.Path
	}
	return filepath.Dir(l.Path)
}
