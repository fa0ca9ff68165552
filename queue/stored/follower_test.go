package stored

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"headgate/queue/format"
	"headgate/queue/recent"
	"headgate/queue/stream"
)

// counting is a log of one writer that counts the reads.
type counting struct {
	Store
	frames [][]byte
	reads  int
}

func (c *counting) Read(_ context.Context, _, _ string, from uint64, most int) (some []stream.Message, _ error) {
	c.reads++
	for seq := from; seq <= uint64(len(c.frames)) && len(some) < most; seq++ {
		some = append(some, stream.Message{Seq: seq, Subject: stream.LogSubject("w"), Data: c.frames[seq-1]})
	}
	return some, nil
}

// write stores a group of one event, and returns it as followers are given it.
func (c *counting) write(text string) recent.Group {
	roster := format.NewRoster([]string{"a"}, []int{0})
	states := []format.State{format.Due}
	var b format.FrameBuilder
	b.Add([]byte(text), roster, states)
	number := uint64(len(c.frames) + 1)
	c.frames = append(c.frames, b.Seal(number, time.Unix(0, 0), roster.Names(), format.Tally{}))
	return recent.Group{Number: number, Seq: number, Entries: []recent.Entry{{Live: text, Roster: roster, States: states}}}
}

func TestAFollowerThatKeepsUpReadsNothing(t *testing.T) {
	log := &counting{}
	all := NewFollowers(context.Background(), log, false)
	f := all.New()
	after := uint64(0)
	write := func(texts ...string) {
		for _, text := range texts {
			g := log.write(text)
			if text == "large" {
				g.Held = freshBytes + 1
			}
			all.Add("w", g)
		}
	}
	follow := func(want string, wantReads int) {
		t.Helper()
		var got []string
		before := log.reads
		err := f.Follow(context.Background(), after, func(g Group) bool {
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
		if n := log.reads - before; n != wantReads {
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

	late := all.New()
	f, after = late, 0
	write("seven")
	follow("1log:<nil>one 2log:<nil>two 3log:<nil>three 4log:<nil>large 5log:<nil>five 6log:<nil>six 7log:<nil>seven", 1)
}
