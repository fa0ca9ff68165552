// Package versions keeps the texts that the files of the configuration have had: who changed them, when and why. It promises that
// what was saved can be read again, and that a change made outside is noted as one when it is seen. It is a record only: what is in
// force are the files, and without the record everything runs.
package versions

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aymanbagabas/go-udiff"

	"headgate/document"
)

// ErrNotFound says that there is no such version.
var ErrNotFound = errors.New("there is no such version; it may have been among the oldest, which are removed")

// most is how many versions are kept; the oldest are removed.
const most = 500

// Version is one text of one file.
type Version struct {
	ID      string    `json:"id"`
	Time    time.Time `json:"time"`
	Who     string    `json:"who"` // "" for a change that was made outside
	Why     string    `json:"why"`
	File    string    `json:"file"`
	Added   int       `json:"added"` // lines
	Removed int       `json:"removed"`
	Hash    string    `json:"hash"`             // of the text
	Before  string    `json:"before,omitempty"` // of the text before; "" for the first
}

// Store is the record, in a folder: an index with a line of JSON for each version, and each text once, by its hash.
type Store struct {
	folder string
	now    func() time.Time
	most   int // that are kept

	mu   sync.Mutex
	list []Version // oldest first
	last int       // number of the last one
}

// Open reads the record in a folder, or begins one there.
func Open(folder string, now func() time.Time) (*Store, error) {
	s := &Store{folder: folder, now: now, most: most}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of versions: %w", err)
	}
	f, err := os.Open(s.index())
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the versions: %w", err)
	}
	defer func() { _ = f.Close() }() // it was only read
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var v Version
		if json.Unmarshal(lines.Bytes(), &v) == nil && v.ID != "" { // the last line may be torn
			s.list = append(s.list, v)
			s.last = max(s.last, number(v.ID))
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the versions: %w", err)
	}
	return s, nil
}

func (s *Store) index() string             { return filepath.Join(s.folder, "versions.jsonl") }
func (s *Store) textOf(hash string) string { return filepath.Join(s.folder, hash+".yaml") }

func number(id string) int {
	n, err := strconv.Atoi(strings.TrimPrefix(id, "v"))
	if err != nil {
		return 0
	}
	return n
}

// Seen notes the text of a file as it is on disk, if it is another than the last one known.
func (s *Store) Seen(file string, text []byte) error {
	why := "changed on disk"
	s.mu.Lock()
	last := s.lastOf(file)
	s.mu.Unlock()
	switch {
	case last == nil:
		why = "as it was found"
	case last.Hash == hashOf(text):
		return nil
	}
	_, err := s.Note("", why, file, text)
	return err
}

// Note keeps a text that a file has now. The same text again is not another version.
func (s *Store) Note(who, why, file string, text []byte) (Version, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := Version{Time: s.now().UTC().Truncate(time.Millisecond), Who: who, Why: why, File: file, Hash: hashOf(text)}
	before := ""
	if last := s.lastOf(file); last != nil {
		if last.Hash == v.Hash {
			return *last, nil
		}
		old, err := os.ReadFile(s.textOf(last.Hash))
		if err != nil {
			return v, fmt.Errorf("read version %s: %w", last.ID, err)
		}
		v.Before, before = last.Hash, string(old)
	}
	v.ID = "v" + strconv.Itoa(s.last+1)
	v.Added, v.Removed = count(udiff.Unified("", "", before, string(text)))
	if err := document.Replace(s.textOf(v.Hash), text); err != nil {
		return v, fmt.Errorf("keep version %s: %w", v.ID, err)
	}
	s.list = append(s.list, v)
	s.last++
	if err := s.write(); err != nil {
		s.list = s.list[:len(s.list)-1]
		s.last--
		return v, fmt.Errorf("keep version %s: %w", v.ID, err)
	}
	return v, nil
}

// write writes the index, without the oldest versions when there are too many, and removes texts that nothing names any more. The
// caller holds mu.
func (s *Store) write() error {
	gone := s.list[:max(0, len(s.list)-s.most)]
	kept := s.list[len(gone):]
	var index []byte
	for i := range kept {
		line, err := json.Marshal(&kept[i])
		if err != nil {
			return err
		}
		index = append(append(index, line...), '\n')
	}
	if err := document.Replace(s.index(), index); err != nil {
		return err
	}
	s.list = kept
	for _, v := range gone {
		for _, hash := range []string{v.Hash, v.Before} {
			named := slices.ContainsFunc(kept, func(k Version) bool { return k.Hash == hash || k.Before == hash })
			if hash != "" && !named {
				_ = os.Remove(s.textOf(hash)) // a text too many does no harm
			}
		}
	}
	return nil
}

// lastOf is the newest version of a file, nil for none. The caller holds mu.
func (s *Store) lastOf(file string) *Version {
	for i := len(s.list) - 1; i >= 0; i-- {
		if s.list[i].File == file {
			return &s.list[i]
		}
	}
	return nil
}

// List returns the versions, newest first.
func (s *Store) List() []Version {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := slices.Clone(s.list)
	slices.Reverse(list)
	return list
}

// Text returns a version, its whole text, and how it differs from the one before as a unified diff.
func (s *Store) Text(id string) (v Version, text, diff string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.list, func(v Version) bool { return v.ID == id })
	if i < 0 {
		return v, "", "", ErrNotFound
	}
	v = s.list[i]
	now, err := os.ReadFile(s.textOf(v.Hash))
	if err != nil {
		return v, "", "", fmt.Errorf("read version %s: %w", id, err)
	}
	var before []byte
	if v.Before != "" {
		if before, err = os.ReadFile(s.textOf(v.Before)); err != nil {
			return v, "", "", fmt.Errorf("read what was before version %s: %w", id, err)
		}
	}
	return v, string(now), Patch(v.File, before, now), nil
}

// Is reports whether a text is that of a version.
func (v *Version) Is(text []byte) bool { return v.Hash == hashOf(text) }

// Patch is the change of a file as a unified diff, which patch -p1 and git apply take.
func Patch(file string, before, after []byte) string {
	return udiff.Unified("a/"+file, "b/"+file, string(before), string(after))
}

// count counts the lines that a unified diff adds and removes.
func count(diff string) (added, removed int) {
	for line := range strings.Lines(diff) {
		switch {
		case strings.HasPrefix(line, "+++"), strings.HasPrefix(line, "---"):
		case strings.HasPrefix(line, "+"):
			added++
		case strings.HasPrefix(line, "-"):
			removed++
		}
	}
	return added, removed
}

func hashOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}
