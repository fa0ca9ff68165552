package history

import (
	"slices"
	"sync"
	"sync/atomic"

	"headgate/event"
)

// Kind is what a counter counts.
type Kind uint8

// The kinds. They are written to disk: new ones go to the end. The first two are kept by the minute, the others by the hour.
const (
	Events      Kind = iota // what became of events. What is the state, Why the reason, Detail a rule or purpose
	Conversions             // the same of conversions, with their value; Of is the event's name and its currency: "purchase EUR"
	Consent                 // what visitors chose: see ConsentKey
	Answers                 // of destinations. What is the verdict, Why the HTTP status, Detail the vendor's words
	Latency                 // of requests. What is the number of a bucket: see Bucket
	Fill                    // events sent. Of is a field, What is "of" for all and "filled" for those with the field
	Signals                 // consent signals. Of is the signal, What is "of" for all and "unreadable"
	Clocks                  // events that sources read. Of is the source, What is "of" for all and "wrong" for those with a time that was corrected
	kinds
)

// byTheHour reports whether a kind is kept by the hour.
func (k Kind) byTheHour() bool { return k >= Consent }

// Key says what is counted. What the words mean depends on the kind.
type Key struct {
	Kind              Kind
	Site, Destination string
	What, Why, Detail string
	Of                string
}

// Counter counts one thing.
type Counter struct {
	key   Key
	count atomic.Int64
	value atomic.Int64
}

// Add counts n more.
func (c *Counter) Add(n int64) { c.count.Add(n) }

// AddValue counts one more that is worth so many millionths.
func (c *Counter) AddValue(millionths int64) {
	c.count.Add(1)
	c.value.Add(millionths)
}

// counters are all that were asked for.
type counters struct {
	mu  sync.RWMutex
	all map[Key]*Counter
	seq []*Counter
}

const (
	// mostCounters bounds the memory: words of rules and vendors come from outside.
	mostCounters = 20_000
	longestWord  = 600
	// Other stands where a word was not kept, since there were too many.
	Other = "other"
)

// Counter returns the counter of a key. Callers on the way of a hit hold on to it.
func (b *Book) Counter(k Key) *Counter {
	cs := &b.counters
	cs.mu.RLock()
	c := cs.all[k]
	cs.mu.RUnlock()
	if c != nil {
		return c
	}
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for _, word := range [...]*string{&k.Site, &k.Destination, &k.What, &k.Why, &k.Detail, &k.Of} {
		*word = owned(*word)
	}
	if c := cs.all[k]; c != nil {
		return c
	}
	if len(cs.all) >= mostCounters {
		k = Key{Kind: k.Kind, Destination: k.Destination, What: k.What, Detail: Other}
		if c := cs.all[k]; c != nil {
			return c
		}
	}
	c = &Counter{key: k}
	cs.all[k] = c
	cs.seq = append(cs.seq, c)
	return c
}

// owned is a word in memory of its own: it may be a part of a request.
func owned(s string) string {
	return string(append([]byte(nil), s[:min(len(s), longestWord)]...))
}

// list returns all counters there are; none ever goes.
func (cs *counters) list() []*Counter {
	cs.mu.RLock()
	defer cs.mu.RUnlock()
	return cs.seq[:len(cs.seq):len(cs.seq)]
}

// flowName says which events a Flow is about.
type flowName struct {
	kind                  Kind
	site, destination, of string
}

// Flow counts what becomes of the events of one site at one destination, by state, reason and detail. It finds its few counters
// faster than a map does.
type Flow struct {
	book *Book
	name flowName

	mu    sync.Mutex // one at a time adds a counter
	known atomic.Pointer[[]cell]
}

// cell is a known counter by the words that it was first asked for with: mostly constants, which are the same memory each time.
type cell struct {
	state, reason, detail string
	counter               *Counter
}

// Flow returns the counters of the events of a site at a destination, "" for what is about none.
func (b *Book) Flow(site, destination string) *Flow {
	return b.flow(flowName{kind: Events, site: site, destination: destination})
}

// Conversion returns those of the conversions of that name and currency.
func (b *Book) Conversion(site, destination, event, currency string) *Flow {
	return b.flow(flowName{Conversions, site, destination, event + " " + currency})
}

func (b *Book) flow(name flowName) *Flow {
	if f, ok := b.flows.Load(name); ok {
		return f.(*Flow)
	}
	name = flowName{name.kind, owned(name.site), owned(name.destination), owned(name.of)}
	f := &Flow{book: b, name: name}
	f.known.Store(new([]cell))
	known, _ := b.flows.LoadOrStore(name, f)
	return known.(*Flow)
}

// Counter returns the counter of a state, a reason and a detail.
func (f *Flow) Counter(state, reason, detail string) *Counter {
	known := *f.known.Load()
	for i := range known {
		if c := &known[i]; event.SameText(c.reason, reason) && event.SameText(c.state, state) && event.SameText(c.detail, detail) {
			return c.counter
		}
	}
	return f.learn(state, reason, detail)
}

// mostOfFlow bounds the search in Counter.
const mostOfFlow = 64

func (f *Flow) learn(state, reason, detail string) *Counter {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.book.Counter(Key{Kind: f.name.kind, Site: f.name.site, Destination: f.name.destination, Of: f.name.of, What: state, Why: reason, Detail: detail})
	known := *f.known.Load()
	if len(known) < mostOfFlow && !slices.ContainsFunc(known, func(k cell) bool { return k.counter == c }) {
		more := append(slices.Clone(known), cell{state, reason, detail, c})
		f.known.Store(&more)
	}
	return c
}
