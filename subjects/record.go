package subjects

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"headgate/event"
	"headgate/subjects/journal"
)

// requests is the record of what senders have asked for about people: a chain of lines, which hold no id in clear. Its files are
// made with the first line.
type requests struct {
	path   string
	keep   time.Duration
	logger *slog.Logger

	mu    sync.Mutex
	chain *journal.Chain // nil until it is needed
}

// requestsFile is the record's file in a data folder.
func requestsFile(data string) string { return filepath.Join(data, "requests.jsonl") }

// Asked is a privacy request that came by a sender, and what became of it.
type Asked struct {
	ID        string        `json:"id,omitempty"` // of the line; it is not in it
	Time      time.Time     `json:"time"`
	Source    string        `json:"source"`              // that it came by
	Do        event.Ask     `json:"do"`                  // export, suppress or delete
	Reference string        `json:"reference,omitempty"` // by which the sender knows it
	Person    []AskedPerson `json:"person,omitempty"`    // empty: all people that the sender knows
	Unclear   int           `json:"unclear,omitempty"`   // ids that are none
	State     string        `json:"state"`               // done; to_do: people have to act; failed: the sender is to ask again
	At        []string      `json:"at,omitempty"`        // destinations at which people have to act
	Failed    []string      `json:"failed,omitempty"`    // destinations that could not remove what they hold
	Settled   *Settled      `json:"settled,omitempty"`   // what a person has done since; it is in a line of its own
}

// AskedPerson is one id of a person, by its hash.
type AskedPerson struct {
	Kind string `json:"kind"`
	Hash string `json:"hash"` // SHA-256 in hex, as in the suppression list
}

// The states of a request.
const (
	stateDone   = "done"
	stateToDo   = "to_do"
	stateFailed = "failed"
)

// open opens the chain, and takes out what is older than is kept. The caller holds mu.
func (rs *requests) open(now time.Time) error {
	if rs.chain != nil {
		return nil
	}
	old := 0
	isOld := func(line []byte) bool {
		var a Asked
		return json.Unmarshal(line, &a) == nil && rs.keep > 0 && now.Sub(a.Time) > rs.keep
	}
	c, damaged, err := journal.OpenChain(rs.path, func(line []byte) {
		if isOld(line) {
			old++
		}
	})
	if err != nil {
		return fmt.Errorf("read the privacy requests: %w", err)
	}
	if damaged.Restored > 0 || damaged.Changed {
		rs.logger.Error("the record of privacy requests was damaged and has been made whole from its copy; find out who or what changes files in the data folder",
			"file", rs.path, "restored", damaged.Restored)
	}
	rs.chain = c
	if old == 0 {
		return nil
	}
	return c.Compact(func(bodies [][]byte) [][]byte { return slices.DeleteFunc(slices.Clone(bodies), isOld) })
}

// add writes a line and returns when it is on disk.
func (rs *requests) add(a *Asked) error {
	line, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return rs.addLine(line, a.Time)
}

func (rs *requests) addLine(line []byte, now time.Time) error {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	err := rs.open(now)
	if err == nil {
		err = rs.chain.Append(line)
	}
	if err == nil {
		err = rs.chain.Mark()
	}
	return err
}

// list returns all requests, the oldest first.
func (rs *requests) list(now time.Time) (list []Asked, err error) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if rs.chain == nil && !journal.HasLines(rs.path) {
		return nil, nil // nothing was ever asked
	}
	if err := rs.open(now); err != nil {
		return nil, err
	}
	at := map[string]int{} // in the list, by id
	err = rs.chain.Each(func(line []byte) {
		var a Asked
		if s := settlingIn(line); s != nil {
			if i, known := at[s.Settles]; known {
				list[i].settle(&s.Settled)
			}
		} else if json.Unmarshal(line, &a) == nil {
			a.ID = idOf(line)
			at[a.ID] = len(list)
			list = append(list, a)
		}
	})
	return list, err
}

func (rs *requests) close() error {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if rs.chain == nil {
		return nil
	}
	return rs.chain.Close()
}

// VerifyRequests reads the record of privacy requests of a data folder and returns how many there are; the error says what is
// wrong with it. It may be run while the process is running.
func VerifyRequests(data string) (n int, err error) {
	path := requestsFile(data)
	if !journal.Exists(path) {
		return 0, nil
	}
	if n, err = journal.Verify(path); err != nil {
		return n, err
	}
	lines, err := journal.Read(path)
	for _, line := range lines {
		if settlingIn(line) != nil {
			n--
		}
	}
	return n, err
}

// What people have done about a privacy request is a line of its own in the record, which names the request's line.

// Settled is that a person did what was to do.
type Settled struct {
	Time time.Time `json:"time"`
	By   string    `json:"by"`
	Why  string    `json:"why,omitempty"` // a ticket, what was done
}

// settling is the line.
type settling struct {
	Settles string `json:"settles"` // the id of a request
	Settled
}

// idOf names a request by its line: the record has no numbers that would last.
func idOf(line []byte) string {
	sum := sha256.Sum256(line)
	return hex.EncodeToString(sum[:6])
}

// settlingIn returns what a line says of another, nil where it is a request.
func settlingIn(line []byte) *settling {
	var s settling
	if json.Unmarshal(line, &s) != nil || s.Settles == "" {
		return nil
	}
	return &s
}

func (a *Asked) settle(by *Settled) { a.State, a.Settled = stateDone, by }

// note takes down at which destination people have to act. Only the name: the rest may say who the person is.
func (a *Asked) note(e *Erasure) {
	switch {
	case e.Error != "":
		a.Failed = append(a.Failed, e.Destination)
	case len(e.Remains) > 0, e.Advice != "", e.Elsewhere > 0:
		a.At = append(a.At, e.Destination)
	}
}

func sorted(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// log says what became of a request, and what a person has to do.
func (a *Asked) log(logger *slog.Logger) {
	logger = logger.With("source", a.Source, "reference", a.Reference, "ids", len(a.Person))
	switch {
	case a.State == stateFailed:
		logger.Error("a privacy request is not done: destinations could not remove what they hold; the sender is asked to repeat it, else run headgate subject delete", "destinations", a.Failed)
	case a.State == stateDone:
		logger.Info("a privacy request was carried out", "do", a.Do)
	case len(a.At) > 0:
		logger.Warn("a privacy request was carried out as far as this process can; headgate subject delete, for that person, says what to do at these destinations", "destinations", a.At)
	case a.Do == event.AskExport:
		logger.Warn("a person asks for their data: find out at the sender who it is, run headgate subject export, and answer them", "do", a.Do)
	case len(a.Person) == 0:
		logger.Warn("a privacy request names no person: find out at the sender whom it is about, and run headgate subject for each", "do", a.Do, "unclear", a.Unclear)
	default:
		logger.Warn("a privacy request was carried out for those ids that are clear; find out at the sender what the others are", "do", a.Do, "unclear", a.Unclear)
	}
}
