package subjects

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
)

// receipts is the proof of who chose what: a folder with a file a month, a line of JSON per receipt, each sealed with the
// hash of the one before. A receipt that was kept is on disk.
type receipts struct {
	folder string
	clock  *steady // decides which file: a machine's clock may jump

	mu       sync.Mutex
	month    string
	journal  *journal
	previous string // hash of the last receipt
}

const monthLayout = "2006-01"

// recalled bounds how much of the newest receipts is read at the start, to know who chose what last.
const recalled = 16 << 20

// openReceipts opens the receipts of a data folder, removes months that are older than keep, and calls fn with the newest
// receipts, oldest first.
func openReceipts(data string, keep time.Duration, clock *steady, fn func(*people.Receipt)) (*receipts, error) {
	rs := &receipts{folder: filepath.Join(data, "receipts"), clock: clock}
	months, err := monthsOf(rs.folder)
	if err != nil {
		return nil, err
	}
	now := clock.now()
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

// newestReceipt is when the last receipt of a data folder was written; the zero time when there is none.
func newestReceipt(data string) (newest time.Time, err error) {
	rs := &receipts{folder: filepath.Join(data, "receipts")}
	months, err := monthsOf(rs.folder)
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

func (rs *receipts) file(month string) string { return filepath.Join(rs.folder, month+".jsonl") }

// monthsOf lists the months that a folder has receipts of, oldest first.
func monthsOf(folder string) (months []string, err error) {
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
func (rs *receipts) recall(months []string, fn func(*people.Receipt)) error {
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
	_, err = wholeLines(f, func(line []byte) {
		var r people.Receipt
		if !torn && goOn && json.Unmarshal(line, &r) == nil {
			goOn = fn(&r)
		}
		torn = false
	})
	return err
}

// turn begins the file of a month. The caller holds mu, or nobody else has rs.
func (rs *receipts) turn(month string) error {
	j, err := openJournal(rs.file(month), func([]byte) {})
	if err != nil {
		return err
	}
	if rs.journal != nil {
		if err := rs.journal.close(); err != nil {
			return errors.Join(err, j.close())
		}
	}
	rs.month, rs.journal = month, j
	return nil
}

// keep chains receipts and returns when they are on disk.
func (rs *receipts) keep(list ...people.Receipt) error {
	j, after, err := rs.write(list)
	if err != nil {
		return fmt.Errorf("write a receipt: %w", err)
	}
	return j.sync(after)
}

func (rs *receipts) write(list []people.Receipt) (j *journal, after int64, err error) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if month := rs.clock.now().UTC().Format(monthLayout); month > rs.month {
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
		if after, err = rs.journal.write(line); err != nil {
			return nil, 0, err
		}
		rs.previous = r.Hash
	}
	return rs.journal, after, nil
}

func (rs *receipts) close() error {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return rs.journal.close()
}

// about calls fn with all receipts of some subjects, oldest first.
func (rs *receipts) about(subjects []people.Subject, fn func(*people.Receipt)) error {
	months, err := monthsOf(rs.folder)
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

// VerifyReceipts reads all receipts of a data folder and returns how many there are; the error names the first that does
// not follow the one before it. It may be run while the process is running.
func VerifyReceipts(data string) (n int, err error) {
	folder := filepath.Join(data, "receipts")
	months, err := monthsOf(folder)
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
		_, err = wholeLines(f, func(text []byte) {
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
