package queue

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// The streams. Each writer has a subject of its own in the log and for its state, and one per cursor for its records.
const (
	logStream   = "HEADGATE_LOG"
	retryStream = "HEADGATE_RETRY"
	deadStream  = "HEADGATE_DEAD"
	stateStream = "HEADGATE_STATE"

	subjectPrefix = "headgate."
)

func logSubject(writer string) string   { return subjectPrefix + "log." + token(writer) }
func stateSubject(writer string) string { return subjectPrefix + "state." + token(writer) }

// everyone stands for all writers or all cursors in a subject.
const everyone = ""

// recordSubject is where a writer's records of one kind for a cursor lie.
func recordSubject(kind recordKind, writer, cursor string) string {
	word := [...]string{retryRecord: "retry", deadRecord: "dead", filteredRecord: "gone", deniedRecord: "gone", replayedRecord: "gone", duplicateRecord: "gone"}
	return subjectPrefix + word[kind] + "." + token(writer) + "." + token(cursor)
}

// token spells a name as one token of a subject: what is no letter, digit, - or _ becomes = and two hex digits.
func token(name string) string {
	if name == everyone {
		return "*"
	}
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

// untoken is the reverse of token.
func untoken(s string) string {
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

// lastToken is the name spelt in a subject's last token.
func lastToken(subject string) string {
	return untoken(subject[strings.LastIndexByte(subject, '.')+1:])
}

// makeStreams creates the streams, or gives them today's limits: three quarters of the space for the log, an eighth each
// for what waits for another try and for dead letters. No stream on this process's own disk has a limit per subject: nats-server
// 2.15.2 can loop for ever when it enforces one (fileStore.storeRawMsg) after a byte of the stream's file was damaged.
func (s *store) makeStreams(ctx context.Context) error {
	all := int64(s.o.Config.MaxBytes)
	for _, c := range []jetstream.StreamConfig{
		{Name: logStream, Subjects: []string{subjectPrefix + "log.*"}, MaxBytes: all / 4 * 3},
		{Name: retryStream, Subjects: []string{subjectPrefix + "retry.*.*"}, MaxBytes: all / 8},
		{Name: deadStream, Subjects: []string{subjectPrefix + "dead.*.*", subjectPrefix + "gone.*.*"}, MaxBytes: all / 8},
		{Name: leaseStream, Subjects: []string{subjectPrefix + "lease.*"}, MaxBytes: -1, MaxMsgsPerSubject: 1, MaxAge: leaseTerm},
		{Name: boardStream, Subjects: []string{boardSubject(everyone)}, MaxBytes: -1},
		{Name: stateStream, Subjects: []string{subjectPrefix + "state.*"}, MaxBytes: -1},
	} {
		c.Storage = jetstream.FileStorage
		c.Retention = jetstream.LimitsPolicy
		c.Discard = jetstream.DiscardNew
		c.AllowDirect = true
		c.Duplicates = 100 * time.Millisecond // nothing here relies on it
		c.Replicas = 1
		if s.o.Config.URL != "" {
			c.Replicas = s.o.Config.Replicas
			if c.Name == stateStream {
				c.MaxMsgsPerSubject = 8
			}
		} else if c.Name == leaseStream || c.Name == boardStream {
			continue // there is nobody to share with
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

// makeStream tries until ctx ends: a cluster that is just coming up or has lost a node needs a moment to choose a leader.
func (s *store) makeStream(ctx context.Context, c jetstream.StreamConfig) error {
	nc, err := s.conn()
	if err != nil {
		return err
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	for {
		once, cancel := context.WithTimeout(ctx, 5*time.Second)
		_, err = js.CreateOrUpdateStream(once, c)
		cancel()
		var api *jetstream.APIError
		if err == nil || s.o.Config.URL == "" || errors.As(err, &api) && api.Code < 500 {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(200 * time.Millisecond):
		}
	}
}
