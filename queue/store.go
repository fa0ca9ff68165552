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
	word := [...]string{retryRecord: "retry", deadRecord: "dead", filteredRecord: "gone", deniedRecord: "gone", replayedRecord: "gone"}[kind]
	return subjectPrefix + word + "." + token(writer) + "." + token(cursor)
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

// makeStreams creates the streams, or gives them today's limits: three quarters of the space for the log, an eighth each
// for what waits for another try and for dead letters.
func (s *store) makeStreams(ctx context.Context) error {
	all := int64(s.o.Config.MaxBytes)
	for _, c := range []jetstream.StreamConfig{
		{Name: logStream, Subjects: []string{subjectPrefix + "log.*"}, MaxBytes: all / 4 * 3},
		{Name: retryStream, Subjects: []string{subjectPrefix + "retry.*.*"}, MaxBytes: all / 8},
		{Name: deadStream, Subjects: []string{subjectPrefix + "dead.*.*", subjectPrefix + "gone.*.*"}, MaxBytes: all / 8},
		{Name: leaseStream, Subjects: []string{subjectPrefix + "lease.*"}, MaxBytes: -1, MaxMsgsPerSubject: 1, MaxAge: leaseTerm},
		{Name: stateStream, Subjects: []string{subjectPrefix + "state.*"}, MaxBytes: -1, MaxMsgsPerSubject: 8},
	} {
		c.Storage = jetstream.FileStorage
		c.Retention = jetstream.LimitsPolicy
		c.Discard = jetstream.DiscardNew
		if c.MaxMsgsPerSubject > 0 {
			c.Discard = jetstream.DiscardOld
		}
		c.AllowDirect = true
		c.Duplicates = 100 * time.Millisecond // nothing here relies on it
		c.Replicas = 1
		if s.o.Config.URL != "" {
			c.Replicas = s.o.Config.Replicas
		}
		if c.Name == leaseStream && s.o.Config.URL == "" {
			continue // there is nobody to share with
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
