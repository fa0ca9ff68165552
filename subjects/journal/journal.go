// Package journal keeps lines in files: a Journal is one file, and a Chain is two of the same with a hash in every line.
//
// It promises that a line which was confirmed is on disk, that a line which a crash has torn is never read, and that what was taken out of
// a chain, put in or changed is noticed, and restored where one of its files still has it. It never knows what a line says.
package journal

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// Journal is an append-only file of lines. A line that was appended is on disk; callers that arrive while the disk is busy share
// the next sync. A line that a crash has torn is removed when the journal is opened: no caller had it confirmed.
type Journal struct {
	syncing sync.Mutex // held during a sync; taken before mu
	synced  int64      // guarded by syncing

	mu   sync.Mutex
	file *os.File
	size int64
}

// Open opens a journal, or makes one, and calls fn with its whole lines.
func Open(path string, fn func(line []byte)) (*Journal, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	j := &Journal{file: f}
	if j.size, err = WholeLines(f, fn); err == nil {
		err = f.Truncate(j.size)
	}
	if err == nil {
		_, err = f.Seek(j.size, io.SeekStart)
	}
	if err == nil {
		err = errors.Join(f.Sync(), syncFolder(filepath.Dir(path)))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), f.Close())
	}
	j.synced = j.size
	return j, nil
}

// WholeLines calls fn with each line that has its end, and returns where the last of them ends.
func WholeLines(r io.Reader, fn func(line []byte)) (end int64, err error) {
	lines := bufio.NewReaderSize(r, 64<<10)
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return end, nil
		}
		if err != nil {
			return end, err
		}
		end += int64(len(line))
		fn(line[:len(line)-1])
	}
}

// Write appends a line without waiting for the disk; sync(after) waits.
func (j *Journal) Write(line []byte) (after int64, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		j.cut() // half a line would spoil the one that follows
		return 0, err
	}
	j.size += int64(len(line)) + 1
	return j.size, nil
}

// removeLast removes the last line, which write has just put there.
func (j *Journal) removeLast(line []byte) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.size -= int64(len(line)) + 1
	j.cut()
}

// cut makes the file end where the journal does. The caller holds mu.
func (j *Journal) cut() {
	_ = j.file.Truncate(j.size)
	_, _ = j.file.Seek(j.size, io.SeekStart)
}

// Sync returns when everything up to that size is on disk.
func (j *Journal) Sync(upTo int64) error {
	j.syncing.Lock()
	defer j.syncing.Unlock()
	if j.synced >= upTo {
		return nil
	}
	j.mu.Lock()
	size := j.size
	j.mu.Unlock()
	if err := j.file.Sync(); err != nil {
		return err
	}
	j.synced = size
	return nil
}

// Close ends the journal when all of it is on disk.
func (j *Journal) Close() error {
	j.mu.Lock()
	size := j.size
	j.mu.Unlock()
	return errors.Join(j.Sync(size), j.file.Close())
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
