// Package edit is the files of a configuration as people edit them: read as they are on disk, tried out as a draft, replaced one by
// one, extended by a destination.
package edit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"

	"headgate/config"
	"headgate/config/files"
	"headgate/document"
)

// Configuration is what a person edits: one file, or those of a folder.
type Configuration struct {
	Version string // changes with any byte of any file
	Files   []File // sorted by name
}

// File is one file of the configuration; Name is relative to its folder.
type File struct {
	Name string
	Text []byte
}

// Has reports whether one of the files has that name.
func (c *Configuration) Has(name string) bool {
	return slices.ContainsFunc(c.Files, func(f File) bool { return f.Name == name })
}

// Why a file was not replaced.
var (
	ErrStale    = errors.New("the configuration was changed meanwhile: read it again")
	ErrReadOnly = errors.New("the files of the configuration cannot be written by this process: apply the patch where they come from")
)

// Files are the files of a configuration on disk.
type Files struct {
	path string // a file, a folder, or "" for the built-in configuration
	env  config.Env

	opening sync.Mutex // held while a draft is opened
}

// At returns the files at a path.
func At(path string, env config.Env) *Files { return &Files{path: path, env: env} }

// Read returns the files as they are on disk now; none where there is no path.
func (f *Files) Read() (Configuration, error) {
	var c Configuration
	if f.path == "" {
		return c, nil
	}
	names, err := files.List(f.path)
	if err != nil {
		return c, err
	}
	root := f.root()
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return c, err
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return c, err
		}
		c.Files = append(c.Files, File{filepath.ToSlash(relative), text})
	}
	c.Version = versionOf(c.Files)
	return c, nil
}

// versionOf is the same for the same files.
func versionOf(all []File) string {
	h := sha256.New()
	for _, one := range all {
		fmt.Fprintf(h, "%s\x00%d\x00", one.Name, len(one.Text))
		h.Write(one.Text)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func (f *Files) root() string { return files.Root(f.path) }

// Replace writes one of the files once the configuration opens with its new text; document.Mistakes when it does not, ErrReadOnly when
// the file cannot be written.
func (f *Files) Replace(name string, text []byte, deps config.Deps) error {
	path := filepath.Join(f.root(), filepath.FromSlash(name))
	parts, mistakes := config.Open(f.path, f.env.Instead(path, text), deps)
	if err := f.Named(mistakes).Err(); err != nil {
		return err
	}
	if err := parts.Close(context.Background()); err != nil {
		return err
	}
	err := document.Replace(path, text)
	if isReadOnly(err) {
		return fmt.Errorf("%w (%w)", ErrReadOnly, err)
	}
	return err
}

// Watch calls changed whenever one of the files or one of the inputs changes after read, the hash of what was read of them, until ctx ends.
func (f *Files) Watch(ctx context.Context, read string, inputs func() []string, changed func()) error {
	if f.path == "" {
		<-ctx.Done()
		return nil
	}
	return files.Watch(ctx, f.path, read, inputs, changed)
}

// isReadOnly reports whether a file cannot be replaced by this process: it has no right to, the file system is mounted for reading
// only, or the file itself is a mount, as containers have it.
func isReadOnly(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.EBUSY)
}

// Named says files by their names as Configuration has them.
func (f *Files) Named(ms document.Mistakes) document.Mistakes {
	root := f.root()
	for i := range ms {
		if name, err := filepath.Rel(root, ms[i].At.File); err == nil && ms[i].At.File != "" && filepath.IsLocal(name) {
			ms[i].At.File = filepath.ToSlash(name)
		}
	}
	return ms
}
