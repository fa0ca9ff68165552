package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// seal is the hash of a line and of all lines before it.
type seal [16]byte

func (s seal) next(body []byte) (out seal) {
	h := sha256.New()
	h.Write(s[:])
	h.Write(body)
	copy(out[:], h.Sum(nil))
	return out
}

// asObject returns a line as a JSON object, which has room for a seal: anything else becomes the text of one.
func asObject(body []byte) []byte {
	if len(body) > 2 && body[0] == '{' && body[len(body)-1] == '}' {
		return body
	}
	text, err := json.Marshal(map[string]string{"unreadable": string(body)})
	if err != nil {
		panic("BUG: " + err.Error()) // a string can always be written
	}
	return text
}

// sealed writes a line, whose seal is its last member.
func (s seal) sealed(body []byte) []byte {
	return fmt.Appendf(nil, `%s%s%x"}`, body[:len(body)-1], sealMember, s[:])
}

const sealMember = `,"seal":"`

// unsealed takes a line apart; ok is false for one that has no seal.
func unsealed(line []byte) (body []byte, s seal, ok bool) {
	at := len(line) - len(sealMember) - 2*len(s) - len(`"}`)
	if at < 0 || !bytes.HasPrefix(line[at:], []byte(sealMember)) || !bytes.HasSuffix(line, []byte(`"}`)) {
		return line, s, false
	}
	if _, err := hex.Decode(s[:], line[at+len(sealMember):len(line)-2]); err != nil {
		return line, s, false
	}
	return append(bytes.Clone(line[:at]), '}'), s, true
}

// strand is what one of the two files holds.
type strand struct {
	bodies [][]byte
	seals  []seal
	whole  bool // every line that is sealed follows the one before it
	plain  int  // lines without a seal, at the beginning: an older version wrote them
}

func readStrand(path string) (s strand, err error) {
	s.whole = true
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	defer func() { _ = f.Close() }() // it was only read
	var last seal
	_, err = WholeLines(f, func(line []byte) {
		body, stated, sealed := unsealed(line)
		last = last.next(body)
		switch {
		case sealed:
			s.whole = s.whole && stated == last
			last = stated
		case s.plain == len(s.bodies):
			s.plain++
		default:
			s.whole = false
		}
		s.bodies, s.seals = append(s.bodies, bytes.Clone(body)), append(s.seals, last)
	})
	return s, err
}

// head is what the third file says: the list has had so many lines, and ended so. While the files are being replaced there are
// two such states.
type head struct {
	States []headState `json:"states"`
}

type headState struct {
	Lines int    `json:"lines"`
	Seal  string `json:"seal"`
}

// least is how many lines there must be.
func (h *head) least() int {
	if len(h.States) == 0 {
		return 0
	}
	return slices.MinFunc(h.States, func(a, b headState) int { return a.Lines - b.Lines }).Lines
}

func headFile(path string) string { return strings.TrimSuffix(path, ".jsonl") + ".head" }
func copyFile(path string) string { return strings.TrimSuffix(path, ".jsonl") + ".copy.jsonl" }

func headAt(lines int, last seal) headState { return headState{lines, hex.EncodeToString(last[:])} }

// knows reports whether a strand continues from a state.
func (s *strand) knows(h headState) bool {
	return h.Lines <= len(s.seals) && (h.Lines == 0 || hex.EncodeToString(s.seals[h.Lines-1][:]) == h.Seal)
}

func readHead(path string) (h head, err error) {
	text, err := os.ReadFile(headFile(path))
	if errors.Is(err, fs.ErrNotExist) {
		return h, nil
	}
	if err == nil && json.Unmarshal(text, &h) != nil {
		h = head{} // an unreadable head says nothing
	}
	return h, err
}

// Damage says what was wrong with the files of a chain.
type Damage struct {
	Restored int  // lines of the list that only the copy had
	Changed  bool // a line does not follow the one before it, in the list or in the copy
}

// ErrLost says that neither file holds what there was.
var ErrLost = errors.New("lines are lost")

// readChain reads the files of a chain.
func readChain(path string) (list, other strand, h head, err error) {
	if list, err = readStrand(path); err == nil {
		other, err = readStrand(copyFile(path))
	}
	if err == nil {
		h, err = readHead(path)
	}
	return list, other, h, err
}

// Exists reports whether there is a file of a chain.
func Exists(path string) bool { return areThere(path, copyFile(path), headFile(path)) }

// HasLines reports whether there is a file that may hold lines of a chain.
func HasLines(path string) bool { return areThere(path, copyFile(path)) }

func areThere(paths ...string) bool {
	return slices.ContainsFunc(paths, func(path string) bool {
		_, err := os.Stat(path)
		return err == nil
	})
}

// Read returns the lines of a chain's list as they are, without changing a file.
func Read(path string) ([][]byte, error) {
	s, err := readStrand(path)
	return s.bodies, err
}

// restore finds out what the lines of a chain are, from both files and the head.
func restore(path string) (bodies [][]byte, d Damage, err error) {
	list, other, h, err := readChain(path)
	if err != nil {
		return nil, d, err
	}
	good := func(s *strand) bool {
		return s.whole && (len(h.States) == 0 || slices.ContainsFunc(h.States, s.knows))
	}
	switch {
	case good(&list) && (len(other.bodies) <= len(list.bodies) || !good(&other) || replaced(&list, &other, h)):
		return list.bodies, d, nil
	case good(&other) && len(other.bodies) > 0:
		bodies = other.bodies
	default:
		bodies = list.bodies
	}
	d.Changed = !list.whole || !other.whole
	if d.Changed || !good(&other) { // what either says holds: a line too many only stops too much
		bodies = union(bodies, list.bodies, other.bodies)
	}
	d.Restored = len(union(list.bodies, bodies)) - len(union(list.bodies))
	if least := h.least(); len(bodies) < least {
		return bodies, d, fmt.Errorf("%w: %s and its copy hold %d of at least %d; restore one of them from a backup, or remove %s to go on without the others",
			ErrLost, path, len(bodies), least, headFile(path))
	}
	return bodies, d, nil
}

// union returns all lines of some lists, each once.
func union(lists ...[][]byte) (all [][]byte) {
	had := map[string]bool{}
	for _, line := range slices.Concat(lists...) {
		if !had[string(line)] {
			had[string(line)] = true
			all = append(all, line)
		}
	}
	return all
}

// replaced reports whether the list is the newer of the two although it is shorter: the files were being replaced.
func replaced(list, other *strand, h head) bool {
	return len(h.States) == 2 && list.knows(h.States[1]) && !other.knows(h.States[1])
}

// Verify reads a chain without changing it, and returns how many lines it has and what is wrong with it. A process that is
// running may be a line further in one file than in the other.
func Verify(path string) (lines int, err error) {
	list, other, h, err := readChain(path)
	if err != nil {
		return 0, err
	}
	const cure = "; a start restores it from the copy"
	switch n := len(list.bodies); {
	case !list.whole:
		return n, fmt.Errorf("%s: a line was changed, taken out or put in%s", path, cure)
	case len(h.States) > 0 && !slices.ContainsFunc(h.States, list.knows), len(other.bodies) > n+1 && len(h.States) < 2:
		return n, fmt.Errorf("%s: lines are missing: there were at least %d%s", path, max(len(other.bodies), h.least()), cure)
	case !other.whole || len(other.bodies) < n-1 && list.plain == 0:
		return n, fmt.Errorf("%s: the copy of the list was changed; a start makes it anew", copyFile(path))
	}
	return len(list.bodies), nil
}
