package subjects

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"headgate/consent/people"
	"headgate/event"
	"headgate/subjects/journal"
)

// Audit is the list of who changed what and who looked at whom: audit.jsonl of the data folder, a line of JSON each, sealed and
// kept twice like the suppression list. What a line says is up to the caller.
type Audit struct {
	chain  *journal.Chain
	damage string
}

// OpenAudit opens the list, or makes one, and leaves out lines that are older than keep; 0 keeps all. Lines say their time in
// the member "time".
func OpenAudit(data string, keep time.Duration, now time.Time) (*Audit, error) {
	old := 0
	isOld := func(line []byte) bool {
		var l struct {
			Time time.Time `json:"time"`
		}
		return keep > 0 && json.Unmarshal(line, &l) == nil && !l.Time.IsZero() && now.Sub(l.Time) > keep
	}
	c, damaged, err := journal.OpenChain(auditFile(data), func(line []byte) {
		if isOld(line) {
			old++
		}
	})
	if err != nil {
		return nil, fmt.Errorf("open the audit list: %w", err)
	}
	a := &Audit{chain: c}
	switch {
	case damaged.Changed:
		a.damage = "a line of the audit list was changed, taken out or put in; it holds what either of its files says"
	case damaged.Restored > 0:
		a.damage = fmt.Sprintf("%d lines of the audit list were missing and came back from its copy", damaged.Restored)
	}
	if old > 0 {
		err = c.Compact(func(bodies [][]byte) (kept [][]byte) {
			for _, b := range bodies {
				if !isOld(b) {
					kept = append(kept, b)
				}
			}
			return kept
		})
	}
	return a, err
}

func auditFile(data string) string { return filepath.Join(data, "audit.jsonl") }

// Append adds a line, which is a JSON object, and returns when it is on disk.
func (a *Audit) Append(line []byte) error { return a.chain.Append(line) }

// Each calls fn with the lines, oldest first, until it says false.
func (a *Audit) Each(fn func(line []byte) bool) error {
	return a.chain.EachUntil(fn)
}

// Damage is what was wrong with the files when they were opened, in words; "" for nothing.
func (a *Audit) Damage() string { return a.damage }

// Close ends the list, if there is one.
func (a *Audit) Close() error {
	if a == nil {
		return nil
	}
	return a.chain.Close()
}

// VerifyAudit reads the list of a data folder and returns how many lines it has; the error says what is wrong with it. It may
// be run while the process is running.
func VerifyAudit(data string) (n int, err error) { return journal.Verify(auditFile(data)) }

// Label names a person in the audit list: by the kind of the id and a keyed hash, so that the list holds nobody's id and the same
// id has the same label. It is "" for nobody.
func (r *Rights) Label(p Person) string {
	id := strings.TrimSpace(p.ID)
	if id == "" {
		return ""
	}
	kind, known := event.IdentifierKindOf(p.Kind)
	switch {
	case known:
	case strings.Contains(id, "@"):
		kind, known = event.Email, true
	case strings.HasPrefix(id, "+"):
		kind, known = event.Phone, true
	}
	subject, name := people.ClientSubject(id), "id"
	if known {
		who, err := recognisedAs(r.store.language(), kind, id, p.Country)
		if err != nil {
			return ""
		}
		subject, name = who.subject, kind.String()
	}
	hash := r.store.suppressed.Stops.Hasher.Hash(subject)
	return name + ":" + hex.EncodeToString(hash[:8])
}
