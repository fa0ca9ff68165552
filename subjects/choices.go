package subjects

import (
	"hash/maphash"
	"strings"
	"sync"

	"headgate/consent/people"
	"headgate/event"
)

// choices remembers each subject's latest choice, so that a receipt is written only when it changes. It is asked for every event,
// so it compares two numbers and allocates nothing when nothing has changed. Its memory is bounded: the most recently seen
// subjects are kept, and one that was forgotten counts as new.
type choices struct {
	seed maphash.Seed

	mu         sync.Mutex
	young, old map[uint64]choice // by client id and site; when young is full it becomes old
	recorded   map[uint64]choice // by subject and site, from the receipts written before the start
	purposes   []string          // what the bits of a choice mean
}

// choice is what someone chose, a bit per purpose; what is in neither set was not chosen about.
type choice struct{ granted, denied uint32 }

// rememberedChoices bounds each generation: about 8 MB in both, and as much for what was recorded before the start.
const rememberedChoices = 128 << 10

func newChoices() *choices {
	return &choices{seed: maphash.MakeSeed(), young: map[uint64]choice{}, recorded: map[uint64]choice{}}
}

// chosen is what a record says someone chose, or objected to.
func chosen(r *event.Record) (c choice) {
	for i := range r.States {
		s := &r.States[i]
		if s.Basis != "choice" && s.Basis != "signal" {
			continue
		}
		if i >= 32 || strings.IndexByte(s.Purpose, ':') >= 0 {
			break // vendors and the publisher's own part follow the purposes
		}
		if s.State == "granted" {
			c.granted |= 1 << i
		} else {
			c.denied |= 1 << i
		}
	}
	return c
}

// of turns a receipt into a choice. The caller holds mu, or nobody else has c.
func (c *choices) of(r *people.Receipt) (out choice) {
	for _, one := range r.Choices {
		for i, name := range c.purposes {
			switch {
			case name != one.Purpose || i >= 32:
			case one.Granted:
				out.granted |= 1 << i
			default:
				out.denied |= 1 << i
			}
		}
	}
	return out
}

// names are the purposes of a set.
func (c *choices) names(set uint32) (out []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, name := range c.purposes {
		if i < 32 && set&(1<<i) != 0 {
			out = append(out, name)
		}
	}
	return out
}

// setPurposes says what the purposes of the plan are. When they change, what is remembered is meaningless.
func (c *choices) setPurposes(purposes []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if strings.Join(c.purposes, " ") == strings.Join(purposes, " ") {
		return
	}
	c.purposes = purposes
	c.young, c.old, c.recorded = map[uint64]choice{}, nil, map[uint64]choice{}
}

// recall adds what a receipt from before the start says. setPurposes must have been called.
func (c *choices) recall(r *people.Receipt) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.recorded) >= 2*rememberedChoices {
		clear(c.recorded) // receipts come oldest first
	}
	c.recorded[c.key(r.Subject, r.Site)] = c.of(r)
}

func (c *choices) key(id, site string) uint64 {
	return maphash.String(c.seed, id) ^ 3*maphash.String(c.seed, site)
}

// seen reports whether anything is known of what a subject chose last, and whether it is this.
func (c *choices) seen(id, site string, now choice) (known, same bool) {
	key := c.key(id, site)
	c.mu.Lock()
	defer c.mu.Unlock()
	if before, known := c.young[key]; known {
		return true, before == now
	}
	before, known := c.last(key, id, site)
	if known && before == now {
		c.put(key, now)
	}
	return known, known && before == now
}

// last is what the subject chose last. The caller holds mu.
func (c *choices) last(key uint64, id, site string) (before choice, known bool) {
	if before, known = c.young[key]; known {
		return before, true
	}
	if before, known = c.old[key]; !known && len(c.recorded) > 0 {
		subject, is := people.ParseSubject(id)
		if !is {
			subject = people.ClientSubject(id)
		}
		before, known = c.recorded[c.key(subject.String(), site)]
	}
	return before, known
}

// change takes a choice for the subject's last and returns the one before, when it was another or none is known.
func (c *choices) change(id, site string, now choice) (before choice, known, changed bool) {
	key := c.key(id, site)
	c.mu.Lock()
	defer c.mu.Unlock()
	before, known = c.last(key, id, site)
	c.put(key, now)
	return before, known, !known || before != now
}

// put makes a choice one of those seen last. The caller holds mu.
func (c *choices) put(key uint64, now choice) {
	if len(c.young) >= rememberedChoices {
		c.old, c.young = c.young, map[uint64]choice{}
	}
	c.young[key] = now
}

// forget makes the next choice of a subject count as new: this one could not be recorded.
func (c *choices) forget(id, site string) {
	key := c.key(id, site)
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.young, key)
	delete(c.old, key)
	delete(c.recorded, c.key(people.ClientSubject(id).String(), site))
}
