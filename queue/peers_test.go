package queue_test

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"

	"headgate/queue"
)

func TestPeersAskEachOther(t *testing.T) {
	c := startCluster(t)
	url := c.tenant()
	one, two := open(t, clustered(t, t.TempDir(), url, "one")), open(t, clustered(t, t.TempDir(), url, "two"))
	long := bytes.Repeat([]byte("0123456789"), 200_000) // more than a message may hold
	ctx, end := context.WithCancel(t.Context())
	var answering sync.WaitGroup
	for name, l := range map[string]*queue.Log{"one": one, "two": two} {
		answering.Go(func() {
			err := l.Peers().Answer(ctx, func(question []byte) []byte { return fmt.Appendf(nil, "%s was asked %s %s", name, question, long) })
			if err != nil {
				t.Error(err)
			}
		})
	}
	ask := func(l *queue.Log, question string) map[string][]byte {
		t.Helper()
		answers, err := l.Peers().Ask(t.Context(), []byte(question))
		if err != nil {
			t.Fatal(err)
		}
		return answers
	}
	for len(ask(one, "ready?"))+len(ask(two, "ready?")) < 2 { // each asks for a second at most
	}
	if answers := ask(one, "who?"); len(answers) != 1 || string(answers[two.Peers().Self()]) != "two was asked who? "+string(long) {
		t.Errorf("%d answers", len(answers))
	}
	holders, err := one.Peers().Holders(t.Context())
	if err != nil || len(holders) != 2 || holders["one"] != one.Peers().Self() || holders["two"] != two.Peers().Self() {
		t.Errorf("%v %v", holders, err)
	}
	end()
	answering.Wait()
	if answers := ask(one, "who?"); len(answers) != 0 {
		t.Errorf("nobody answers, and there are %d answers", len(answers))
	}
	writers, err := two.Writers(t.Context())
	if err != nil || len(writers) != 2 || writers[0].Holder != one.Peers().Self() || !writers[1].Own {
		t.Errorf("%+v %v", writers, err)
	}
	if embedded := open(t, embedded(t, t.TempDir())); embedded.Peers() != nil {
		t.Error("the log inside Headgate has peers")
	}
}
