package scripts

import (
	"net/http"
	"path"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"headgate/event"
)

// Set are the scripts of one configuration. It is safe for use by many goroutines.
type Set struct {
	list   []*Script
	client *http.Client
	store  *store
	fetch  *rate.Limiter // of all scripts together: strangers cannot make us flood a vendor
	slots  chan struct{} // requests that gateways are passing on
}

// Script is one entry of the configuration.
type Script struct {
	Name    string
	Needs   []string // consent purposes without which nothing is served
	Gateway bool     // requests are passed on as they are; else files are served out of a cache

	path     string // where it begins on our side, without a slash at the end
	upstream string // https://host/base, without a slash at the end
	files    []string
	query    map[string]bool
	ids      map[string]bool
	geo      bool
	address  bool
	rewrite  *strings.Replacer
	maxAge   time.Duration
	size     int
	pins     map[string]bool
	watch    watch
	own      map[string]*ownFile // Headgate's own script by file, nil for a vendor's
}

// below reports whether a path is another or lies below it.
func below(path, other string) bool {
	return path == other || strings.HasPrefix(path, other+"/")
}

// Example is an address of the script's, to find out who else claims it.
func (s *Script) Example() string {
	if s.Gateway {
		return s.path + "/g/collect"
	}
	if len(s.files) == 0 {
		return s.path
	}
	return s.path + "/" + strings.ReplaceAll(s.files[0], "*", "x")
}

// Request is what is asked of a script.
type Request struct {
	Hit             *event.Hit // Client has been called on it
	Country, Region string     // of the visitor, "" when unknown
	Granted         func(purpose string) bool
}

// allowed reports whether the visitor's consent lets a script be served.
func (s *Script) allowed(r *Request) bool {
	for _, purpose := range s.Needs {
		if !r.Granted(purpose) {
			return false
		}
	}
	return true
}

// serves reports whether a path below the script's own is one of its files.
func (s *Script) serves(below string) bool {
	if s.own != nil {
		return s.own[below] != nil
	}
	if len(s.files) == 0 {
		return below == ""
	}
	for _, pattern := range s.files {
		if ok, err := path.Match(pattern, below); ok && err == nil {
			return true
		}
	}
	return false
}
