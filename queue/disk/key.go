package disk

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

// checkKey keeps a log from being opened with another key than it was made with, or with none. The folder holds a salted hash of the
// key, or zeros when there is none. It returns the secret that the segments' keys come from, nil when there is no key. Where there is no
// hash, that of key is stored if it may.
func checkKey(dir, key string, store bool) (secret []byte, err error) {
	path := filepath.Join(dir, keyFile)
	stored, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := mayBeLost(dir, key); err != nil {
			return nil, err
		}
		if stored, err = newKey(path, key, store); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, fmt.Errorf("check queue.encryption_key: %w", err)
	}
	if !intact(stored) {
		return nil, fmt.Errorf("check queue.encryption_key: the file %s, which tells whether the key is right, is damaged; "+
			"restore it from a backup, or, if the log was made without queue.encryption_key, delete the file", path)
	}
	salt := stored[:saltBytes]
	want := stored[saltBytes : saltBytes+sha256.Size]
	given, err := hashKey(salt, key)
	if err != nil {
		return nil, err
	}
	if hmac.Equal(given, want) {
		return secretOf(salt, key)
	}
	switch {
	case hmac.Equal(make([]byte, sha256.Size), want):
		return nil, fmt.Errorf("the log in %s was made without queue.encryption_key; leave it out, or move that folder away once it is delivered", dir)
	case key == "":
		return nil, fmt.Errorf("the log in %s is encrypted; set queue.encryption_key", dir)
	}
	return nil, fmt.Errorf("queue.encryption_key is not the one that the log in %s was made with", dir)
}

// intact reports whether a key file is as it was written: salt, hash and their CRC32C.
func intact(stored []byte) bool {
	const plain = saltBytes + sha256.Size
	return len(stored) == plain+4 && crc32.Checksum(stored[:plain], castagnoli) == binary.BigEndian.Uint32(stored[plain:])
}

// mayBeLost says no when the key file is missing that encrypted segments need: the secret comes from its salt, too.
func mayBeLost(dir, key string) error {
	missing := false
	for _, folder := range folders {
		entries, err := os.ReadDir(filepath.Join(dir, folder))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for _, e := range entries {
			base, ok := baseOf(e.Name())
			if !ok {
				continue
			}
			f, err := os.Open(filepath.Join(dir, folder, e.Name()))
			if err != nil {
				return err
			}
			plain := (&segment{base: base}).readHead(f, nil) == nil
			_ = f.Close() // only read
			switch {
			case !plain:
				missing = true
			case key == "":
				return nil
			default:
				return fmt.Errorf("the log in %s was made without queue.encryption_key; leave it out, or move that folder away once it is delivered", dir)
			}
		}
	}
	if !missing {
		return nil
	}
	return fmt.Errorf("the file %s is missing, without which an encrypted log cannot be read; restore it from a backup, or move the folder away", filepath.Join(dir, keyFile))
}

func newKey(path, key string, store bool) (stored []byte, err error) {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // it never fails
	hash, err := hashKey(salt, key)
	if err == nil {
		stored = append(salt, hash...)
		stored = binary.BigEndian.AppendUint32(stored, crc32.Checksum(stored, castagnoli))
		if store {
			err = writeWhole(path, stored)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("remember queue.encryption_key: %w", err)
	}
	return stored, nil
}

func hashKey(salt []byte, key string) ([]byte, error) {
	if key == "" {
		return make([]byte, sha256.Size), nil
	}
	return pbkdf2.Key(sha256.New, key, salt, keyRounds, sha256.Size)
}

// secretOf is what the segments' keys come from; it cannot be found out from the hash beside it.
func secretOf(salt []byte, key string) ([]byte, error) {
	if key == "" {
		return nil, nil
	}
	return pbkdf2.Key(sha256.New, key, append([]byte("records"), salt...), keyRounds, sha256.Size)
}
