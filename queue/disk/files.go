package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// syncFolder makes the name of a file last, where the file system knows how to.
func syncFolder(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrPermission) {
		err = nil // some network and shared file systems do not
	}
	return errors.Join(err, d.Close())
}

// writeWhole makes a file that is on disk with all it says, or not there.
func writeWhole(path string, b []byte) error {
	making := path + newEnding
	f, err := os.OpenFile(making, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(making))
	}
	if err := os.Rename(making, path); err != nil {
		return err
	}
	return syncFolder(path)
}

// zeroed makes a file of that many zeros on disk, so that what is written over them needs nothing but its own bytes synced.
func zeroed(path string, size int64) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if err = errors.Join(fill(f, 0, size), f.Close()); err != nil {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

// fill writes zeros and has them on disk, a little at a time: whoever syncs something else meanwhile waits for it.
func fill(f *os.File, from, to int64) error {
	zeros := make([]byte, 256<<10)
	for from < to {
		n, err := f.WriteAt(zeros[:min(int64(len(zeros)), to-from)], from)
		if err := errors.Join(err, f.Sync()); err != nil {
			return err
		}
		from += int64(n)
	}
	return nil
}
