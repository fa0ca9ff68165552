package nats

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"headgate/queue/stream"
)

// Publish stores data and returns its sequence once it is as durable as the stream's settings say. It fails with
// stream.ErrConflict when the expectation does not hold.
func (s *Store) Publish(ctx context.Context, subject string, data []byte, expect stream.Expectation) (uint64, error) {
	nc, err := s.conn()
	if err != nil {
		return 0, err
	}
	if int64(len(data)) > nc.MaxPayload() {
		return 0, fmt.Errorf("%w: %d bytes", stream.ErrTooLarge, len(data))
	}
	m := &nats.Msg{Subject: subject, Data: data}
	if expect.Set {
		header := jetstream.ExpectedLastSubjSeqHeader
		if expect.All {
			header = jetstream.ExpectedLastSeqHeader
		}
		m.Header = nats.Header{header: []string{strconv.FormatUint(expect.Seq, 10)}}
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
		return stream.ErrConflict
	case jetstream.JSErrCodeStreamMessageExceedsMaximum:
		return stream.ErrTooLarge
	case codeNoResources, codeNoStorage:
		return stream.ErrFull
	case codeStoreFailed:
		if strings.Contains(e.Description, "maximum") {
			return stream.ErrFull
		}
	}
	return e
}
