package files

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settle is how long the files must stay unchanged: editors write in several steps, and Kubernetes swaps a link.
const settle = 200 * time.Millisecond

// Watch calls changed whenever the files of the configuration at a path, or one of its inputs (further files that it takes values from), have
// changed, until ctx ends. read is the Hash of what was read of them before: what has changed since then is a change, too. It watches
// folders rather than files, so that files which are replaced are followed. An error means that watching could not begin or had to end.
func Watch(ctx context.Context, path, read string, inputs func() []string, changed func()) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watch %s: %w", path, err)
	}
	defer func() { _ = w.Close() }() // nothing to lose
	look := func() (string, error) {
		if err := watchFolders(w, path); err != nil {
			return "", err // it is being replaced: its successor makes an event
		}
		further := inputs()
		for _, name := range further {
			_ = w.Add(filepath.Dir(name)) // a folder that is not there yet has its file reported by a reload
		}
		return fingerprint(path, further), nil
	}
	matters := func(e fsnotify.Event) bool { return concerns(e.Name, path, inputs()) }
	if err := whenSettled(ctx, read, w.Events, w.Errors, matters, look, changed); err != nil {
		return fmt.Errorf("watch %s: %w", path, err)
	}
	return nil
}

// concerns reports whether what happened to a file may be a change of the configuration or of an input. Inputs may lie in
// folders where other files change all the time, such as the data folder. Kubernetes swaps a link called ..data.
func concerns(name, path string, inputs []string) bool {
	folder := path
	if !isFolder(path) {
		folder = filepath.Dir(path)
	}
	in := filepath.Dir(name)
	if in == filepath.Clean(folder) || in == besides(path) || strings.HasPrefix(filepath.Base(name), "..") {
		return true
	}
	return slices.ContainsFunc(inputs, func(input string) bool { return filepath.Clean(input) == filepath.Clean(name) })
}

// whenSettled calls changed when look sees something else than is known, once nothing that matters has happened for a while.
func whenSettled(ctx context.Context, known string, events <-chan fsnotify.Event, errs <-chan error, matters func(fsnotify.Event) bool,
	look func() (string, error), changed func()) error {
	now, err := look()
	if err != nil {
		return err
	}
	timer := time.NewTimer(settle)
	defer timer.Stop()
	if now == known {
		timer.Stop()
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case e, open := <-events:
			if !open {
				return errors.New("the watcher ended")
			}
			if matters(e) {
				timer.Reset(settle)
			}
		case _, open := <-errs:
			if !open {
				return errors.New("the watcher ended")
			}
			timer.Reset(settle) // events may have been lost
		case <-timer.C:
			if now, err := look(); err == nil && now != known {
				known = now
				changed()
				_, _ = look() // watches the folders of inputs that were just added
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
	if beside := besides(path); isFolder(beside) {
		return w.Add(beside)
	}
	return nil
}

// fingerprint tells whether the files are still the same. Files that cannot be read count as empty: the reload that
// follows says why.
func fingerprint(path string, inputs []string) string {
	names, err := List(path)
	if err != nil {
		return err.Error()
	}
	texts := make([]Text, len(names))
	for i, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			data = []byte(err.Error())
		}
		texts[i] = Text{name, data}
	}
	return Hash(append(texts, Digests(inputs)...))
}
