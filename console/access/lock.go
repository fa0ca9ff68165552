package access

import (
	"crypto/sha256"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

const (
	guesses      = 10               // wrong tokens from one address, or for one name, before it has to wait
	firstLock    = 30 * time.Second // doubles with each guess that follows
	longestLock  = 15 * time.Minute
	forgiven     = 30 * time.Minute // after that long without a guess
	mostLocks    = 10000            // addresses and names that are remembered; those longest silent are forgotten first
	networkOfOne = 64               // bits of an IPv6 address that one customer shares
)

// locks count wrong tokens.
type locks struct {
	mu  sync.Mutex
	all *lru.Cache[string, *guessing]
}

// guessing is what one address has tried, or what was tried for one name.
type guessing struct {
	count     int
	last      time.Time
	lastWrong [sha256.Size]byte
	until     time.Time // locked out until then
}

func newLocks() *locks {
	all, err := lru.New[string, *guessing](mostLocks)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return &locks{all: all}
}

// wait returns how long a key is still locked out.
func (l *locks) wait(key string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	g, known := l.all.Get(key)
	if !known {
		return 0
	}
	return max(0, g.until.Sub(now))
}

// fail counts a wrong token; the same one again is not counted, and it reports false.
func (l *locks) fail(key string, wrong [sha256.Size]byte, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	g, known := l.all.Get(key)
	if !known || now.Sub(g.last) > forgiven {
		g = new(guessing)
		l.all.Add(key, g)
	}
	g.last = now
	if g.count > 0 && g.lastWrong == wrong {
		return false
	}
	g.count++
	g.lastWrong = wrong
	if over := g.count - guesses; over >= 0 {
		g.until = now.Add(min(firstLock<<min(over, 10), longestLock))
	}
	return true
}

// forgive forgets what a key has tried.
func (l *locks) forgive(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all.Remove(key)
}

// nameKey is the key of a name: no address looks like it.
func nameKey(name string) string { return "name " + name }
