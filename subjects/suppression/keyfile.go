package suppression

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"headgate/subjects/journal"
)

// The keys of a data folder.
const (
	RotationKey = "rotation.key" // of the rotating ids of redacted events
	SubjectsKey = "subjects.key" // of the hashes by which stored events are found for a withdrawal, and of signed links
)

// useOf says what a key is for, and what goes with it when it is lost.
func useOf(name string) string {
	if name == RotationKey {
		return "the key of the ids that stand in for visitors' own in redacted events; with a new key those ids change"
	}
	return "the key by which stored events are found for a withdrawal, and of signed links; with a new key older events are not found, and older links are refused"
}

// Key reads a key of a data folder, and makes it the first time.
func Key(folder, name string) ([]byte, error) {
	path := filepath.Join(folder, name)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		key := make([]byte, 32)
		if _, err := rand.Read(key); err != nil {
			return nil, err
		}
		return key, writeKey(path, key)
	}
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err == nil && len(key) < 32 {
		err = errors.New("it is too short")
	}
	if err != nil {
		return nil, fmt.Errorf("%s is damaged: %w; it holds %s; restore it from a backup, or remove the file, and the next start makes a new one", path, err, useOf(name))
	}
	return key, nil
}

func writeKey(path string, key []byte) error {
	return journal.WriteOwn(path, []byte(hex.EncodeToString(key)+"\n"))
}

// keyLine is a line of the board that holds the key. The first one counts.
type keyLine struct {
	Key string `json:"subjects_key"`
}

func isKeyLine(line []byte) bool { return bytes.HasPrefix(line, []byte(`{"subjects_key":`)) }

// SharedKey is the subjects' key that all Headgates of a cluster have: whichever of them delivers an event, a withdrawal that
// any of them receives finds it. It is the first key on the board, posted by the first Headgate to join.
func SharedKey(ctx context.Context, folder string, b Board, own []byte) ([]byte, error) {
	find := func() (found []byte, err error) {
		_, err = b.Read(ctx, func(line []byte) {
			var l keyLine
			if found != nil || !isKeyLine(line) || json.Unmarshal(line, &l) != nil {
				return
			}
			if key, err := hex.DecodeString(l.Key); err == nil && len(key) >= 32 {
				found = key
			}
		})
		return found, err
	}
	key, err := find()
	if err == nil && key == nil {
		if err = postKey(ctx, b, own); err == nil {
			key, err = find() // another may have been faster
		}
	}
	if err != nil {
		return nil, fmt.Errorf("learn the subjects' key from the NATS cluster: %w; nothing is accepted or delivered before that", err)
	}
	if bytes.Equal(key, own) || key == nil {
		return own, nil
	}
	return key, writeKey(filepath.Join(folder, SubjectsKey), key)
}

func postKey(ctx context.Context, b Board, key []byte) error {
	line, err := json.Marshal(keyLine{hex.EncodeToString(key)})
	if err != nil {
		return err
	}
	return b.Post(ctx, topicKey, line)
}
