package history

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
)

// The journal holds the hour that is not over, as frames of what was counted between two flushes:
//
//	length    4 bytes, of the payload, little endian
//	checksum  4 bytes, CRC-32C of the payload, little endian
//	payload   the minute, in minutes since 1970; how many keys are new, and those; how many counts, and of each the number of
//	          its key (they are numbered as they come in the file), its count and its value
//
// Whole numbers are varints, unsigned but for counts and values.
type journal struct {
	file    *os.File
	size    int64 // of what is whole
	hour    int64 // 0 while it is empty
	numbers map[Key]int
	damaged bool // more than its last frame was not whole
}

const (
	frameHead    = 8
	largestFrame = 32 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// openJournal opens a journal. A frame that was being written when the process ended is cut off.
func openJournal(path string) (*journal, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the history's journal: %w", err)
	}
	j := &journal{file: f, numbers: map[Key]int{}}
	whole, err := j.read(func(minute int64, k Key, _, _ int64) { j.hour = minute / 60 })
	if err == nil {
		var info os.FileInfo
		if info, err = f.Stat(); err == nil {
			j.damaged = info.Size() > whole && !isTorn(f, whole, info.Size())
			j.size = whole
			err = f.Truncate(whole)
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read the history's journal: %w", err), f.Close())
	}
	return j, nil
}

// isTorn reports whether what is behind the last whole frame is the beginning of another one.
func isTorn(f io.ReaderAt, from, size int64) bool {
	var head [frameHead]byte
	n, _ := f.ReadAt(head[:], from)
	return n < frameHead || from+frameHead+int64(binary.LittleEndian.Uint32(head[:])) > size
}

// write appends a frame with what the counters have counted, and takes that out of them. What could not be written is put back.
func (j *journal) write(minute int64, counters []*Counter, lasting bool) error {
	type taken struct {
		counter      *Counter
		count, value int64
	}
	var all []taken
	var fresh []Key
	for _, c := range counters {
		if n, v := c.count.Swap(0), c.value.Swap(0); n != 0 || v != 0 {
			all = append(all, taken{c, n, v})
			if _, known := j.numbers[c.key]; !known {
				j.numbers[c.key] = len(j.numbers)
				fresh = append(fresh, c.key)
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	b := make([]byte, frameHead, frameHead+16*len(all))
	b = binary.AppendUvarint(b, uint64(minute))
	b = binary.AppendUvarint(b, uint64(len(fresh)))
	for i := range fresh {
		b = fresh[i].append(b)
	}
	b = binary.AppendUvarint(b, uint64(len(all)))
	for _, one := range all {
		b = binary.AppendUvarint(b, uint64(j.numbers[one.counter.key]))
		b = binary.AppendVarint(b, one.count)
		b = binary.AppendVarint(b, one.value)
	}
	binary.LittleEndian.PutUint32(b, uint32(len(b)-frameHead))
	binary.LittleEndian.PutUint32(b[4:], crc32.Checksum(b[frameHead:], castagnoli))
	if _, err := j.file.WriteAt(b, j.size); err != nil {
		for _, one := range all {
			one.counter.count.Add(one.count)
			one.counter.value.Add(one.value)
		}
		for i := range fresh {
			delete(j.numbers, fresh[i])
		}
		return fmt.Errorf("write the history: %w", err)
	}
	j.size += int64(len(b))
	j.hour = minute / 60
	if lasting {
		_ = j.file.Sync() // it is written; a power cut may take it
	}
	return nil
}

// read calls fn with what the journal holds, and returns how much of the file is whole.
func (j *journal) read(fn func(minute int64, k Key, count, value int64)) (whole int64, err error) {
	data, err := io.ReadAll(io.NewSectionReader(j.file, 0, 1<<40))
	if err != nil {
		return 0, err
	}
	var keys []Key
	for {
		payload := frameAt(data[whole:])
		if payload == nil {
			break
		}
		r := reader{rest: payload}
		minute := int64(r.uvarint())
		for range r.count(7) {
			keys = append(keys, r.key())
		}
		for range r.count(3) {
			number, count, value := r.uvarint(), r.varint(), r.varint()
			if r.bad || number >= uint64(len(keys)) {
				return whole, nil
			}
			fn(minute, keys[number], count, value)
		}
		whole += frameHead + int64(len(payload))
	}
	if len(j.numbers) == 0 {
		for i, k := range keys {
			j.numbers[k] = i
		}
	}
	return whole, nil
}

// frameAt returns the payload of the frame that data begins with, nil when it is not whole.
func frameAt(data []byte) []byte {
	if len(data) < frameHead {
		return nil
	}
	n := int64(binary.LittleEndian.Uint32(data))
	if n > largestFrame || n > int64(len(data)-frameHead) {
		return nil
	}
	payload := data[frameHead : frameHead+n]
	if crc32.Checksum(payload, castagnoli) != binary.LittleEndian.Uint32(data[4:]) {
		return nil
	}
	return payload
}

// empty forgets what the journal holds: it is in the day's file.
func (j *journal) empty() error {
	if err := j.file.Truncate(0); err != nil {
		return fmt.Errorf("empty the history's journal: %w", err)
	}
	j.size, j.hour, j.numbers = 0, 0, map[Key]int{}
	return nil
}

func (k *Key) append(b []byte) []byte {
	b = append(b, byte(k.Kind))
	for _, word := range [...]string{k.Site, k.Destination, k.What, k.Why, k.Detail, k.Of} {
		b = append(binary.AppendUvarint(b, uint64(len(word))), word...)
	}
	return b
}

// reader takes values off the front of bytes. After anything unreadable it is bad and yields zero values.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) fail() { r.bad, r.rest = true, nil }

func (r *reader) uvarint() uint64 {
	x, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[n:]
	return x
}

func (r *reader) varint() int64 {
	x := r.uvarint()
	return int64(x>>1) ^ -int64(x&1)
}

// count reads how many things follow, each at least size bytes long.
func (r *reader) count(size int) int {
	n := r.uvarint()
	if n > uint64(len(r.rest)/size) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *reader) key() (k Key) {
	if len(r.rest) == 0 || r.rest[0] >= byte(kinds) {
		r.fail()
		return k
	}
	k.Kind, r.rest = Kind(r.rest[0]), r.rest[1:]
	for _, word := range [...]*string{&k.Site, &k.Destination, &k.What, &k.Why, &k.Detail, &k.Of} {
		n := r.count(1)
		*word = string(r.rest[:n])
		r.rest = r.rest[n:]
	}
	return k
}
