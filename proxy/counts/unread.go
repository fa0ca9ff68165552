package counts

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"headgate/consent"
)

// UnreadCookies remembers the names of cookies that look like the answer of a consent tool that nobody reads, so that an
// operator learns of it. They are looked for in the first hits under a configuration and in a sample of the later ones;
// values are never looked at, and no more names are kept than a person would read.
type UnreadCookies struct {
	hits atomic.Uint64

	mu    sync.Mutex
	names map[string]int64 // in how many hits of those looked at
}

const (
	mostUnread    = 32
	unsampledHits = 1000
	sampledHits   = 16 // after those, one hit in sampledHits is looked at
)

// Look notes the cookies of one hit.
func (u *UnreadCookies) Look(p *consent.Policy, cookies string) {
	if n := u.hits.Add(1); cookies == "" || n > unsampledHits && n%sampledHits != 0 {
		return
	}
	p.UnreadCookies(cookies, func(name string) {
		u.mu.Lock()
		defer u.mu.Unlock()
		if _, known := u.names[name]; !known {
			if len(u.names) >= mostUnread {
				return
			}
			if u.names == nil {
				u.names = map[string]int64{}
			}
			name = strings.Clone(name) // it is a part of the request
		}
		u.names[name]++
	})
}

// UnreadCookie is a cookie that looks like the answer of a consent tool and is not read.
type UnreadCookie struct {
	Name string `json:"name"`
	Seen int64  `json:"seen"` // in how many hits since the configuration was loaded; after the first 1,000 hits, one in 16 is looked at
}

// List returns the names, the most frequent first.
func (u *UnreadCookies) List() []UnreadCookie {
	u.mu.Lock()
	defer u.mu.Unlock()
	var out []UnreadCookie
	for name, seen := range u.names {
		out = append(out, UnreadCookie{name, seen})
	}
	slices.SortFunc(out, func(a, b UnreadCookie) int {
		return cmp.Or(cmp.Compare(b.Seen, a.Seen), strings.Compare(a.Name, b.Name))
	})
	return out
}
