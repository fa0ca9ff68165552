package nats

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/nats-io/nats.go/jetstream"

	"headgate/queue/stream"
)

// Codes of the server's errors that nats.go has no names for (nats-server's errors.json). publishError and errorOf tell two errors
// by their text, since others share their codes; checked with nats-server 2.15.2.
const (
	codeStoreFailed  = 10077 // the description says why
	codeNoSequence   = 10043
	codeDeleteFailed = 10057 // the description says why
	codeNoResources  = 10023
	codeNoStorage    = 10047
)

// Info returns the state of a stream. With a pattern it also counts the messages of each subject that matches.
func (s *Store) Info(ctx context.Context, name, pattern string) (stream.State, error) {
	js, err := s.jetstream()
	if err != nil {
		return stream.State{}, err
	}
	handle, err := js.Stream(ctx, name)
	if err != nil {
		return stream.State{}, err
	}
	info := handle.CachedInfo() // as it was just now
	if pattern != "" {
		if info, err = handle.Info(ctx, jetstream.WithSubjectFilter(pattern)); err != nil {
			return stream.State{}, err
		}
	}
	i := &info.State
	return stream.State{Messages: i.Msgs, Bytes: i.Bytes, First: i.FirstSeq, Last: i.LastSeq, Oldest: i.FirstTime, Subjects: i.Subjects}, nil
}

// Purge deletes all messages below a sequence; 0 is no bound. With a subject it deletes only that subject's.
func (s *Store) Purge(ctx context.Context, name, subject string, below uint64) error {
	js, err := s.jetstream()
	if err != nil {
		return err
	}
	handle, err := js.Stream(ctx, name)
	if err != nil {
		return err
	}
	var which []jetstream.StreamPurgeOpt
	if subject != "" {
		which = append(which, jetstream.WithPurgeSubject(subject))
	}
	if below > 0 {
		which = append(which, jetstream.WithPurgeSequence(below))
	}
	return handle.Purge(ctx, which...)
}

// Remove deletes messages. It succeeds for those that are not there.
func (s *Store) Remove(ctx context.Context, name string, seqs ...uint64) error {
	for _, seq := range seqs {
		if err := s.removeOne(ctx, name, seq); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) removeOne(ctx context.Context, name string, seq uint64) error {
	ask := struct {
		Seq     uint64 `json:"seq"`
		NoErase bool   `json:"no_erase"`
	}{seq, true}
	err := s.call(ctx, "STREAM.MSG.DELETE."+name, ask, nil)
	if errors.Is(err, stream.ErrNone) {
		return nil
	}
	return err
}

// call sends a request to the JetStream API and decodes its answer. It is for what nats.go has no function for, or one that
// hides the error: see decision 15.
func (s *Store) call(ctx context.Context, subject string, ask, answer any) error {
	nc, err := s.conn()
	if err != nil {
		return err
	}
	var body []byte
	if ask != nil {
		if body, err = json.Marshal(ask); err != nil {
			return err
		}
	}
	m, err := nc.RequestWithContext(ctx, "$JS.API."+subject, body)
	if err != nil {
		return err
	}
	if err := errorOf(m.Data); err != nil || answer == nil {
		return err
	}
	return json.Unmarshal(m.Data, answer)
}

// errorOf returns the error in an answer, stream.ErrNone where it says that there is no such message.
func errorOf(answer []byte) error {
	var failed struct {
		Error *jetstream.APIError `json:"error"`
	}
	if err := json.Unmarshal(answer, &failed); err != nil {
		return err
	}
	switch e := failed.Error; {
	case e == nil:
		return nil
	case e.ErrorCode == jetstream.JSErrCodeMessageNotFound, e.ErrorCode == codeNoSequence,
		e.ErrorCode == codeDeleteFailed && (strings.Contains(e.Description, "no message found") || strings.Contains(e.Description, "EOF")):
		return stream.ErrNone
	default:
		return e
	}
}
