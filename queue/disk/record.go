package disk

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"hash/crc32"
)

// A record is, little-endian: its size in bytes, all of it (4), a checksum of what follows it (4), its sequence (8), when it was stored
// in nanoseconds of Unix time (8), the length of its subject (2), its kind (2), the subject and the data. In an encrypted segment the
// last two are one sealed text behind its nonce.
//
// The checksum is a CRC32C that begins with a secret of the segment: a record that a visitor has written into an event is none.
const (
	recordHead = 28
	nonceBytes = 12
	sealBytes  = nonceBytes + 16

	kindMessage = 0
	kindSummary = 1
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// record is a record as it was read; subject and data are valid until the next one is.
type record struct {
	seq     uint64
	time    int64
	kind    uint16
	subject []byte
	data    []byte
	off     int64 // in its file
	size    int64
}

// seal is what the records of one segment are checked and encrypted with.
type seal struct {
	seed uint32
	aead cipher.AEAD // nil: not encrypted
}

// sizeOf is how many bytes a record takes.
func (s *seal) sizeOf(subject string, data []byte) int64 {
	n := int64(recordHead + len(subject) + len(data))
	if s.aead != nil {
		n += sealBytes
	}
	return n
}

// append appends a record to b.
func (s *seal) append(b []byte, seq uint64, time int64, kind uint16, subject string, data []byte) []byte {
	at := len(b)
	b = binary.LittleEndian.AppendUint64(b, 0) // size and checksum
	b = binary.LittleEndian.AppendUint64(b, seq)
	b = binary.LittleEndian.AppendUint64(b, uint64(time)) // read back as it was
	b = binary.LittleEndian.AppendUint16(b, uint16(len(subject)))
	b = binary.LittleEndian.AppendUint16(b, kind)
	if s.aead == nil {
		b = append(append(b, subject...), data...)
	} else {
		nonce := make([]byte, nonceBytes)
		_, _ = rand.Read(nonce) // it never fails
		plain := append([]byte(subject), data...)
		head := b[at+8 : at+recordHead : at+recordHead]
		b = s.aead.Seal(append(b, nonce...), nonce, plain, head)
	}
	binary.LittleEndian.PutUint32(b[at:], uint32(len(b)-at))
	binary.LittleEndian.PutUint32(b[at+4:], crc32.Update(s.seed, castagnoli, b[at+8:]))
	return b
}

// sizeAt is the size that a record says it has, 0 when no record of at most that size begins so.
func sizeAt(head []byte, most int64) int64 {
	size := int64(binary.LittleEndian.Uint32(head))
	if size < recordHead || size > most {
		return 0
	}
	return size
}

// read reads a whole record; ok is false when it is not as it was written.
func (s *seal) read(b []byte) (r record, ok bool) {
	if crc32.Update(s.seed, castagnoli, b[8:]) != binary.LittleEndian.Uint32(b[4:]) {
		return r, false
	}
	r.seq = binary.LittleEndian.Uint64(b[8:])
	r.time = int64(binary.LittleEndian.Uint64(b[16:])) // written from one
	r.kind = binary.LittleEndian.Uint16(b[26:])
	n, rest := int(binary.LittleEndian.Uint16(b[24:])), b[recordHead:]
	if s.aead != nil {
		if len(rest) < sealBytes {
			return r, false
		}
		plain, err := s.aead.Open(nil, rest[:nonceBytes], rest[nonceBytes:], b[8:recordHead])
		if err != nil {
			return r, false
		}
		rest = plain
	}
	if n > len(rest) {
		return r, false
	}
	r.subject, r.data = rest[:n], rest[n:]
	return r, true
}
