package stream

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/minio/highwayhash"
)

// The server keeps a stream in block files of records. When it reads one, it allocates a table with an entry for every sequence
// number between two records before it verifies checksums (msgBlock.indexCacheBuf): one flipped bit in the upper half of a
// sequence number then takes all memory, at every start. So the files are checked first, without the server: the last block of
// each stream at every start, since the server reads it then; all blocks before a Verify, and after several starts that ended in
// a crash. Encrypted files cannot be checked.
//
// A record is: length 4 bytes (highest bit: has headers), sequence 8, time 8, length of the subject 2, subject, with
// headers their length 4 and the headers, body, and HighwayHash-64 over everything but the lengths 8.
const (
	blockHead   = 4 + 8 + 8 + 2
	blockHash   = 8
	headersBit  = 1 << 31
	flagBits    = 1<<63 | 1<<62 // erased, and deleted later
	unlikelyGap = 1 << 20       // between neighbours; legitimate ones have a right checksum
)

// RepairBlocks checks the block files below a log's folder and returns what it repaired. It leaves the files of a server it does
// not know alone.
func RepairBlocks(dir string, all bool) (repaired []string, err error) {
	if !serverIsChecked() {
		return nil, nil
	}
	folders, err := filepath.Glob(filepath.Join(dir, "jetstream", "*", "streams", "*", "msgs"))
	if err != nil {
		return nil, err
	}
	for _, folder := range folders {
		stream := filepath.Base(filepath.Dir(folder))
		blocks, err := blocksIn(folder)
		if err != nil {
			return repaired, err
		}
		if !all && len(blocks) > 1 {
			blocks = blocks[len(blocks)-1:]
		}
		for _, n := range blocks {
			path := filepath.Join(folder, strconv.Itoa(n)+".blk")
			found, err := repairBlock(path, fmt.Sprintf("%s-%d", stream, n))
			repaired = append(repaired, found...)
			if err != nil {
				return repaired, fmt.Errorf("check %s: %w", path, err)
			}
		}
	}
	return repaired, nil
}

// blocksIn returns the numbers of the blocks in a folder, in order.
func blocksIn(folder string) ([]int, error) {
	files, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var numbers []int
	for _, f := range files {
		if name, ok := strings.CutSuffix(f.Name(), ".blk"); ok {
			if n, err := strconv.Atoi(name); err == nil {
				numbers = append(numbers, n)
			}
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

// repairBlock gives records with an implausible sequence number a plausible one. When only the number was damaged, the record is
// whole again; otherwise the server finds its checksum wrong, and only that record is lost.
func repairBlock(path, key string) (repaired []string, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	hashKey := sha256.Sum256([]byte(key))
	var last uint64
	for at := 0; at+blockHead <= len(b); {
		r, ok := blockRecord(b[at:])
		if !ok {
			return repaired, nil // the server detects this damage by itself
		}
		seq := r.sequence()
		if last > 0 && seq > last+unlikelyGap && !r.matches(hashKey[:]) {
			if err := r.renumber(path, at, last, b[at+len(r):], hashKey[:]); err != nil {
				return repaired, err
			}
			repaired = append(repaired, fmt.Sprintf("%s: a record after number %d said it was number %d", path, last, seq))
			seq = last + 1
		}
		if r.kept() {
			last = max(last, seq)
		}
		at += len(r)
	}
	return repaired, nil
}

// blockBytes is one record.
type blockBytes []byte

// blockRecord cuts the first record off; it fails on what the server would not accept as one.
func blockRecord(b []byte) (blockBytes, bool) {
	if len(b) < blockHead {
		return nil, false
	}
	size := int(binary.LittleEndian.Uint32(b) &^ headersBit)
	r := blockBytes(b)
	if size > len(b) || size < blockHead+blockHash+r.prefix() {
		return nil, false
	}
	return r[:size], true
}

// prefix is how long the subject is, with the length of the headers behind it.
func (r blockBytes) prefix() int {
	n := int(binary.LittleEndian.Uint16(r[20:]))
	if r.hasHeaders() {
		n += 4
	}
	return n
}

func (r blockBytes) hasHeaders() bool { return binary.LittleEndian.Uint32(r)&headersBit != 0 }

func (r blockBytes) sequence() uint64 { return binary.LittleEndian.Uint64(r[4:]) &^ flagBits }

// kept reports whether the record is a message, not a note that another was deleted.
func (r blockBytes) kept() bool { return binary.LittleEndian.Uint64(r[4:])&(1<<62) == 0 }

// matches reports whether the checksum is right.
func (r blockBytes) matches(key []byte) bool {
	h, err := highwayhash.New64(key)
	if err != nil {
		panic("BUG: " + err.Error()) // the key has the right length
	}
	subject := blockHead + int(binary.LittleEndian.Uint16(r[20:]))
	end := len(r) - blockHash
	for _, part := range [...][]byte{r[4:20], r[blockHead:subject], r[blockHead+r.prefix() : end]} {
		_, _ = h.Write(part)
	}
	return bytes.Equal(h.Sum(nil), r[end:])
}

// renumber writes a plausible number into a record: the one after the last or before the next if its checksum then matches,
// otherwise the one after the last.
func (r blockBytes) renumber(path string, at int, last uint64, rest []byte, key []byte) error {
	candidates := []uint64{last + 1}
	if next, ok := blockRecord(rest); ok && next.sequence() > last+1 {
		candidates = append(candidates, next.sequence()-1)
	}
	for _, seq := range append(candidates, last+1) {
		binary.LittleEndian.PutUint64(r[4:], seq)
		if r.matches(key) {
			break
		}
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(r[4:12], int64(at+4))
	return errors.Join(err, f.Sync(), f.Close())
}
