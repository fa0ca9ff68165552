package queue

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/minio/highwayhash"
)

// nats-server 2.15.2 keeps a stream in block files of records, and when it reads one it makes a table with a place for every
// sequence number between two records, before it looks at checksums (msgBlock.indexCacheBuf). One flipped bit in the upper
// half of a sequence number then takes all memory there is, at every start anew. So the files are looked over first, without
// the server: the last block of each stream at every start, since the server reads it then; all of them before a Verify,
// and when the last starts ended badly. Encrypted files cannot be looked over.
//
// A record is: length 4 bytes (highest bit: has headers), sequence 8, time 8, length of the subject 2, subject, with
// headers their length 4 and the headers, body, and HighwayHash-64 over all but the lengths 8.
const (
	blockHead   = 4 + 8 + 8 + 2
	blockHash   = 8
	headersBit  = 1 << 31
	flagBits    = 1<<63 | 1<<62 // erased, and deleted later
	unlikelyGap = 1 << 20       // between neighbours; legitimate ones have a right checksum
	hastyStarts = 3             // of which none lasted a minute
	startsFile  = "starts"
)

// mendBlocks looks over the block files below a log's folder, and returns what it mended.
func mendBlocks(dir string, all bool) (mended []string, err error) {
	folders, err := filepath.Glob(filepath.Join(dir, "jetstream", "*", "streams", "*", "msgs"))
	if err != nil {
		return nil, err
	}
	for _, folder := range folders {
		stream := filepath.Base(filepath.Dir(folder))
		blocks, err := blocksIn(folder)
		if err != nil {
			return mended, err
		}
		if !all && len(blocks) > 1 {
			blocks = blocks[len(blocks)-1:]
		}
		for _, n := range blocks {
			path := filepath.Join(folder, strconv.Itoa(n)+".blk")
			found, err := mendBlock(path, fmt.Sprintf("%s-%d", stream, n))
			mended = append(mended, found...)
			if err != nil {
				return mended, fmt.Errorf("look over %s: %w", path, err)
			}
		}
	}
	return mended, nil
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

// mendBlock gives records whose sequence number is beyond belief one that is not. When the number was all that was damaged,
// the record is whole again; else the server finds its checksum wrong, and only it is lost.
func mendBlock(path, key string) (mended []string, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	hashKey := sha256.Sum256([]byte(key))
	var last uint64
	for at := 0; at+blockHead <= len(b); {
		r, ok := blockRecord(b[at:])
		if !ok {
			return mended, nil // from here on the server sees by itself that something is wrong
		}
		seq := r.sequence()
		if last > 0 && seq > last+unlikelyGap && !r.matches(hashKey[:]) {
			if err := r.renumber(path, at, last, b[at+len(r):], hashKey[:]); err != nil {
				return mended, err
			}
			mended = append(mended, fmt.Sprintf("%s: a record after number %d said it was number %d", path, last, seq))
			seq = last + 1
		}
		if r.kept() {
			last = max(last, seq)
		}
		at += len(r)
	}
	return mended, nil
}

// blockBytes is one record.
type blockBytes []byte

// blockRecord cuts the first record off; it fails on what the server would not take for one.
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

// kept is whether the record stands for itself, not for the deletion of another.
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

// renumber writes a believable number into a record: the one with which its checksum is right, if that is the one after the
// last or before the next, else the one after the last.
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

// countStart notes that a start is under way and returns how many there have been since one went well.
func countStart(dir string) (int, error) {
	path := filepath.Join(dir, startsFile)
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	n, _ := strconv.Atoi(string(b)) // what is no number counts as none
	n++
	return n, os.WriteFile(path, []byte(strconv.Itoa(n)), 0o600)
}

// startWentWell forgets the starts so far.
func startWentWell(dir string) error {
	if err := os.Remove(filepath.Join(dir, startsFile)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
