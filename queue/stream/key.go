package stream

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
)

const (
	keyFile   = "key"
	saltBytes = 16
	keyRounds = 200_000 // some tens of milliseconds, once per start
)

// checkKey keeps a log from being opened with another key than it was made with, or with none: the server would treat its
// files as garbage and start an empty log. The folder holds a salted hash of the key, or zeros when there is none.
func checkKey(dir, key string) error {
	path := filepath.Join(dir, keyFile)
	stored, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return writeKey(path, key)
	}
	if err != nil {
		return fmt.Errorf("check queue.encryption_key: %w", err)
	}
	if !intact(stored) {
		return fmt.Errorf("check queue.encryption_key: the file %s, which tells whether the key is right, is damaged; "+
			"restore it from a backup, or, if you are sure that queue.encryption_key is the one the log was made with, delete the file", path)
	}
	salt := stored[:saltBytes]
	want := stored[saltBytes : saltBytes+sha256.Size]
	given, err := hashKey(salt, key)
	if err != nil {
		return err
	}
	if hmac.Equal(given, want) {
		return nil
	}
	none, err := hashKey(salt, "")
	if err != nil {
		return err
	}
	switch {
	case hmac.Equal(none, want):
		return fmt.Errorf("the log in %s was made without queue.encryption_key; leave it out, or move that folder away once it is delivered", dir)
	case key == "":
		return fmt.Errorf("the log in %s is encrypted; set queue.encryption_key", dir)
	}
	return fmt.Errorf("queue.encryption_key is not the one that the log in %s was made with", dir)
}

// intact reports whether a key file is as it was written: salt, hash and their CRC32C, which files of earlier versions lack.
func intact(stored []byte) bool {
	const plain = saltBytes + sha256.Size
	switch len(stored) {
	case plain:
		return true
	case plain + 4:
		return crc32.Checksum(stored[:plain], crc32.MakeTable(crc32.Castagnoli)) == binary.BigEndian.Uint32(stored[plain:])
	}
	return false
}

func writeKey(path, key string) error {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // it never fails
	hash, err := hashKey(salt, key)
	if err == nil {
		stored := append(salt, hash...)
		err = os.WriteFile(path, binary.BigEndian.AppendUint32(stored, crc32.Checksum(stored, crc32.MakeTable(crc32.Castagnoli))), 0o600)
	}
	if err != nil {
		return fmt.Errorf("remember queue.encryption_key: %w", err)
	}
	return nil
}

func hashKey(salt []byte, key string) ([]byte, error) {
	if key == "" {
		return make([]byte, sha256.Size), nil
	}
	return pbkdf2.Key(sha256.New, key, salt, keyRounds, sha256.Size)
}
