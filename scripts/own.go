package scripts

import (
	"sync"

	"github.com/andybalholm/brotli"

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

// OwnTag is the element by which pages load our own script from a host, with the digest that the browser checks it by; "" for a
// vendor's script.
func (s *Script) OwnTag(host string) string {
	f := s.own[""]
	if f == nil {
		return ""
	}
	return `<script src="https://` + host + s.path + `" integrity="` + own.Integrity(f.text) + `" crossorigin defer></script>`
}
