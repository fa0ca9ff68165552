package nats

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go"
)

// askSubject is where processes of a cluster ask each other. No stream keeps what is sent there.
const askSubject = "headgate.ask"

// waitingQuestions are kept while one is answered; more are not answered.
const waitingQuestions = 64

// Ask sends a question to all processes that answer, and calls fn with the messages that come back, in no order, until it returns
// false or ctx ends.
func (s *Store) Ask(ctx context.Context, question []byte, fn func(message []byte) (more bool)) error {
	nc, err := s.conn()
	if err != nil {
		return err
	}
	inbox := nc.NewInbox()
	sub, err := nc.SubscribeSync(inbox)
	if err != nil {
		return err
	}
	defer func() { _ = sub.Unsubscribe() }() // fails only when the connection is closed
	if err := nc.PublishRequest(askSubject, inbox, question); err != nil {
		return err
	}
	for {
		m, err := sub.NextMsgWithContext(ctx)
		switch {
		case errors.Is(err, nats.ErrNoResponders):
			return nil // nobody answers questions
		case err != nil:
			return err
		}
		if !fn(m.Data) {
			return nil
		}
	}
}

// Answer calls fn with the questions of all processes, this one's included, one after the other, and sends back the messages it
// returns, until ctx ends.
func (s *Store) Answer(ctx context.Context, fn func(question []byte) (messages [][]byte)) error {
	nc, err := s.conn()
	if err != nil {
		return err
	}
	questions := make(chan *nats.Msg, waitingQuestions)
	sub, err := nc.ChanSubscribe(askSubject, questions)
	if err != nil {
		return err
	}
	defer func() { _ = sub.Unsubscribe() }()
	for {
		select {
		case <-ctx.Done():
			return nil
		case m := <-questions:
			for _, message := range fn(m.Data) {
				if err := m.Respond(message); errors.Is(err, nats.ErrConnectionClosed) {
					return err
				} // otherwise whoever asked waits in vain, and says so
			}
		}
	}
}
