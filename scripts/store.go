package scripts

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"headgate/document"
)

// Bounds of the cache: anybody may ask for other parameters, and comes from another country.
const (
	mostCopies = 256
	mostMemory = 32 << 20
	mostOnDisk = 256 // files
)

// store keeps copies in memory and on disk.
type store struct {
	folder string
	mu     sync.Mutex
	held   int
	slots  *lru.Cache[string, *slot]
}

// slot is where the copy of one file is kept. Fetching is held by the one request that fetches it.
type slot struct {
	key      string
	name     string // of its file on disk
	fetching sync.Mutex
	look     sync.Mutex
	copy     *copied   // nil for none
	refused  time.Time // until when nothing is fetched, since the vendor has just failed
}

func newStore(folder string) *store {
	s := &store{folder: folder}
	var err error
	if s.slots, err = lru.NewWithEvict(mostCopies, func(_ string, gone *slot) {
		gone.look.Lock()
		defer gone.look.Unlock()
		if gone.copy != nil {
			s.held -= gone.copy.held()
		}
		gone.copy = nil
	}); err != nil {
		panic("BUG: " + err.Error()) // the size is a positive constant
	}
	return s
}

// slot returns the slot of a key, a new one where there is none.
func (s *store) slot(key string) *slot {
	s.mu.Lock()
	defer s.mu.Unlock()
	one, known := s.slots.Get(key)
	if !known {
		sum := sha256.Sum256([]byte(key))
		key = strings.Clone(key) // a part of it is the request's
		one = &slot{key: key, name: hex.EncodeToString(sum[:16]) + ".copy"}
		s.slots.Add(key, one)
	}
	return one
}

// put replaces the copy of a slot. The slots that were used the longest ago go when there is too much.
func (s *store) put(one *slot, c *copied) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if current, there := s.slots.Peek(one.key); !there || current != one {
		return // it was evicted meanwhile
	}
	one.look.Lock()
	if one.copy != nil {
		s.held -= one.copy.held()
	}
	one.copy = c
	s.held += c.held()
	one.look.Unlock()
	for s.held > mostMemory && s.slots.Len() > 1 {
		s.slots.RemoveOldest()
	}
}

// head is the first line of a file on disk; the vendor's file follows.
type head struct {
	Kind      string    `json:"kind"`
	Validator string    `json:"etag"`
	Digest    string    `json:"sha256"`
	Fetched   time.Time `json:"fetched"`
}

// write keeps a copy on disk. Files that were written the longest ago go when there are too many.
func (s *store) write(one *slot, c *copied) error {
	if s.folder == "" {
		return nil
	}
	if err := os.MkdirAll(s.folder, 0o700); err != nil {
		return fmt.Errorf("make the folder of scripts: %w", err)
	}
	line, err := json.Marshal(head{c.kind, c.validator, c.digest, c.fetched})
	if err != nil {
		return err
	}
	if err := document.Replace(filepath.Join(s.folder, one.name), slices.Concat(line, []byte("\n"), c.raw)); err != nil {
		return fmt.Errorf("keep a script on disk: %w", err)
	}
	return s.prune()
}

func (s *store) prune() error {
	entries, err := os.ReadDir(s.folder)
	if err != nil || len(entries) <= mostOnDisk {
		return err
	}
	type file struct {
		name string
		at   time.Time
	}
	var files []file
	for _, e := range entries {
		if info, err := e.Info(); err == nil && strings.HasSuffix(e.Name(), ".copy") {
			files = append(files, file{e.Name(), info.ModTime()})
		}
	}
	slices.SortFunc(files, func(a, b file) int { return cmp.Or(a.at.Compare(b.at), strings.Compare(a.name, b.name)) })
	for _, f := range files[:max(0, len(files)-mostOnDisk)] {
		if err := os.Remove(filepath.Join(s.folder, f.name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// read returns the copy that is on disk, not fresh any more; nil when there is none, or when it is damaged.
func (s *store) read(one *slot, script *Script) *copied {
	if s.folder == "" {
		return nil
	}
	text, err := os.ReadFile(filepath.Join(s.folder, one.name))
	if err != nil {
		return nil
	}
	line, raw, ok := bytes.Cut(text, []byte("\n"))
	var h head
	if !ok || json.Unmarshal(line, &h) != nil || !isScript(h.Kind) || len(raw) > script.size {
		return nil
	}
	c := newCopy(raw, h.Kind, h.Validator, h.Fetched, script)
	if c.digest != h.Digest {
		return nil
	}
	c.until = c.fetched // it is asked for again
	return c
}
