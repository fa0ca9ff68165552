// Package receipts keeps the proof of who chose what in a data folder: a file a month, a receipt a line, each sealed with the hash of the
// one before.
//
// It promises that a receipt which was kept is on disk, and that one which was changed, taken out or put in is found. It never decides
// what is worth a receipt.
package receipts

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"headgate/consent/people"
	"headgate/subjects/journal"
)

// Receipts are the receipts of a data folder.
type Receipts struct {
	folder string
	now    func() time.Time // decides which file

	mu       sync.Mutex
	month    string
	journal  *journal.Journal
	previous string // hash of the last receipt
}

const monthLayout = "2006-01"

// recalled bounds how much of the newest receipts is read at the start, to know who chose what last.
const recalled = 16 << 20

// Open opens the receipts of a data folder, removes months that are older than keep, and calls fn with the newest
// receipts, oldest first.
func Open(data string, keep time.Duration, clock func() time.Time, fn func(*people.Receipt)) (*Receipts, error) {
	rs := &Receipts{folder: filepath.Join(data, "receipts"), now: clock}
	months, err := Months(rs.folder)
	if err != nil {
		return nil, err
	}
	now := clock()
	for len(months) > 0 && keep > 0 && months[0] < now.Add(-keep).UTC().Format(monthLayout) {
		if err := os.Remove(rs.file(months[0])); err != nil {
			return nil, err
		}
		months = months[1:]
	}
	if err := rs.recall(months, fn); err != nil {
		return nil, err
	}
	month := now.UTC().Format(monthLayout)
	if len(months) > 0 {
		month = max(month, months[len(months)-1]) // the chain continues where it ends
	}
	if err := rs.turn(month); err != nil {
		return nil, err
	}
	return rs, nil
}

// Newest is when the last receipt of a data folder was written; the zero time when there is none.
func Newest(data string) (newest time.Time, err error) {
	rs := &Receipts{folder: filepath.Join(data, "receipts")}
	months, err := Months(rs.folder)
	if err != nil || len(months) == 0 {
		return newest, err
	}
	path := rs.file(months[len(months)-1])
	info, err := os.Stat(path)
	if err != nil {
		return newest, err
	}
	const tail = 64 << 10 // more than a receipt has
	err = readReceipts(path, max(0, info.Size()-tail), func(r *people.Receipt) bool {
		newest = r.Time
		return true
	})
	return newest, err
}

func (rs *Receipts) file(month string) string { return filepath.Join(rs.folder, month+".jsonl") }

// Months lists the months that a folder has receipts of, oldest first.
func Months(folder string) (months []string, err error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		name, ok := bytes.CutSuffix([]byte(e.Name()), []byte(".jsonl"))
		if _, notMonth := time.Parse(monthLayout, string(name)); ok && notMonth == nil {
			months = append(months, string(name))
		}
	}
	slices.Sort(months)
	return months, err
}

// recall reads the newest receipts.
func (rs *Receipts) recall(months []string, fn func(*people.Receipt)) error {
	budget := int64(recalled)
	first := len(months)
	for first > 0 && budget > 0 {
		first--
		info, err := os.Stat(rs.file(months[first]))
		if err != nil {
			return err
		}
		budget -= info.Size()
	}
	for i := first; i < len(months); i++ {
		from := int64(0)
		if i == first && budget < 0 {
			from = -budget
		}
		err := readReceipts(rs.file(months[i]), from, func(r *people.Receipt) bool {
			rs.previous = r.Hash
			fn(r)
			return true
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// readReceipts calls fn with the receipts of a file from an offset on, until fn returns false.
func readReceipts(path string, from int64, fn func(*people.Receipt) bool) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	if _, err := f.Seek(from, io.SeekStart); err != nil {
		return err
	}
	torn, goOn := from > 0, true
	_, err = journal.WholeLines(f, func(line []byte) {
		var r people.Receipt
		if !torn && goOn && json.Unmarshal(line, &r) == nil {
			goOn = fn(&r)
		}
		torn = false
	})
	return err
}

// turn begins the file of a month. The caller holds mu, or nobody else has rs.
func (rs *Receipts) turn(month string) error {
	j, err := journal.Open(rs.file(month), func([]byte) {})
	if err != nil {
		return err
	}
	if rs.journal != nil {
		if err := rs.journal.Close(); err != nil {
			return errors.Join(err, j.Close())
		}
	}
	rs.month, rs.journal = month, j
	return nil
}

// Keep chains receipts and returns when they are on disk.
func (rs *Receipts) Keep(list ...people.Receipt) error {
	j, after, err := rs.write(list)
	if err != nil {
		return fmt.Errorf("write a receipt: %w", err)
	}
	return j.Sync(after)
}

func (rs *Receipts) write(list []people.Receipt) (j *journal.Journal, after int64, err error) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if month := rs.now().UTC().Format(monthLayout); month > rs.month {
		if err := rs.turn(month); err != nil {
			return nil, 0, err
		}
	}
	for i := range list {
		r := &list[i]
		r.Chain(rs.previous)
		line, err := json.Marshal(r)
		if err != nil {
			return nil, 0, err
		}
		if after, err = rs.journal.Write(line); err != nil {
			return nil, 0, err
		}
		rs.previous = r.Hash
	}
	return rs.journal, after, nil
}

// Close ends the last file.
func (rs *Receipts) Close() error {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return rs.journal.Close()
}

// About calls fn with all receipts of some subjects, oldest first.
func (rs *Receipts) About(subjects []people.Subject, fn func(*people.Receipt)) error {
	months, err := Months(rs.folder)
	if err != nil {
		return err
	}
	for _, month := range months {
		err := readReceipts(rs.file(month), 0, func(r *people.Receipt) bool {
			if s, ok := people.ParseSubject(r.Subject); ok && slices.Contains(subjects, s) {
				fn(r)
			}
			return true
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Verify reads all receipts of a data folder and returns how many there are; the error names the first that does
// not follow the one before it. It may be run while the process is running.
func Verify(data string) (n int, err error) {
	folder := filepath.Join(data, "receipts")
	months, err := Months(folder)
	if err != nil {
		return 0, err
	}
	previous := ""
	for i, month := range months {
		path := filepath.Join(folder, month+".jsonl")
		f, err := os.Open(path)
		if err != nil {
			return n, err
		}
		line := 0
		var broken error
		_, err = journal.WholeLines(f, func(text []byte) {
			line++
			if broken != nil {
				return
			}
			var r people.Receipt
			if err := json.Unmarshal(text, &r); err != nil {
				broken = fmt.Errorf("%s:%d: it is no receipt: %w", path, line, err)
				return
			}
			if i == 0 && line == 1 {
				previous = r.Previous // older months were removed when their time had come
			}
			switch {
			case people.VerifyReceipts(r.Previous, []people.Receipt{r}) != nil:
				broken = fmt.Errorf("%s:%d: this receipt was changed", path, line)
			case r.Previous != previous:
				broken = fmt.Errorf("%s:%d: this receipt does not follow the one before it: one was taken out or put in", path, line)
			}
			if broken != nil {
				return
			}
			previous = r.Hash
			n++
		})
		if err := errors.Join(broken, err, f.Close()); err != nil {
			return n, err
		}
	}
	return n, nil
}
