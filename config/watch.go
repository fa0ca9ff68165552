package config

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settle is how long the files must lie still: editors write in several steps, and Kubernetes swaps a link.
const settle = 200 * time.Millisecond

// Watch calls changed whenever the files of the configuration at a path have become others, until ctx ends. It watches
// folders rather than files, so that files which are replaced are followed. An error means that watching could not begin
// or had to end.
func Watch(ctx context.Context, path string, changed func()) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watch %s: %w", path, err)
	}
	defer func() { _ = w.Close() }() // nothing to lose
	if err := watchFolders(w, path); err != nil {
		return fmt.Errorf("watch %s: %w", path, err)
	}
	known := fingerprint(path)
	timer := time.NewTimer(settle)
	timer.Stop()
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case _, open := <-w.Events:
			if !open {
				return fmt.Errorf("watch %s: the watcher ended", path)
			}
			timer.Reset(settle)
		case err, open := <-w.Errors:
			if !open {
				return fmt.Errorf("watch %s: the watcher ended", path)
			}
			if err != nil { // events may have been lost
				timer.Reset(settle)
			}
		case <-timer.C:
			if err := watchFolders(w, path); err != nil {
				continue // the folder is being replaced: its successor makes an event
			}
			if now := fingerprint(path); now != known {
				known = now
				changed()
			}
		}
	}
}

// watchFolders adds the folders that matter; the one of the user's own destinations may come and go.
func watchFolders(w *fsnotify.Watcher, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	folder := path
	if !info.IsDir() {
		folder = filepath.Dir(path)
	}
	if err := w.Add(folder); err != nil {
		return err
	}
	if beside := destinationsBeside(path); isFolder(beside) {
		return w.Add(beside)
	}
	return nil
}

// fingerprint tells whether the files are still the same. Files that cannot be read count as empty: the reload that
// follows says why.
func fingerprint(path string) string {
	names, err := Files(path)
	if err != nil {
		return err.Error()
	}
	texts := make([]text, len(names))
	for i, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			data = []byte(err.Error())
		}
		texts[i] = text{name, data}
	}
	return hash(texts)
}
