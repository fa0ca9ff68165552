package signature

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Bounds of fetching key directories.
const (
	fetchTime    = 2 * time.Second
	mostBody     = 64 << 10
	atOnce       = 2
	leastAge     = 5 * time.Minute // how long an answer counts at least, also one that was an error
	greatestAge  = 24 * time.Hour
	usualAge     = time.Hour      // where the answer says nothing
	longestStale = 24 * time.Hour // how long keys count on while their directory does not answer
)

// Directories are the public keys of the agents that are listed, fetched when a request is first signed by one and kept for as long
// as their directories say. It is safe for use by many goroutines.
type Directories struct {
	client *http.Client
	listed map[string]bool // addresses of agents

	ctx    context.Context // ends the fetches
	cancel context.CancelFunc
	fetch  sync.WaitGroup
	slots  chan struct{}

	mu    sync.Mutex
	known map[string]*entry // by address; only of listed agents, so that strangers cannot make it grow
}

// entry is what is known of one directory.
type entry struct {
	keys     directory
	fresh    time.Time // until when it is not fetched again
	stale    time.Time // until when its keys count
	fetching bool
}

// NewDirectories knows the agents at these addresses: https origins, or addresses of key sets. What is fetched goes through the
// transport, which has to refuse addresses that are not public. Close is due.
func NewDirectories(agents []string, transport http.RoundTripper) *Directories {
	d := &Directories{listed: map[string]bool{}, known: map[string]*entry{}, slots: make(chan struct{}, atOnce),
		client: &http.Client{Transport: transport, Timeout: fetchTime,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	for _, a := range agents {
		d.listed[a] = true
	}
	return d
}

// Close ends the fetches under way and waits for them.
func (d *Directories) Close() {
	d.mu.Lock() // nobody begins a fetch between the end and the wait
	d.cancel()
	d.mu.Unlock()
	d.fetch.Wait()
}

// Listed reports whether an agent is one of those whose keys are fetched.
func (d *Directories) Listed(agent string) bool { return d.listed[agent] }

// Key returns a key of a listed agent. Where the agent's keys are unknown or out of date, they are fetched meanwhile.
func (d *Directories) Key(agent, id string, at time.Time) (ed25519.PublicKey, bool) {
	if !d.listed[agent] {
		return nil, false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	e := d.known[agent]
	if e == nil {
		e = &entry{}
		d.known[strings.Clone(agent)] = e
	}
	if !at.Before(e.fresh) && !e.fetching && d.ctx.Err() == nil {
		e.fetching = true
		d.fetch.Add(1)
		go d.renew(strings.Clone(agent), e, at)
	}
	return e.key(id, at)
}

// AnyKey returns a key of whichever agent is known to have it.
func (d *Directories) AnyKey(id string, at time.Time) (ed25519.PublicKey, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range d.known {
		if key, ok := e.key(id, at); ok {
			return key, true
		}
	}
	return nil, false
}

func (e *entry) key(id string, at time.Time) (ed25519.PublicKey, bool) {
	k, there := e.keys[id]
	if !there || !at.Before(e.stale) || !k.holds(at) {
		return nil, false
	}
	return k.key, true
}

// renew fetches a directory. One that answers decides what keys there are; one that does not leaves them as they are for a while.
func (d *Directories) renew(agent string, e *entry, at time.Time) {
	defer d.fetch.Done()
	d.slots <- struct{}{}
	keys, age, err := d.get(agent)
	<-d.slots
	d.mu.Lock()
	defer d.mu.Unlock()
	e.fetching = false
	if err != nil {
		e.fresh = at.Add(leastAge)
		return
	}
	e.keys, e.fresh, e.stale = keys, at.Add(age), at.Add(age+longestStale)
}

// get asks for a directory once, without following redirects.
func (d *Directories) get(agent string) (directory, time.Duration, error) {
	address := agent
	if _, path, _ := strings.Cut(agent, "://"); !strings.Contains(path, "/") {
		address += directoryPath
	}
	ctx, cancel := context.WithTimeout(d.ctx, fetchTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, 0, err
	}
	request.Header.Set("Accept", "application/http-message-signatures-directory+json, application/jwk-set+json, application/json")
	answer, err := d.client.Do(request)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = answer.Body.Close() }() // it was read as far as it is wanted
	if answer.StatusCode != http.StatusOK {
		return nil, 0, fmt.Errorf("the answer is %d", answer.StatusCode)
	}
	if kind, _, err := mime.ParseMediaType(answer.Header.Get("Content-Type")); err != nil || !strings.HasSuffix(kind, "json") {
		return nil, 0, fmt.Errorf("the answer is no JSON")
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, mostBody+1))
	if err != nil {
		return nil, 0, err
	}
	if len(body) > mostBody {
		return nil, 0, fmt.Errorf("the answer has more than %d bytes", mostBody)
	}
	keys, err := readDirectory(body)
	return keys, ageOf(answer.Header.Get("Cache-Control")), err
}

var maxAge = regexp.MustCompile(`(?:^|[\s,])max-age=(\d{1,9})(?:$|[\s,])`)

// ageOf is how long an answer may be kept, within bounds.
func ageOf(cacheControl string) time.Duration {
	found := maxAge.FindStringSubmatch(strings.ToLower(cacheControl))
	if found == nil {
		return usualAge
	}
	seconds, err := strconv.Atoi(found[1])
	if err != nil {
		return usualAge
	}
	return min(max(time.Duration(seconds)*time.Second, leastAge), greatestAge)
}
