package stream

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// The streams. Their names and subjects are on disk and in clusters, and never change.
const (
	Log         = "HEADGATE_LOG"
	Retries     = "HEADGATE_RETRY"
	DeadLetters = "HEADGATE_DEAD" // and notes about events that were left out
	Checkpoints = "HEADGATE_STATE"
	Leases      = "HEADGATE_LEASE" // in a cluster
	Board       = "HEADGATE_BOARD" // in a cluster
)

// Any stands for any name in a subject to look for.
const Any = ""

// Each writer has a subject of its own in the log, for its checkpoints and for its lease, and one per cursor for its records.

// LogSubject is where a writer's groups are.
func LogSubject(writer string) string { return subject("log", writer) }

// StateSubject is where a writer's checkpoints are.
func StateSubject(writer string) string { return subject("state", writer) }

// LeaseSubject is where the lease on a writer's ledger is.
func LeaseSubject(writer string) string { return subject("lease", writer) }

// RetrySubject is where a writer's records of retries for a cursor are.
func RetrySubject(writer, cursor string) string { return subject("retry", writer, cursor) }

// DeadSubject is where a writer's records of dead letters for a cursor are.
func DeadSubject(writer, cursor string) string { return subject("dead", writer, cursor) }

// GoneSubject is where a writer's notes about events left out for a cursor are.
func GoneSubject(writer, cursor string) string { return subject("gone", writer, cursor) }

// BoardSubject is where a topic's lines are.
func BoardSubject(topic string) string { return subject("board", topic) }

func subject(kind string, names ...string) string {
	s := "headgate." + kind
	for _, name := range names {
		if name == Any {
			s += ".*"
		} else {
			s += "." + EncodeName(name)
		}
	}
	return s
}

// Names returns the names in a subject.
func Names(subject string) []string {
	names := strings.Split(subject, ".")
	names = names[min(2, len(names)):]
	for i, name := range names {
		names[i] = DecodeName(name)
	}
	return names
}

// LastName returns the last name in a subject.
func LastName(subject string) string {
	return DecodeName(subject[strings.LastIndexByte(subject, '.')+1:])
}

// EncodeName writes a name as one token of a subject: every byte but letters, digits, - and _ becomes = and two hex digits.
func EncodeName(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "=%02X", c)
		}
	}
	return b.String()
}

// DecodeName is the reverse of EncodeName.
func DecodeName(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '=' && i+2 < len(s) {
			if c, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(c))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// makeStreams creates the streams or updates their limits: three quarters of the space are for the log, an eighth each for
// retries and dead letters. No stream on this process's own disk has a limit per subject: the server can loop for ever when it
// enforces one (fileStore.storeRawMsg) after a byte of the stream's file was damaged.
func (s *Store) makeStreams(ctx context.Context) error {
	all := s.o.MaxBytes
	for _, c := range []jetstream.StreamConfig{
		{Name: Log, Subjects: []string{LogSubject(Any)}, MaxBytes: all / 4 * 3},
		{Name: Retries, Subjects: []string{RetrySubject(Any, Any)}, MaxBytes: all / 8},
		{Name: DeadLetters, Subjects: []string{DeadSubject(Any, Any), GoneSubject(Any, Any)}, MaxBytes: all / 8},
		{Name: Leases, Subjects: []string{LeaseSubject(Any)}, MaxBytes: -1, MaxMsgsPerSubject: 1, MaxAge: s.o.LeaseTerm},
		{Name: Board, Subjects: []string{BoardSubject(Any)}, MaxBytes: -1},
		{Name: Checkpoints, Subjects: []string{StateSubject(Any)}, MaxBytes: -1},
	} {
		c.Storage = jetstream.FileStorage
		c.Retention = jetstream.LimitsPolicy
		c.Discard = jetstream.DiscardNew
		c.AllowDirect = true
		c.Duplicates = 100 * time.Millisecond // nothing here relies on it
		c.Replicas = 1
		if s.o.URL != "" {
			c.Replicas = s.o.Replicas
			if c.Name == Checkpoints {
				c.MaxMsgsPerSubject = 8
			}
		} else if c.Name == Leases || c.Name == Board {
			continue // only a cluster needs them
		}
		if c.MaxMsgsPerSubject > 0 {
			c.Discard = jetstream.DiscardOld
		}
		if err := s.makeStream(ctx, c); err != nil {
			return fmt.Errorf("make stream %s: %w", c.Name, err)
		}
	}
	return nil
}

// makeStream tries until ctx ends: a cluster that is starting or has lost a node needs a moment to elect a leader, and one that is
// short of storage is given more. What keeps it from going on is logged once.
func (s *Store) makeStream(ctx context.Context, c jetstream.StreamConfig) error {
	js, err := s.jetstream()
	if err != nil {
		return err
	}
	logged := ""
	for {
		once, cancel := context.WithTimeout(ctx, 5*time.Second)
		_, err = js.CreateOrUpdateStream(once, c)
		cancel()
		var api *jetstream.APIError
		if err == nil || s.o.URL == "" || errors.As(err, &api) && api.Code < 500 {
			return err
		}
		if why := whyNotYet(err, c.MaxBytes); why != logged {
			logged = why
			s.o.Logger.Warn("the NATS cluster does not make a stream; it is tried again", "stream", c.Name, "error", why)
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// The codes of JetStream's errors for a stream that its servers have no room for (nats-server's errors.json).
const (
	insufficientResources    = 10023
	storageResourcesExceeded = 10047
)

// whyNotYet is the reason that a stream of that size could not be made, with the cure where there is one.
func whyNotYet(err error, bytes int64) string {
	var api *jetstream.APIError
	if errors.As(err, &api) && (api.ErrorCode == insufficientResources || api.ErrorCode == storageResourcesExceeded) {
		return fmt.Sprintf("%v: no server has %d MiB left for it; lower queue.max_bytes or raise JetStream's max_file_store", err, bytes>>20)
	}
	return err.Error()
}
