package window

import (
	"testing"

	"pgregory.net/rapid"
)

// TestAWindowKeepsTrackOfWhateverIsFinished plays groups against a list that remembers each of them.
func TestAWindowKeepsTrackOfWhateverIsFinished(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type group struct {
			due            uint64
			read, finished bool
		}
		groups := []group{{finished: true, read: true}} // number 0 does not exist
		var w Window
		w = Start(0, 0, 0, nil)
		var head, lost uint64
		t.Repeat(map[string]func(*rapid.T){
			"write": func(t *rapid.T) {
				g := group{due: rapid.Uint64Range(0, 3).Draw(t, "due")}
				groups = append(groups, g)
				head += g.due
			},
			"read": func(t *rapid.T) {
				n := w.Read + 1
				if n >= uint64(len(groups)) {
					t.Skip("all read")
				}
				w.Open(n, n*10, groups[n].due)
				groups[n].read = true
				groups[n].finished = groups[n].finished || groups[n].due == 0
			},
			"lose": func(t *rapid.T) {
				n := w.Read + 1
				if n >= uint64(len(groups)) {
					t.Skip("all read")
				}
				to := rapid.Uint64Range(n, uint64(len(groups)-1)).Draw(t, "to")
				if to+1 < uint64(len(groups)) && groups[to+1].finished {
					t.Skip("what follows a gap is readable and was not finished before")
				}
				var until, want uint64
				for i := range to + 1 {
					until += groups[i].due
					if i >= n && !groups[i].finished {
						want += groups[i].due
						groups[i].finished = true
					}
					groups[i].read = true
				}
				got := w.Lose(to, until)
				if got != want {
					t.Fatalf("lost %d, want %d", got, want)
				}
				lost += got
			},
			"finish": func(t *rapid.T) {
				n := rapid.Uint64Range(0, uint64(len(groups)-1)).Draw(t, "number")
				w.Finish(n)
				groups[n].finished = groups[n].finished || groups[n].read
			},
			"restart": func(t *rapid.T) {
				w = Start(w.Floor, w.FloorSeq, w.FloorDue, w.Ahead())
				for i := range groups {
					groups[i].read = groups[i].finished || uint64(i) <= w.Read
				}
			},
			"": func(t *rapid.T) {
				var pending, floor uint64
				for i, g := range groups {
					if !g.finished {
						pending += g.due
					} else if floor+1 == uint64(i) {
						floor++
					}
					if got := w.Finished(uint64(i)); got != g.finished {
						t.Fatalf("group %d finished: %v, want %v in %+v", i, got, g.finished, w)
					}
				}
				if got := w.Pending(head); got != pending {
					t.Fatalf("%d pending, want %d in %+v", got, pending, w)
				}
				if w.Floor > floor {
					t.Fatalf("floor %d, want at most %d in %+v", w.Floor, floor, w)
				}
			},
		})
	})
}
