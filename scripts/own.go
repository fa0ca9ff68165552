package scripts

import (
	"strings"
	"sync"

	"github.com/andybalholm/brotli"

	"headgate/document"
	"headgate/event"
	"headgate/scripts/own"
)

// ownName is Headgate's own script among the known ones, and the entry that needs no `use:` to be it.
const ownName = "own"

// ownCache lets browsers use the script for an hour, and for a day more while they ask for a newer one.
const ownCache = "public, max-age=3600, stale-while-revalidate=86400"

// ownFile is one file of Headgate's own script, compressed when it is asked for first.
type ownFile struct {
	text []byte

	once    sync.Once
	encoded encoded
}

func (f *ownFile) answer(h *event.Hit) Answer {
	f.once.Do(func() { f.encoded = encode(f.text, brotli.BestCompression) })
	return f.encoded.answer(h, javaScript, ownCache, Cached)
}

// isOwnScript reports whether an entry is Headgate's own script.
func (e *Entry) isOwnScript(name string) bool {
	return e.Use.Value == ownName || name == ownName && e.Use.Value == "" && e.From.Value == ""
}

// openOwn checks the entry of our own script: there is nothing to say of it but where it is.
func (e *Entry) openOwn(name string) (*Script, document.Mistakes) {
	var ms document.Mistakes
	if !ourPath.MatchString(e.Path.Value) || strings.Contains(e.Path.Value, "/.") || !strings.HasSuffix(e.Path.Value, ".js") {
		ms.Add(e.Path.At, "the browser script cannot be served at "+e.Path.Value, "write a path that ends in .js, such as /a.js")
	}
	if e.From.Value != "" || e.Needs != nil || e.Geo != nil || e.Address || len(e.Files)+len(e.Query)+len(e.IDs)+len(e.Rewrite)+len(e.Pin) > 0 {
		ms.Add(e.At, "the script "+name+" is Headgate's own, of which only the path can be said", "take out everything but use and path")
	}
	s := &Script{Name: name, path: e.Path.Value, own: map[string]*ownFile{}}
	for file, text := range own.Files() {
		s.own[file] = &ownFile{text: text}
	}
	return s, ms
}

// OwnTag is the element by which pages load our own script from a host, with the digest that the browser checks it by; "" for a
// vendor's script.
func (s *Script) OwnTag(host string) string {
	f := s.own[""]
	if f == nil {
		return ""
	}
	return `<script src="https://` + host + s.path + `" integrity="` + own.Integrity(f.text) + `" crossorigin defer></script>`
}
