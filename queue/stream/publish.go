package stream

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Expectation is a condition for a Publish; the zero value is none.
type Expectation struct {
	header string
	seq    uint64
}

// After expects that the subject's last message has that sequence; 0 that it has none.
func After(seq uint64) Expectation { return Expectation{jetstream.ExpectedLastSubjSeqHeader, seq} }

// AfterAll expects that the stream's last message had that sequence. That is cheaper to check.
func AfterAll(seq uint64) Expectation { return Expectation{jetstream.ExpectedLastSeqHeader, seq} }

// Publish stores data and returns its sequence once it is as durable as the stream's settings say. It fails with
// ErrConflict when the expectation does not hold.
func (s *Store) Publish(ctx context.Context, subject string, data []byte, expect Expectation) (uint64, error) {
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

// plainAck reads the usual answer, {"stream":"...","seq":123}, without decoding JSON.
func plainAck(b []byte) (uint64, bool) {
	const key = `","seq":`
	i := bytes.Index(b, []byte(key))
	if i < 0 || !bytes.HasPrefix(b, []byte(`{"stream":"`)) || b[len(b)-1] != '}' {
		return 0, false
	}
	seq, err := strconv.ParseUint(string(b[i+len(key):len(b)-1]), 10, 64)
	return seq, err == nil
}

func publishError(e *jetstream.APIError) error {
	switch e.ErrorCode {
	case jetstream.JSErrCodeStreamWrongLastSequence, jetstream.JSErrCodeStreamWrongLastSequenceConstant:
		return ErrConflict
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
