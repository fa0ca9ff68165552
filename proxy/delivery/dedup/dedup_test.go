package dedup

import (
	"fmt"
	"runtime"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Unix(1_800_000_000, 0)

func sent(most int) *sentEvents { return &sentEvents{window: time.Hour, max: most} }

func TestAnEventIsKnownWithinTheWindowAndForgottenAfterIt(t *testing.T) {
	s := sent(1000)
	ds := Set{numbers: map[string]int{}, memories: []*sentEvents{s}}
	d := ds.Of("shop", time.Hour)
	k := KeyOf("a", "purchase")
	if !d.Claim(k, noon) {
		t.Fatal("the first is a duplicate")
	}
	d.Done(k, noon)
	if d.Claim(k, noon.Add(time.Hour)) {
		t.Error("forgotten within the window")
	}
	if !d.Claim(KeyOf("b", "purchase"), noon) || !d.Claim(KeyOf("a", "refund"), noon) {
		t.Error("knows what it never had")
	}
	if !ds.Of("other", time.Hour).Claim(k, noon) {
		t.Error("another destination had it, not this one")
	}
	for i := range 60 { // later ones do not keep it known
		d.Done(KeyOf(fmt.Sprint(i), "purchase"), noon.Add(time.Duration(i)*time.Minute))
	}
	if !d.Claim(k, noon.Add(time.Hour+time.Hour/generationsKept+time.Second)) {
		t.Error("known after the window")
	}
}

func TestAnEventInFlightIsKnownHoweverLongItTakes(t *testing.T) {
	ds := Set{numbers: map[string]int{}, memories: []*sentEvents{sent(10)}}
	d := ds.Of("shop", time.Hour)
	k := KeyOf("a", "purchase")
	if !d.Claim(k, noon) || d.Claim(k, noon) || d.Claim(k, noon.Add(48*time.Hour)) {
		t.Error("an event in flight is not known")
	}
	d.Release(k)
	if !d.Claim(k, noon) {
		t.Error("an event that went back untouched is its own duplicate")
	}
	d.Hold(k) // it is replayed meanwhile
	d.Release(k)
	if d.Claim(k, noon) {
		t.Error("the end of one attempt ends the hold of another")
	}
	d.Resize(0)
	if !d.Claim(k, noon) {
		t.Error("without a window there are no duplicates")
	}
}

func TestTheOldestEventsAreForgottenFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.IntRange(1, 3000).Draw(t, "max")
		n := rapid.IntRange(0, 5000).Draw(t, "events")
		every := time.Duration(rapid.IntRange(0, 900).Draw(t, "apart")) * time.Millisecond
		s := sent(most)
		var now time.Time
		for i := range n {
			now = noon.Add(time.Duration(i) * every)
			s.add(KeyOf(fmt.Sprint(i), "purchase"), 1, now)
		}
		known := 0
		for i := range n {
			had := s.has(KeyOf(fmt.Sprint(i), "purchase"), 1, now.Add(-s.window))
			if had {
				known++
			}
			certain := i >= n-most*(generationsKept-1)/generationsKept && now.Sub(noon.Add(time.Duration(i)*every)) <= s.window
			if certain && !had {
				t.Fatalf("event %d of %d is forgotten with room for %d", i, n, most)
			}
		}
		if known > most || s.count > most {
			t.Fatalf("%d known, %d counted with room for %d", known, s.count, most)
		}
	})
}

func TestDestinationsBeyondTheWidthOfAMemoryDoNotMix(t *testing.T) {
	ds := Set{numbers: map[string]int{}}
	k := KeyOf("a", "purchase")
	first := ds.Of("d0", time.Hour)
	var all []*Dedup
	for i := range 3 * bitsOfMemory {
		all = append(all, ds.Of(fmt.Sprint("d", i), time.Hour))
	}
	for _, m := range ds.memories {
		m.resize(time.Hour, 100, noon)
	}
	all[0].Done(k, noon)
	for i, d := range all {
		if got, want := d.Claim(k, noon), i != 0; got != want {
			t.Errorf("destination %d: to be sent %v, want %v", i, got, want)
		}
	}
	if first.Claim(k, noon) {
		t.Error("a destination that comes back has forgotten what it was sent")
	}
}

// BenchmarkDedup claims and finishes one event, with the memory full. B/op is what one event in the memory takes.
func BenchmarkDedup(b *testing.B) {
	ds := Set{numbers: map[string]int{}, memories: []*sentEvents{sent(2_000_000)}}
	d := ds.Of("shop", time.Hour)
	b.ReportAllocs()
	for i := range b.N {
		k := KeyOf(fmt.Sprint(i), "purchase")
		now := noon.Add(time.Duration(i) * time.Millisecond)
		if d.Claim(k, now) {
			d.Done(k, now)
		}
	}
}

func TestAnEventThatWasSentTakesLittleMemory(t *testing.T) {
	const n, most = 400_000, 16 // bytes each, as docs/memory.md says
	s := sent(n)
	before := heap()
	for i := range n {
		s.add(KeyOf(strconv.Itoa(i), ""), 1<<(i%bitsOfMemory), noon.Add(time.Duration(i)*time.Millisecond))
	}
	if each := (heap() - before) / n; each > most {
		t.Errorf("an event takes %d bytes, at most %d", each, most)
	}
	if s.count != n {
		t.Errorf("%d are known, want %d", s.count, n)
	}
}

func TestATableIsAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		made := table{room: rapid.IntRange(0, 300).Draw(t, "room")}
		want := map[Key]uint16{}
		key := rapid.OneOf(rapid.Uint64Range(1, 40), rapid.Uint64Min(1), rapid.Uint64Min(1<<64-40)) // neighbours at both ends, and wide apart
		for range rapid.IntRange(0, 1000).Draw(t, "keys") {
			k, n := Key(key.Draw(t, "key")), rapid.Uint16().Draw(t, "number")
			made.set(k, n)
			want[k] = n
		}
		for k, n := range want {
			if got, known := made.get(k); !known || got != n {
				t.Fatalf("%d is %d (%v), want %d", k, got, known, n)
			}
		}
		if k := Key(key.Draw(t, "other")); want[k] == 0 {
			if got, known := made.get(k); known && got != 0 {
				t.Fatalf("%d is known, and was not set", k)
			}
		}
		if made.count != len(want) {
			t.Fatalf("%d keys, want %d", made.count, len(want))
		}
	})
}

func TestMoreSetsOfDestinationsThanAGenerationTakesAreKept(t *testing.T) {
	const n = 1<<16 + 1000
	s := sent(4 * n)
	k := func(i int) Key { return KeyOf(strconv.Itoa(i), "") }
	for i := range n {
		for bit := range 17 {
			if (i+1)&(1<<bit) != 0 {
				s.add(k(i), 1<<bit, noon)
			}
		}
	}
	for i := range n {
		for bit := range 17 {
			if got, want := s.has(k(i), 1<<bit, noon), (i+1)&(1<<bit) != 0; got != want {
				t.Fatalf("event %d, destination %d: sent %v, want %v", i, bit, got, want)
			}
		}
	}
}

func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
