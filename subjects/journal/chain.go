package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"

	"headgate/document"
)

// Chain is a list of JSON lines in two identical files, each line sealed with a hash of itself and of the line before. A third
// file, the head, holds the least number of lines and the seal of the last of them. A file that was truncated, emptied, changed
// or removed is noticed, and restored from the other.
type Chain struct {
	path string // of the list; the copy and the head are next to it

	mu   sync.Mutex
	list *Journal
	copy *Journal
	n    int  // how many lines there are
	last seal // of the last of them

	replacing sync.RWMutex // held for reading while a line is synced, and for writing while the files are replaced
	round     int          // counts replacements; guarded by mu and by replacing
}

// OpenChain opens a chain, or makes one, and calls fn with what its lines say. A damaged one is made whole.
func OpenChain(path string, fn func(line []byte)) (*Chain, Damage, error) {
	bodies, d, err := restore(path)
	if err != nil {
		return nil, d, err
	}
	c := &Chain{path: path}
	if err := c.replace(bodies); err != nil {
		return nil, d, fmt.Errorf("write %s: %w", path, err)
	}
	for _, b := range bodies {
		fn(b)
	}
	return c, d, nil
}

// replace makes the chain one of other lines. The caller holds mu, or nobody else has c.
func (c *Chain) replace(bodies [][]byte) error {
	c.replacing.Lock()
	defer c.replacing.Unlock()
	var text []byte
	var last seal
	for _, b := range bodies {
		b = asObject(b)
		last = last.next(b)
		text = append(append(text, last.sealed(b)...), '\n')
	}
	if c.list != nil {
		if err := c.writeHead(headAt(c.n, c.last), headAt(len(bodies), last)); err != nil {
			return err
		}
	}
	var files [2]*Journal
	for i, path := range []string{c.path, copyFile(c.path)} {
		if was, err := os.ReadFile(path); err != nil || !bytes.Equal(was, text) {
			if err := WriteOwn(path, text); err != nil {
				return err
			}
		}
		var err error
		if files[i], err = Open(path, func([]byte) {}); err != nil {
			return err
		}
	}
	if c.list != nil {
		_ = c.list.file.Close() // its file has been replaced
		_ = c.copy.file.Close()
	}
	c.list, c.copy, c.n, c.last = files[0], files[1], len(bodies), last
	c.round++
	return c.writeHead(headAt(c.n, c.last))
}

// WriteOwn replaces a file that nobody else may read.
func WriteOwn(path string, text []byte) error {
	if err := os.Chmod(path, 0o600); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return document.Replace(path, text)
}

func (c *Chain) writeHead(states ...headState) error {
	text, err := json.Marshal(head{states})
	if err != nil {
		return err
	}
	return WriteOwn(headFile(c.path), append(text, '\n'))
}

// Noted is a line that was written, and is on disk once Sync has returned.
type Noted struct {
	round      int
	list, copy int64
}

// Write appends a line to both files or to neither, without waiting for the disk.
func (c *Chain) Write(body []byte) (Noted, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	body = asObject(body)
	last := c.last.next(body)
	line := last.sealed(body)
	n := Noted{round: c.round}
	var err error
	if n.list, err = c.list.Write(slices.Clone(line)); err != nil {
		return n, err
	}
	if n.copy, err = c.copy.Write(slices.Clone(line)); err != nil {
		c.list.removeLast(line)
		return n, err
	}
	c.n, c.last = c.n+1, last
	return n, nil
}

// Sync returns when a line is on disk, and those before it.
func (c *Chain) Sync(n Noted) error {
	c.replacing.RLock()
	defer c.replacing.RUnlock()
	if n.round != c.round {
		return nil // it went to disk with the files that took the place of the old ones
	}
	var other error
	var both sync.WaitGroup
	both.Go(func() { other = c.copy.Sync(n.copy) })
	err := c.list.Sync(n.list)
	both.Wait()
	return errors.Join(err, other)
}

// Append writes lines and returns when they are on disk.
func (c *Chain) Append(bodies ...[]byte) error {
	var last Noted
	for _, b := range bodies {
		n, err := c.Write(b)
		if err != nil {
			return err
		}
		last = n
	}
	return c.Sync(last)
}

// Lines returns how many there are.
func (c *Chain) Lines() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

// Each calls fn with what the lines on disk say.
func (c *Chain) Each(fn func(body []byte)) error {
	s, err := readStrand(c.path)
	if err != nil {
		return err
	}
	for _, b := range s.bodies {
		fn(b)
	}
	return nil
}

// EachUntil calls fn with what the lines on disk say, one after the other, until it says false.
func (c *Chain) EachUntil(fn func(body []byte) bool) error {
	f, err := os.Open(c.path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	more := true
	_, err = WholeLines(f, func(line []byte) {
		if body, _, _ := unsealed(line); more {
			more = fn(body)
		}
	})
	return err
}

// Compact leaves only the lines that keep picks out of all.
func (c *Chain) Compact(keep func(bodies [][]byte) [][]byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, err := readStrand(c.path)
	if err != nil {
		return err
	}
	return c.replace(keep(s.bodies))
}

// Mark makes the head say how many lines there are now.
func (c *Chain) Mark() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.writeHead(headAt(c.n, c.last))
}

// Close writes how many lines there are, and ends the chain.
func (c *Chain) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return errors.Join(c.list.Close(), c.copy.Close(), c.writeHead(headAt(c.n, c.last)))
}

// Kill ends the chain as a power cut would: the files are closed, nothing more is written, and whoever writes afterwards fails.
func (c *Chain) Kill() error { return errors.Join(c.list.file.Close(), c.copy.file.Close()) }
