package disk

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io/fs"
	"os"
)

// Which records of a segment were removed is in a file beside it: from (4), to (4), and a checksum (4) for each range, little-endian.
const rangeBytes = 12

func (s *segment) check(b []byte) uint32 { return crc32.Update(s.seal.seed, castagnoli, b) }

// loadRemoved reads what was removed. A range that is damaged counts as none: better twice than never.
func (s *segment) loadRemoved() error {
	b, err := os.ReadFile(s.removedPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for ; len(b) >= rangeBytes; b = b[rangeBytes:] {
		from, to := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
		if from < to && s.check(b[:8]) == binary.LittleEndian.Uint32(b[8:]) {
			s.removed = s.removed.with(from, to)
		}
	}
	return err
}

// saveRemoved writes ranges to those that were removed before.
func (s *segment) saveRemoved(ranges spans, sync bool) (err error) {
	f, err := os.OpenFile(s.removedPath(), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	end, err := f.Seek(0, 2)
	if err != nil {
		return err
	}
	b := make([]byte, 0, len(ranges)*rangeBytes)
	for _, r := range ranges {
		at := len(b)
		b = binary.LittleEndian.AppendUint32(b, r[0])
		b = binary.LittleEndian.AppendUint32(b, r[1])
		b = binary.LittleEndian.AppendUint32(b, s.check(b[at:]))
	}
	if _, err := f.WriteAt(b, end/rangeBytes*rangeBytes); err != nil || !sync { // over a range that was not written whole
		return err
	}
	if err := f.Sync(); err != nil || end > 0 {
		return err
	}
	return syncFolder(s.removedPath())
}
