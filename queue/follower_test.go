package queue

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"headgate/queue/stream"
)

// counting counts the reads of the log.
type counting struct {
	store
	reads int
}

func (c *counting) Read(ctx context.Context, name, subject string, from uint64, most int) ([]stream.Message, error) {
	c.reads++
	return c.store.Read(ctx, name, subject, from, most)
}

func TestAFollowerThatKeepsUpReadsNothing(t *testing.T) {
	l, r := openQuiet(t)
	reads := &counting{store: l.store}
	f := l.Follower()
	f.log = &Log{state: &state{store: reads}}
	after := uint64(0)
	write := func(texts ...string) {
		t.Helper()
		for _, text := range texts {
			b := oneBatch(r, text)
			if text == "large" {
				b.held = freshBytes + 1
			}
			if err := l.appender.write(b); err != nil {
				t.Fatal(err)
			}
			l.followers.add(l.appender.lastSeq, l.own, b)
		}
	}
	follow := func(want string, wantReads int) {
		t.Helper()
		var got []string
		before := reads.reads
		err := f.Follow(context.Background(), after, func(g StoredGroup) bool {
			after = g.Seq
			for _, s := range g.Events {
				from := "log"
				if s.Live != nil {
					from = "memory"
				}
				got = append(got, fmt.Sprint(s.Group, from, ":", s.Live, string(s.Bytes)))
			}
			return true
		})
		if text := strings.Join(got, " "); err != nil || text != want {
			t.Errorf("%s %v, want %s", text, err, want)
		}
		if n := reads.reads - before; n != wantReads {
			t.Errorf("%s: %d reads of the log, want %d", want, n, wantReads)
		}
	}

	follow("", 1) // it cannot know that there is nothing
	write("one", "two")
	follow("1memory:one 2memory:two", 0)
	follow("", 0)
	write("three", "large", "five")
	follow("3log:<nil>three 4log:<nil>large 5log:<nil>five", 1) // what is too large drops all before it
	write("six")
	follow("6memory:six", 0)

	late := l.Follower()
	late.log, f, after = f.log, late, 0
	write("seven")
	follow("1log:<nil>one 2log:<nil>two 3log:<nil>three 4log:<nil>large 5log:<nil>five 6log:<nil>six 7log:<nil>seven", 1)
}

// What nobody can be sent is in the log without a live form; followers that keep up get its bytes.
func TestAFollowerGetsTheBytesOfWhatHasNoLiveForm(t *testing.T) {
	l, r := openQuiet(t)
	f := l.Follower()
	bytes := []byte("refused")
	if err := l.Append(context.Background(), []Entry{{Bytes: bytes, Roster: r, States: []State{Denied}}, {Bytes: []byte("due"), Live: "due", Roster: r, States: []State{Due}}}); err != nil {
		t.Fatal(err)
	}
	copy(bytes, "changed") // the caller's memory again
	<-f.wake
	some, all := f.take(0)
	if len(some) != 1 || !all || string(some[0].Events[0].Bytes) != "refused" || some[0].Events[1].Live != "due" {
		t.Errorf("%+v", some)
	}
}
