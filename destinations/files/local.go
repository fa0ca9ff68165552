package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"headgate/destinations"
)

// local is a folder of this machine. Until a file is complete it has a name that no reader looks at (engines leave out names that
// begin with a dot); then it is synced, gets its name, and the folder is synced: after that it survives a power cut.
type local struct {
	folder string

	mu    sync.Mutex
	swept bool // what a crash left behind was removed
}

func openLocal(folder string) *local { return &local{folder: folder} }

// hidden and unfinished mark the name of a file that is not complete.
const (
	hidden     = "."
	unfinished = ".unfinished"
)

func (l *local) create(_ context.Context, key, _ string) (output, error) {
	if err := l.sweepOnce(); err != nil {
		return nil, err
	}
	path := filepath.Join(l.folder, filepath.FromSlash(key))
	if err := makeFolder(filepath.Dir(path)); err != nil {
		return nil, err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), hidden+"*"+unfinished)
	if err != nil {
		return nil, err
	}
	f := &localFile{File: temp, path: path}
	if err := claim(temp); err != nil {
		f.abort()
		return nil, err
	}
	return f, nil
}

// localFile is a file under the name of an unfinished one.
type localFile struct {
	*os.File
	path string // its name when it is complete
}

func (f *localFile) commit() error {
	err := f.Chmod(0o640) // a loader of the same group reads the archive
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = os.Rename(f.Name(), f.path)
	}
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(f.path))
}

func (f *localFile) abort() {
	_ = f.Close()           // it may be closed
	_ = os.Remove(f.Name()) // it may have its name; what is left is removed at the next start
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (l *local) get(_ context.Context, key string) ([]byte, error) {
	return os.ReadFile(l.address(key))
}

func (l *local) list(ctx context.Context) (keys []string, err error) {
	err = filepath.WalkDir(l.folder, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case entry.IsDir():
			return nil
		}
		key, err := filepath.Rel(l.folder, path)
		keys = append(keys, filepath.ToSlash(key))
		return err
	})
	return keys, err
}

func (l *local) address(key string) string { return filepath.Join(l.folder, filepath.FromSlash(key)) }

func (*local) close() {}

// blame: a folder that cannot be written to needs a person; every other failure (a full disk, a folder that vanished) is retried.
func (*local) blame(err error) destinations.Kind {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, errNoFolder) {
		return destinations.Halt
	}
	return destinations.Retry
}

// errNoFolder is why nothing can be written below a path.
var errNoFolder = errors.New("there is a file of that name")

// makeFolder makes a folder and those above it, each synced into its parent.
func makeFolder(path string) error {
	if info, err := os.Stat(path); err == nil {
		if !info.IsDir() {
			return fmt.Errorf("make folder %s: %w", path, errNoFolder)
		}
		return nil
	}
	parent := filepath.Dir(path)
	if parent != path {
		if err := makeFolder(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(path, 0o750); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(parent)
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (l *local) sweepOnce() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.swept {
		return nil
	}
	if err := sweep(l.folder); err != nil {
		return fmt.Errorf("remove what a crash left unfinished: %w", err)
	}
	l.swept = true
	return nil
}

// sweep removes what a crash left unfinished below a folder. A file that its writer still holds (a second Headgate, or the
// previous plan that still drains after a reload) is left alone.
func sweep(folder string) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() || !strings.HasPrefix(name, hidden) || !strings.HasSuffix(name, unfinished) {
			return nil
		}
		left, err := os.OpenFile(path, os.O_WRONLY, 0) //nolint:gosec // the folder is the archive's own
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		defer left.Close()
		if claim(left) != nil {
			return nil
		}
		return ignoreMissing(os.Remove(path)) //nolint:gosec // the folder is the archive's own
	})
}
