package history

import (
	"bytes"
	"cmp"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A day's file holds its hours that are over, each in a frame like the journal's. The payload is the hour, 4 bytes since 1970, little
// endian, then, deflated, how many keys there are; of each the key, how many minutes it has counts in, and of each the minutes
// since the one before, the count and the value.

const daySuffix = ".hours"

func (b *Book) dayFile(hour int64) string {
	return filepath.Join(b.folder, time.Unix(hour*3600, 0).UTC().Format(time.DateOnly)+daySuffix)
}

// days are the names of the files of days, oldest first.
func (b *Book) days() ([]string, error) {
	entries, err := os.ReadDir(b.folder) // sorted
	if err != nil {
		return nil, fmt.Errorf("list the history: %w", err)
	}
	var names []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), daySuffix) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// checkDays cuts off of each day's file what cannot be read.
func (b *Book) checkDays() error {
	names, err := b.days()
	if err != nil {
		return err
	}
	for _, name := range names {
		path := filepath.Join(b.folder, name)
		data, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("read the history: %w", err)
		}
		whole := 0
		for payload := frameAt(data[whole:]); payload != nil && unpack(payload, func(int64, Key, int64, int64) {}); payload = frameAt(data[whole:]) {
			whole += frameHead + len(payload)
		}
		if whole == len(data) {
			continue
		}
		if !isTorn(bytes.NewReader(data), int64(whole), int64(len(data))) {
			b.damaged("a part of " + strings.TrimSuffix(name, daySuffix))
		}
		if err := os.Truncate(path, int64(whole)); err != nil {
			return fmt.Errorf("cut off what is damaged of the history: %w", err)
		}
	}
	return nil
}

// seal moves the journal's hour to the file of its day unless it is still that hour. The caller holds the mutex, or nobody else has
// the book.
func (b *Book) seal(now int64) error {
	j := b.journal
	if j.hour == 0 || j.hour == now {
		return nil
	}
	done, err := b.holds(j.hour)
	if err != nil {
		return err
	}
	if !done { // otherwise the process ended in between
		if err := b.writeHour(j); err != nil {
			return err
		}
	}
	if err := j.empty(); err != nil {
		return err
	}
	return b.forget()
}

// holds reports whether the file of a day has an hour already.
func (b *Book) holds(hour int64) (found bool, err error) {
	err = eachHour(b.dayFile(hour), func(of int64) bool { return of == hour }, func([]byte) { found = true })
	return found, err
}

// counted is what was counted of one thing in one minute.
type counted struct{ minute, count, value int64 }

func (b *Book) writeHour(j *journal) error {
	all := map[Key][]counted{}
	_, err := j.read(func(minute int64, k Key, count, value int64) {
		if k.Kind.byTheHour() {
			minute = j.hour * 60
		}
		list := all[k]
		at, found := slices.BinarySearchFunc(list, minute, func(c counted, m int64) int { return cmp.Compare(c.minute, m) })
		if !found {
			list = slices.Insert(list, at, counted{minute: minute})
		}
		list[at].count += count
		list[at].value += value
		all[k] = list
	})
	if err != nil {
		return fmt.Errorf("read the history's journal: %w", err)
	}
	frame := pack(j.hour, all)
	if err := os.MkdirAll(b.folder, 0o700); err != nil { // someone removed it
		return fmt.Errorf("make the folder of the history: %w", err)
	}
	f, err := os.OpenFile(b.dayFile(j.hour), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("write the history: %w", err)
	}
	_, err = f.Write(frame)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write the history: %w", err)
	}
	return nil
}

func pack(hour int64, all map[Key][]counted) []byte {
	keys := make([]Key, 0, len(all))
	for k := range all {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, compareKeys)
	raw := binary.AppendUvarint(nil, uint64(len(keys)))
	for _, k := range keys {
		raw = binary.AppendUvarint(k.append(raw), uint64(len(all[k])))
		before := hour * 60
		for _, c := range all[k] {
			raw = binary.AppendUvarint(raw, uint64(c.minute-before))
			raw = binary.AppendVarint(raw, c.count)
			raw = binary.AppendVarint(raw, c.value)
			before = c.minute
		}
	}
	out := bytes.NewBuffer(binary.LittleEndian.AppendUint32(make([]byte, frameHead), uint32(hour)))
	z, _ := flate.NewWriter(out, flate.BestCompression) // a level that exists
	_, _ = z.Write(raw)                                 // a bytes.Buffer takes everything
	_ = z.Close()
	b := out.Bytes()
	binary.LittleEndian.PutUint32(b, uint32(len(b)-frameHead))
	binary.LittleEndian.PutUint32(b[4:], crc32.Checksum(b[frameHead:], castagnoli))
	return b
}

func compareKeys(a, b Key) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), strings.Compare(a.Site, b.Site), strings.Compare(a.Destination, b.Destination), strings.Compare(a.Of, b.Of),
		strings.Compare(a.What, b.What), strings.Compare(a.Why, b.Why), strings.Compare(a.Detail, b.Detail))
}

// unpack calls fn with what a frame of a day's file holds, and reports whether all of it could be read.
func unpack(payload []byte, fn func(minute int64, k Key, count, value int64)) bool {
	if len(payload) < 4 {
		return false
	}
	hour := int64(binary.LittleEndian.Uint32(payload))
	raw, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(payload[4:])), 256<<20))
	if err != nil {
		return false
	}
	r := reader{rest: raw}
	for range r.count(8) {
		k := r.key()
		minute := hour * 60
		for range r.count(3) {
			minute += int64(r.uvarint())
			count, value := r.varint(), r.varint()
			if r.bad {
				return false
			}
			fn(minute, k, count, value)
		}
	}
	return !r.bad && len(r.rest) == 0
}

// eachHour calls fn with the frames of a day's file whose hours are wanted. A file that is not there has none.
func eachHour(path string, wanted func(hour int64) bool, fn func(payload []byte)) error {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the history: %w", err)
	}
	defer func() { _ = f.Close() }()
	for at := int64(0); ; {
		var head [frameHead + 4]byte
		if _, err := f.ReadAt(head[:], at); err != nil {
			return nil // the end
		}
		n := int64(binary.LittleEndian.Uint32(head[:]))
		if n > largestFrame {
			return nil // found at the next start
		}
		if wanted(int64(binary.LittleEndian.Uint32(head[frameHead:]))) {
			data := make([]byte, frameHead+n)
			if _, err := f.ReadAt(data, at); err != nil {
				return nil
			}
			if payload := frameAt(data); payload != nil {
				fn(payload)
			}
		}
		at += frameHead + n
	}
}

// forget removes the days that are too old, and the oldest while there is too much.
func (b *Book) forget() error {
	names, err := b.days()
	if err != nil {
		return err
	}
	total, sizes := int64(0), make([]int64, len(names))
	for i, name := range names {
		if info, err := os.Stat(filepath.Join(b.folder, name)); err == nil {
			sizes[i] = info.Size()
			total += sizes[i]
		}
	}
	oldest := b.now().Add(-b.keep).UTC().Format(time.DateOnly) + daySuffix
	for i, name := range names {
		if name >= oldest && (total <= b.most || i == len(names)-1) {
			break
		}
		if err := os.Remove(filepath.Join(b.folder, name)); err != nil {
			return fmt.Errorf("remove old history: %w", err)
		}
		total -= sizes[i]
		if b.began = dayOf(name).AddDate(0, 0, 1); i+1 == len(names) {
			b.began = b.now().UTC().Truncate(time.Hour)
		}
		if err := b.writeBegan(); err != nil {
			return err
		}
	}
	return nil
}

func dayOf(name string) time.Time {
	day, err := time.Parse(time.DateOnly, strings.TrimSuffix(name, daySuffix))
	if err != nil {
		return time.Time{} // not one of ours
	}
	return day
}
