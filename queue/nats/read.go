package nats

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"headgate/queue/stream"
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

// leaderGet reads one message from the stream's leader, so that the answer is never stale. It fails with stream.ErrNone.
func (s *Store) leaderGet(ctx context.Context, name string, ask getRequest) (stream.Message, error) {
	var answer struct {
		Message struct {
			Subject string    `json:"subject"`
			Seq     uint64    `json:"seq"`
			Data    []byte    `json:"data"`
			Time    time.Time `json:"time"`
		} `json:"message"`
	}
	if err := s.call(ctx, "STREAM.MSG.GET."+name, ask, &answer); err != nil {
		return stream.Message{}, err
	}
	m := answer.Message
	return stream.Message{Seq: m.Seq, Subject: m.Subject, Time: m.Time, Data: m.Data}, nil
}

// Last returns a subject's last message, or stream.ErrNone. It is never a stale answer.
func (s *Store) Last(ctx context.Context, name, subject string) (stream.Message, error) {
	return s.leaderGet(ctx, name, getRequest{Last: subject})
}

// Next returns the subject's first message from that sequence on, or stream.ErrNone. It is never a stale answer.
func (s *Store) Next(ctx context.Context, name, subject string, from uint64) (stream.Message, error) {
	return s.leaderGet(ctx, name, getRequest{Seq: from, Next: subject})
}

// Get returns the message with that sequence, or stream.ErrNone. When a node of the cluster has no such message, its leader is asked.
func (s *Store) Get(ctx context.Context, name string, seq uint64) (stream.Message, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	m, err := s.directGet(ctx, name, seq)
	if errors.Is(err, stream.ErrNone) {
		return s.leaderGet(ctx, name, getRequest{Seq: seq})
	}
	return m, err
}

// directGet reads one message from any node of the cluster.
func (s *Store) directGet(ctx context.Context, name string, seq uint64) (stream.Message, error) {
	nc, err := s.conn()
	if err != nil {
		return stream.Message{}, err
	}
	body, err := json.Marshal(getRequest{Seq: seq})
	if err != nil {
		return stream.Message{}, err
	}
	m, err := nc.RequestWithContext(ctx, "$JS.API.DIRECT.GET."+name, body)
	if err != nil {
		return stream.Message{}, err
	}
	return directMessage(m)
}

func directMessage(m *nats.Msg) (stream.Message, error) {
	switch status := m.Header.Get("Status"); status {
	case "":
	case "404":
		return stream.Message{}, stream.ErrNone
	default:
		return stream.Message{}, fmt.Errorf("read the log: status %s %s", status, m.Header.Get("Description"))
	}
	seq, err := strconv.ParseUint(m.Header.Get(jetstream.SequenceHeader), 10, 64)
	if err != nil {
		return stream.Message{}, fmt.Errorf("read the log: its sequence: %w", err)
	}
	at, err := time.Parse(time.RFC3339Nano, m.Header.Get(jetstream.TimeStampHeaer))
	if err != nil {
		return stream.Message{}, fmt.Errorf("read the log: its time: %w", err)
	}
	return stream.Message{Seq: seq, Subject: m.Header.Get(jetstream.SubjectHeader), Time: at, Data: m.Data}, nil
}

const (
	mostRead    = 256 // the most that Read returns
	readBytes   = 256 << 10
	readTimeout = 10 * time.Second
)

// Read returns up to that many messages of the subject (which may contain stream.Any) from that sequence on, in order; none means that
// there are no more now. Any node of the cluster may answer, so the newest messages may be missing.
func (s *Store) Read(ctx context.Context, name, subject string, from uint64, most int) ([]stream.Message, error) {
	return s.readMany(ctx, name, getRequest{Seq: max(from, 1), Next: subject, Batch: min(most, mostRead), MaxBytes: readBytes})
}

func (s *Store) readMany(ctx context.Context, name string, ask getRequest) ([]stream.Message, error) {
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
	if err := nc.PublishRequest("$JS.API.DIRECT.GET."+name, inbox, body); err != nil {
		return nil, err
	}
	var found []stream.Message
	for {
		m, err := sub.NextMsgWithContext(ctx)
		if err != nil {
			return nil, err
		}
		if status := m.Header.Get("Status"); status == "204" || status == "503" && len(found) > 0 {
			return found, nil
		}
		one, err := directMessage(m)
		if errors.Is(err, stream.ErrNone) {
			return found, nil
		}
		if err != nil {
			return nil, err
		}
		found = append(found, one)
	}
}

// FirstSince returns the sequence of the first message stored at that time or later; stream.ErrNone when there is none.
func (s *Store) FirstSince(ctx context.Context, name string, t time.Time) (uint64, error) {
	t = t.UTC()
	some, err := s.readMany(ctx, name, getRequest{Start: &t, Batch: 1})
	if err != nil {
		return 0, err
	}
	if len(some) == 0 {
		return 0, stream.ErrNone
	}
	return some[0].Seq, nil
}
