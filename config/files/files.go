// Package files knows which files on disk belong to a configuration, by its path alone: its own, and those of the user's own
// destinations in destinations/ beside it. It hashes what they hold and watches them for changes. It does not know what they say.
package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// List lists the files that belong to the configuration at a path: its own in the order of their names, then those of
// the user's own destinations.
func List(path string) ([]string, error) {
	own, destinations, err := Of(path)
	return append(own, destinations...), err
}

// Of is List with the two kinds of files apart.
func Of(path string) (own, destinations []string, err error) {
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
	destinations, err = filesIn(besides(path), isDestination)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, err
	}
	return own, destinations, nil
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

// Root is the folder of the configuration at a path: destinations/ and what is written next to it are there.
func Root(path string) string {
	if isFolder(path) {
		return path
	}
	return filepath.Dir(path)
}

// besides is the folder of the user's own destinations.
func besides(path string) string { return filepath.Join(Root(path), "destinations") }

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// Destinations is the folder of the user's own destinations as List sees it, with each file's content from read; nil when there is
// none. name is its path.
func Destinations(path string, read func(path string) ([]byte, error)) (files fs.FS, name string) {
	name = besides(path)
	if path == "" || !isFolder(name) {
		return nil, name
	}
	return folder{os.DirFS(name), name, read}, name
}

// folder is a folder of files as filesIn sees it.
type folder struct {
	fs.FS
	name string
	read func(path string) ([]byte, error)
}

// ReadDir lists the files; what is in folders below does not belong to the configuration.
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
	return f.read(filepath.Join(f.name, name))
}
