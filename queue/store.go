package queue

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// message is one message of a stream.
type message struct {
	seq     uint64
	subject string
	time    time.Time
	data    []byte
}

// What a publish can fail with, besides trouble with the connection, after which it may or may not have happened.
var (
	errConflict = errors.New("somebody else wrote there first")
	errNone     = errors.New("no such message")
)

// store does what this package needs of JetStream, on whatever server the link leads to.
type store struct{ *link }

func openStore(ctx context.Context, o Options) (*store, error) {
	l, err := openLink(ctx, o)
	if err != nil {
		return nil, err
	}
	s := &store{l}
	if err := s.makeStreams(ctx); err != nil {
		l.close()
		return nil, err
	}
	return s, nil
}

// expectation is what must hold for a publish; the zero value is nothing.
type expectation struct {
	header string
	seq    uint64
}

// after expects that the subject's last message has that sequence; 0 that it has none.
func after(seq uint64) expectation { return expectation{jetstream.ExpectedLastSubjSeqHeader, seq} }

// afterAll expects that the stream's last message had that sequence. That is cheaper to check.
func afterAll(seq uint64) expectation { return expectation{jetstream.ExpectedLastSeqHeader, seq} }

// publish stores data and returns its sequence once it is as durable as the stream's settings say. It fails with
// errConflict when not what is expected holds.
func (s *store) publish(ctx context.Context, subject string, data []byte, expect expectation) (uint64, error) {
	nc, err := s.conn()
	if err != nil {
		return 0, err
	}
	if int64(len(data)) > nc.MaxPayload() {
		return 0, fmt.Errorf("%w: %d bytes", ErrTooLarge, len(data))
	}
	m := &nats.Msg{Subject: subject, Data: data}
	if expect.header != "" {
		m.Header = nats.Header{expect.header: []string{strconv.FormatUint(expect.seq, 10)}}
	}
	answer, err := nc.RequestMsgWithContext(ctx, m)
	if err != nil {
		return 0, err
	}
	if seq, ok := plainAck(answer.Data); ok {
		return seq, nil
	}
	var ack struct {
		Seq   uint64              `json:"seq"`
		Error *jetstream.APIError `json:"error"`
	}
	if err := json.Unmarshal(answer.Data, &ack); err != nil {
		return 0, fmt.Errorf("read the log's answer: %w", err)
	}
	if ack.Error != nil {
		return 0, publishError(ack.Error)
	}
	return ack.Seq, nil
}

// plainAck reads the usual answer, {"stream":"...","seq":123}, without ado.
func plainAck(b []byte) (uint64, bool) {
	const key = `","seq":`
	i := bytes.Index(b, []byte(key))
	if i < 0 || !bytes.HasPrefix(b, []byte(`{"stream":"`)) || b[len(b)-1] != '}' {
		return 0, false
	}
	seq, err := strconv.ParseUint(string(b[i+len(key):len(b)-1]), 10, 64)
	return seq, err == nil
}

const (
	codeStoreFailed  = 10077 // with why as text
	codeNoSequence   = 10043
	codeDeleteFailed = 10057 // with why as text
	codeNoResources  = 10023
	codeNoStorage    = 10047
)

func publishError(e *jetstream.APIError) error {
	switch e.ErrorCode {
	case jetstream.JSErrCodeStreamWrongLastSequence, jetstream.JSErrCodeStreamWrongLastSequenceConstant:
		return errConflict
	case jetstream.JSErrCodeStreamMessageExceedsMaximum:
		return ErrTooLarge
	case codeNoResources, codeNoStorage:
		return ErrFull
	case codeStoreFailed:
		if strings.Contains(e.Description, "maximum") {
			return ErrFull
		}
	}
	return e
}

// call asks the JetStream API and fills in its answer.
func (s *store) call(ctx context.Context, subject string, ask, answer any) error {
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
	var failed struct {
		Error *jetstream.APIError `json:"error"`
	}
	if err := json.Unmarshal(m.Data, &failed); err != nil {
		return err
	}
	if failed.Error != nil {
		switch e := failed.Error; {
		case e.ErrorCode == jetstream.JSErrCodeMessageNotFound, e.ErrorCode == codeNoSequence,
			e.ErrorCode == codeDeleteFailed && (strings.Contains(e.Description, "no message found") || strings.Contains(e.Description, "EOF")):
			return errNone
		}
		return failed.Error
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(m.Data, answer)
}

// remove deletes a message; one that is not there is fine.
func (s *store) remove(ctx context.Context, stream string, seq uint64) error {
	ask := struct {
		Seq     uint64 `json:"seq"`
		NoErase bool   `json:"no_erase"`
	}{seq, true}
	err := s.call(ctx, "STREAM.MSG.DELETE."+stream, ask, nil)
	if errors.Is(err, errNone) {
		return nil
	}
	return err
}

// purge deletes all messages below a sequence; with a subject only its own.
func (s *store) purge(ctx context.Context, stream, subject string, below uint64) error {
	ask := struct {
		Seq    uint64 `json:"seq,omitempty"`
		Filter string `json:"filter,omitempty"`
	}{below, subject}
	return s.call(ctx, "STREAM.PURGE."+stream, ask, nil)
}

// streamState is what the server says about a stream.
type streamState struct {
	Messages uint64    `json:"messages"`
	Bytes    uint64    `json:"bytes"`
	First    uint64    `json:"first_seq"`
	Last     uint64    `json:"last_seq"`
	Oldest   time.Time `json:"first_ts"`
	// Subjects is how many messages each has, when a filter asked for them.
	Subjects map[string]uint64 `json:"subjects"`
}

func (s *store) info(ctx context.Context, stream, subjects string) (streamState, error) {
	ask := struct {
		Filter string `json:"subjects_filter,omitempty"`
	}{subjects}
	var answer struct {
		State streamState `json:"state"`
	}
	err := s.call(ctx, "STREAM.INFO."+stream, ask, &answer)
	return answer.State, err
}
