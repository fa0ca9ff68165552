package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"time"

	"headgate/queue/stream"
)

// Peers are the processes of a cluster, which ask each other what people want to see of all of them. Nothing is kept, and nothing
// is decided by an answer. It does not know what is asked.
type Peers struct {
	store  asking
	leases *Leases
}

type asking interface {
	store
	Ask(ctx context.Context, question []byte, fn func(message []byte) (more bool)) error
	Answer(ctx context.Context, fn func(question []byte) (messages [][]byte)) error
}

// NewPeers returns the peers of the process that holds the leases.
func NewPeers(s asking, leases *Leases) *Peers { return &Peers{s, leases} }

const (
	patience  = time.Second // for the answers of all; a process that has just ended costs it for as long as its lease lasts
	partBytes = 512 << 10   // of an answer in one message; NATS takes 1 MiB by default
	mostParts = 64
)

// head is the first line of each message. The rest is the question, or a part of the answer.
type head struct {
	From  string `json:"from"` // a process
	Part  int    `json:"part,omitempty"`
	Parts int    `json:"parts,omitempty"`
}

func (h head) with(rest []byte) []byte {
	line, err := json.Marshal(h)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return append(append(line, '\n'), rest...)
}

func open(message []byte) (h head, rest []byte, ok bool) {
	line, rest, ok := bytes.Cut(message, []byte{'\n'})
	return h, rest, ok && json.Unmarshal(line, &h) == nil
}

// Self is this process, as Holders names it.
func (p *Peers) Self() string { return p.leases.holder }

// Holders returns for each writer whose lease is held by which process. Without a process, that writer is gone.
func (p *Peers) Holders(ctx context.Context) (map[string]string, error) {
	info, err := p.store.Info(ctx, stream.Leases, stream.LeaseSubject(stream.Any))
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for subject := range info.Subjects {
		m, err := p.store.Last(ctx, stream.Leases, subject)
		switch {
		case errors.Is(err, stream.ErrNone): // it has just ended
		case err != nil:
			return nil, err
		default:
			out[stream.LastName(subject)] = string(m.Data)
		}
	}
	return out, nil
}

// Ask returns the answers of the other processes that hold leases, by process. Who is missing did not answer within a second.
func (p *Peers) Ask(ctx context.Context, question []byte) (map[string][]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	holders, err := p.Holders(ctx)
	if err != nil {
		return nil, err
	}
	waiting := map[string]*answer{}
	for _, process := range holders {
		if process != p.Self() {
			waiting[process] = &answer{}
		}
	}
	out := map[string][]byte{}
	if len(waiting) == 0 {
		return out, nil
	}
	err = p.store.Ask(ctx, head{From: p.Self()}.with(question), func(message []byte) bool {
		h, rest, ok := open(message)
		if a := waiting[h.From]; ok && a != nil && a.add(h, rest) {
			out[h.From] = bytes.Join(a.parts, nil)
			delete(waiting, h.From)
		}
		return len(waiting) > 0
	})
	if errors.Is(err, context.DeadlineExceeded) {
		err = nil
	}
	return out, err
}

// answer is one that comes in parts.
type answer struct {
	parts [][]byte
	here  int
}

// add reports whether the answer is complete.
func (a *answer) add(h head, part []byte) bool {
	if h.Parts < 1 || h.Parts > mostParts || h.Part < 0 || h.Part >= h.Parts {
		return false
	}
	if a.parts == nil {
		a.parts = make([][]byte, h.Parts)
	}
	if h.Part < len(a.parts) && a.parts[h.Part] == nil {
		a.parts[h.Part] = append([]byte{}, part...)
		a.here++
	}
	return a.here == len(a.parts)
}

// Answer calls fn with what other processes ask, one question after the other, until ctx ends. No answer is sent for nil.
func (p *Peers) Answer(ctx context.Context, fn func(question []byte) []byte) error {
	return p.store.Answer(ctx, func(message []byte) (out [][]byte) {
		h, question, ok := open(message)
		if !ok || h.From == p.Self() {
			return nil
		}
		said := fn(question)
		if said == nil {
			return nil
		}
		parts := max(1, (len(said)+partBytes-1)/partBytes)
		for i := range parts {
			piece := said[i*partBytes : min(len(said), (i+1)*partBytes)]
			out = append(out, head{From: p.Self(), Part: i, Parts: parts}.with(piece))
		}
		return out
	})
}
