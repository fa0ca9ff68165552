package stream

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
)

// Codes of the server's errors that nats.go has no names for.
const (
	codeStoreFailed  = 10077 // with why as text
	codeNoSequence   = 10043
	codeDeleteFailed = 10057 // with why as text
	codeNoResources  = 10023
	codeNoStorage    = 10047
)

// call sends a request to the JetStream API and decodes its answer.
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

// errorOf returns the error in an answer, ErrNone where it says that there is no such message.
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
		return ErrNone
	default:
		return e
	}
}

// Remove deletes a message. It succeeds when there is none.
func (s *Store) Remove(ctx context.Context, stream string, seq uint64) error {
	ask := struct {
		Seq     uint64 `json:"seq"`
		NoErase bool   `json:"no_erase"`
	}{seq, true}
	err := s.call(ctx, "STREAM.MSG.DELETE."+stream, ask, nil)
	if errors.Is(err, ErrNone) {
		return nil
	}
	return err
}

// Purge deletes all messages below a sequence; 0 is no bound. With a subject it deletes only that subject's.
func (s *Store) Purge(ctx context.Context, stream, subject string, below uint64) error {
	ask := struct {
		Seq    uint64 `json:"seq,omitempty"`
		Filter string `json:"filter,omitempty"`
	}{below, subject}
	return s.call(ctx, "STREAM.PURGE."+stream, ask, nil)
}

// Info returns the state of a stream. With a pattern it also counts the messages of each subject that matches.
func (s *Store) Info(ctx context.Context, stream, pattern string) (State, error) {
	ask := struct {
		Filter string `json:"subjects_filter,omitempty"`
	}{pattern}
	var answer struct {
		State State `json:"state"`
	}
	err := s.call(ctx, "STREAM.INFO."+stream, ask, &answer)
	return answer.State, err
}
