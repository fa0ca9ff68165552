package queue

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

// leaderGet reads one message from the stream's leader, so that it is never a stale answer. It fails with errNone.
func (s *store) leaderGet(ctx context.Context, stream string, ask getRequest) (message, error) {
	var answer struct {
		Message struct {
			Subject string    `json:"subject"`
			Seq     uint64    `json:"seq"`
			Data    []byte    `json:"data"`
			Time    time.Time `json:"time"`
		} `json:"message"`
	}
	if err := s.call(ctx, "STREAM.MSG.GET."+stream, ask, &answer); err != nil {
		return message{}, err
	}
	m := answer.Message
	return message{m.Seq, m.Subject, m.Time, m.Data}, nil
}

// last returns a subject's last message, or errNone.
func (s *store) last(ctx context.Context, stream, subject string) (message, error) {
	return s.leaderGet(ctx, stream, getRequest{Last: subject})
}

// get returns the message with that sequence, or errNone. Any node of a cluster may answer.
func (s *store) get(ctx context.Context, stream string, seq uint64) (message, error) {
	nc, err := s.conn()
	if err != nil {
		return message{}, err
	}
	body, err := json.Marshal(getRequest{Seq: seq})
	if err != nil {
		return message{}, err
	}
	m, err := nc.RequestWithContext(ctx, "$JS.API.DIRECT.GET."+stream, body)
	if err != nil {
		return message{}, err
	}
	return directMessage(m)
}

// sureGet is get, but when a node says that there is no such message, its leader is asked.
func (s *store) sureGet(ctx context.Context, stream string, seq uint64) (message, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	m, err := s.get(ctx, stream, seq)
	if errors.Is(err, errNone) {
		return s.leaderGet(ctx, stream, getRequest{Seq: seq})
	}
	return m, err
}

func directMessage(m *nats.Msg) (message, error) {
	switch status := m.Header.Get("Status"); status {
	case "":
	case "404":
		return message{}, errNone
	default:
		return message{}, fmt.Errorf("read the log: status %s %s", status, m.Header.Get("Description"))
	}
	seq, err := strconv.ParseUint(m.Header.Get(jetstream.SequenceHeader), 10, 64)
	if err != nil {
		return message{}, fmt.Errorf("read the log: its sequence: %w", err)
	}
	at, err := time.Parse(time.RFC3339Nano, m.Header.Get(jetstream.TimeStampHeaer))
	if err != nil {
		return message{}, fmt.Errorf("read the log: its time: %w", err)
	}
	return message{seq, m.Header.Get(jetstream.SubjectHeader), at, m.Data}, nil
}

const (
	readMessages = 32 // more at once are slower, not faster
	readBytes    = 256 << 10
	readTimeout  = 10 * time.Second
)

// read returns some messages of the subject (which may have wildcards) from that sequence on, in order; none means that
// there are no more now. Any node of a cluster may answer, so the newest ones may be missing.
func (s *store) read(ctx context.Context, stream, subject string, from uint64) ([]message, error) {
	return s.readMany(ctx, stream, getRequest{Seq: max(from, 1), Next: subject, Batch: readMessages, MaxBytes: readBytes})
}

func (s *store) readMany(ctx context.Context, stream string, ask getRequest) ([]message, error) {
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
	defer func() { _ = sub.Unsubscribe() }() // it only fails when the connection is gone
	if err := nc.PublishRequest("$JS.API.DIRECT.GET."+stream, inbox, body); err != nil {
		return nil, err
	}
	var found []message
	for {
		m, err := sub.NextMsgWithContext(ctx)
		if err != nil {
			return nil, err
		}
		if status := m.Header.Get("Status"); status == "204" || status == "503" && len(found) > 0 {
			return found, nil
		}
		one, err := directMessage(m)
		if errors.Is(err, errNone) {
			return found, nil
		}
		if err != nil {
			return nil, err
		}
		found = append(found, one)
	}
}

// each calls fn with the subject's messages from that sequence on, until there are no more or fn says false.
func (s *store) each(ctx context.Context, stream, subject string, from uint64, fn func(message) bool) error {
	for {
		some, err := s.read(ctx, stream, subject, from)
		if err != nil {
			return err
		}
		if len(some) == 0 {
			return nil
		}
		for _, m := range some {
			if !fn(m) {
				return nil
			}
			from = m.seq + 1
		}
	}
}

// firstSince returns the sequence of the first message stored at that time or later; errNone when there is none.
func (s *store) firstSince(ctx context.Context, stream string, t time.Time) (uint64, error) {
	t = t.UTC()
	some, err := s.readMany(ctx, stream, getRequest{Start: &t, Batch: 1})
	if err != nil {
		return 0, err
	}
	if len(some) == 0 {
		return 0, errNone
	}
	return some[0].seq, nil
}
