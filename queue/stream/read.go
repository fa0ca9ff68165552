package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// getRequest asks for a message, or with Batch for several.
type getRequest struct {
	Seq      uint64     `json:"seq,omitempty"`
	Last     string     `json:"last_by_subj,omitempty"`
	Next     string     `json:"next_by_subj,omitempty"`
	Batch    int        `json:"batch,omitempty"`
	MaxBytes int        `json:"max_bytes,omitempty"`
	Start    *time.Time `json:"start_time,omitempty"`
}

// leaderGet reads one message from the stream's leader, so that the answer is never stale. It fails with ErrNone.
func (s *Store) leaderGet(ctx context.Context, stream string, ask getRequest) (Message, error) {
	var answer struct {
		Message struct {
			Subject string    `json:"subject"`
			Seq     uint64    `json:"seq"`
			Data    []byte    `json:"data"`
			Time    time.Time `json:"time"`
		} `json:"message"`
	}
	if err := s.call(ctx, "STREAM.MSG.GET."+stream, ask, &answer); err != nil {
		return Message{}, err
	}
	m := answer.Message
	return Message{m.Seq, m.Subject, m.Time, m.Data}, nil
}

// Last returns a subject's last message, or ErrNone. It is never a stale answer.
func (s *Store) Last(ctx context.Context, stream, subject string) (Message, error) {
	return s.leaderGet(ctx, stream, getRequest{Last: subject})
}

// Next returns the subject's first message from that sequence on, or ErrNone. It is never a stale answer.
func (s *Store) Next(ctx context.Context, stream, subject string, from uint64) (Message, error) {
	return s.leaderGet(ctx, stream, getRequest{Seq: from, Next: subject})
}

// Get returns the message with that sequence, or ErrNone. When a node of a cluster has no such message, its leader is asked.
func (s *Store) Get(ctx context.Context, stream string, seq uint64) (Message, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	m, err := s.directGet(ctx, stream, seq)
	if errors.Is(err, ErrNone) {
		return s.leaderGet(ctx, stream, getRequest{Seq: seq})
	}
	return m, err
}

// directGet reads one message from any node of a cluster.
func (s *Store) directGet(ctx context.Context, stream string, seq uint64) (Message, error) {
	nc, err := s.conn()
	if err != nil {
		return Message{}, err
	}
	body, err := json.Marshal(getRequest{Seq: seq})
	if err != nil {
		return Message{}, err
	}
	m, err := nc.RequestWithContext(ctx, "$JS.API.DIRECT.GET."+stream, body)
	if err != nil {
		return Message{}, err
	}
	return directMessage(m)
}

func directMessage(m *nats.Msg) (Message, error) {
	switch status := m.Header.Get("Status"); status {
	case "":
	case "404":
		return Message{}, ErrNone
	default:
		return Message{}, fmt.Errorf("read the log: status %s %s", status, m.Header.Get("Description"))
	}
	seq, err := strconv.ParseUint(m.Header.Get(jetstream.SequenceHeader), 10, 64)
	if err != nil {
		return Message{}, fmt.Errorf("read the log: its sequence: %w", err)
	}
	at, err := time.Parse(time.RFC3339Nano, m.Header.Get(jetstream.TimeStampHeaer))
	if err != nil {
		return Message{}, fmt.Errorf("read the log: its time: %w", err)
	}
	return Message{seq, m.Header.Get(jetstream.SubjectHeader), at, m.Data}, nil
}

const (
	// ReadAtOnce is how many large messages are worth reading at once.
	ReadAtOnce = 32

	maxRead = 256 // the most that Read returns from a cluster; from an embedded server, where it is of no use, ReadAtOnce

	readBytes   = 256 << 10
	readTimeout = 10 * time.Second
)

// Read returns up to that many messages of the subject (which may contain Any) from that sequence on, in order; none means that
// there are no more now. Any node of a cluster may answer, so the newest messages may be missing.
func (s *Store) Read(ctx context.Context, stream, subject string, from uint64, most int) ([]Message, error) {
	return s.readMany(ctx, stream, getRequest{Seq: max(from, 1), Next: subject, Batch: min(most, s.mostRead), MaxBytes: readBytes})
}

func (s *Store) readMany(ctx context.Context, stream string, ask getRequest) ([]Message, error) {
	nc, err := s.conn()
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(ask)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	inbox := nc.NewRespInbox()
	sub, err := nc.SubscribeSync(inbox)
	if err != nil {
		return nil, err
	}
	defer func() { _ = sub.Unsubscribe() }() // fails only when the connection is gone
	if err := nc.PublishRequest("$JS.API.DIRECT.GET."+stream, inbox, body); err != nil {
		return nil, err
	}
	var found []Message
	for {
		m, err := sub.NextMsgWithContext(ctx)
		if err != nil {
			return nil, err
		}
		if status := m.Header.Get("Status"); status == "204" || status == "503" && len(found) > 0 {
			return found, nil
		}
		one, err := directMessage(m)
		if errors.Is(err, ErrNone) {
			return found, nil
		}
		if err != nil {
			return nil, err
		}
		found = append(found, one)
	}
}

// FirstSince returns the sequence of the first message stored at that time or later; ErrNone when there is none.
func (s *Store) FirstSince(ctx context.Context, stream string, t time.Time) (uint64, error) {
	t = t.UTC()
	some, err := s.readMany(ctx, stream, getRequest{Start: &t, Batch: 1})
	if err != nil {
		return 0, err
	}
	if len(some) == 0 {
		return 0, ErrNone
	}
	return some[0].Seq, nil
}
