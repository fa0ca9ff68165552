package proxy

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"headgate/consent/people"
	"headgate/queue"
	"headgate/subjects"
)

// wired opens a server as the program does, with what is kept about people.
func wired(ctx context.Context, o Options, b subjects.Board) (*Server, *subjects.Rights, error) {
	var store *subjects.Store
	var log *queue.Log
	o.Subjects = func(ctx context.Context, p Opening) (_ Subjects, err error) {
		log = p.Log
		store, err = subjects.Open(ctx, subjects.Options{Folder: p.Parts.Config.Data.Value, Board: b, Keep: p.Parts.Config.Consent.Record.Keep.Std(),
			Purposes: p.Parts.Policy.Purposes(), Language: func() subjects.Language { return p.Plan().Language }, Dropped: p.Dropped, Now: p.Now, Logger: p.Logger})
		return store, err
	}
	s, err := Open(ctx, o)
	if err != nil {
		return nil, nil, err
	}
	return s, subjects.NewRights(store, log, s), nil
}

// shelf is a cluster's board in memory, which can be away.
type shelf struct {
	mu    sync.Mutex
	lines []string
	away  error
}

func (b *shelf) Post(_ context.Context, _ string, line []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.away == nil {
		b.lines = append(b.lines, string(line))
	}
	return b.away
}

func (b *shelf) Read(ctx context.Context, fn func(line []byte)) (uint64, error) {
	return b.News(ctx, 1, fn)
}

func (b *shelf) News(_ context.Context, from uint64, fn func(line []byte)) (uint64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.away != nil {
		return from, b.away
	}
	for _, line := range b.lines[from-1:] {
		fn([]byte(line))
	}
	return uint64(len(b.lines)) + 1, nil
}

func (*shelf) Forget(context.Context, string, time.Time) error { return nil }

func (b *shelf) be(away error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.away = away
}

func (b *shelf) knows(subject people.Subject) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.ContainsFunc(b.lines, func(line string) bool { return strings.Contains(line, subject.String()) })
}

func TestAChoiceThatTheClusterDoesNotTakeIsToldAgain(t *testing.T) {
	b := &shelf{}
	r := startSharing(t, t.TempDir(), newSink(t), "", b)
	b.be(errors.New("no majority"))
	refusal := `{"consent":{"analytics":false}}`
	if status, said := r.tell(t, "c1", refusal); status != http.StatusServiceUnavailable {
		t.Errorf("%d %s", status, said)
	}
	if r.Plan().Policy.Suppression.Len() != 1 {
		t.Error("it does not hold here")
	}
	if _, err := r.Suppress(t.Context(), subjects.Person{Kind: "client_id", ID: "c2"}, ""); !errors.Is(err, subjects.ErrUnshared) {
		t.Errorf("%v", err)
	}
	b.be(nil)
	if status, said := r.tell(t, "c1", refusal); status != http.StatusAccepted || said != `{"recorded":true}` {
		t.Errorf("%d %s", status, said)
	}
	if !b.knows(people.ClientSubject("c1")) {
		t.Error("the board does not know it")
	}
}
