package scripts

import (
	"bytes"
	"regexp"
	"slices"
	"sync"
	"time"
)

// Change is what is new in a vendor's file. Vendors change their files without notice, so that one cannot be held to a digest unless
// somebody pins it; what a person should look at is named.
type Change struct {
	From, To         string // SHA-256 of the vendor's file, in hex
	OldSize, NewSize int
	Hosts            []string // that the file did not name before
	Alarms           []string // of Alarms
}

// Alarms are the kinds of changes that a person should look at.
var Alarms = []string{"hosts", "size", "eval"}

// watch is what is known of the versions of a script.
type watch struct {
	mu      sync.Mutex
	changes int
	last    *Change
	at      time.Time // of last
	error   string    // of the last time that the vendor did not answer as it should; "" since it did
	digest  string
	size    int
	fetched time.Time
}

// saw notes a version that was fetched; known is the one before, nil for the first. It returns what changed, nil when nothing did.
func (w *watch) saw(known, fresh *copied) *Change {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.error, w.digest, w.size, w.fetched = "", fresh.digest, fresh.size, fresh.fetched
	if known == nil || known.digest == fresh.digest {
		return nil
	}
	c := &Change{From: known.digest, To: fresh.digest, OldSize: known.size, NewSize: fresh.size}
	for _, host := range fresh.hosts {
		if !slices.Contains(known.hosts, host) {
			c.Hosts = append(c.Hosts, host)
		}
	}
	if len(c.Hosts) > 0 {
		c.Alarms = append(c.Alarms, "hosts")
	}
	if 2*abs(fresh.size-known.size) > known.size {
		c.Alarms = append(c.Alarms, "size")
	}
	if fresh.evals > known.evals {
		c.Alarms = append(c.Alarms, "eval")
	}
	w.changes++
	w.last, w.at = c, fresh.fetched
	return c
}

func abs(n int) int { return max(n, -n) }

func (w *watch) failed(err error, at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.error = err.Error()
}

// Status is what an operator should know of a script.
type Status struct {
	SHA256    string     `json:"sha256,omitempty"` // of the version fetched last; for Google's, of any container and country
	Size      int        `json:"size,omitempty"`
	Fetched   *time.Time `json:"fetched,omitempty"`
	Changes   int        `json:"changes"` // versions since the start that differed from the one before
	ChangedAt *time.Time `json:"changed_at,omitempty"`
	Alarms    []string   `json:"alarms,omitempty"` // of the last change: hosts, size, eval
	Hosts     []string   `json:"new_hosts,omitempty"`
	Error     string     `json:"error,omitempty"` // why the vendor's answer could not be used the last time
}

// Status says what is known of a script.
func (s *Script) Status() Status {
	w := &s.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	out := Status{SHA256: w.digest, Size: w.size, Changes: w.changes, Error: w.error}
	if !w.fetched.IsZero() {
		at := w.fetched
		out.Fetched = &at
	}
	if w.last != nil {
		at := w.at
		out.ChangedAt, out.Alarms, out.Hosts = &at, w.last.Alarms, w.last.Hosts
	}
	return out
}

const mostHosts = 200

var (
	address = regexp.MustCompile(`(?i)\bhttps?:\\?/\\?/([a-z0-9][a-z0-9.-]*\.[a-z]{2,})`)
	codes   = regexp.MustCompile(`\beval\s*\(|\bnew\s+Function\s*\(|\bdocument\.write(ln)?\s*\(`)
)

// hostsIn lists the hosts of addresses in a file, each once.
func hostsIn(file []byte) (hosts []string) {
	for _, found := range address.FindAllSubmatch(file, -1) {
		host := string(bytes.ToLower(found[1]))
		if !slices.Contains(hosts, host) && len(hosts) < mostHosts {
			hosts = append(hosts, host)
		}
	}
	slices.Sort(hosts)
	return hosts
}

// evalsIn counts where a file makes code out of text, or writes into the page.
func evalsIn(file []byte) int { return len(codes.FindAllIndex(file, -1)) }
