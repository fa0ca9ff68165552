// Package web is the console's pages: a program in TypeScript for the browser, which learns all it shows from the API. It
// promises that every page has an address that can be reloaded, and that nothing of the pages is personal or secret: they
// are the same for everyone. It never answers the API.
//
// The pages are made by `make build` (dev/pages) into the folder built, and are not committed; a binary built without them
// says so in their place.
package web

import (
	"bytes"
	"compress/gzip"
	"embed"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

//go:embed built
var built embed.FS

// Addresses are the patterns of all pages.
func Addresses() []string {
	return []string{
		"/{$}", "/live", "/events/{id}", "/people", "/people/{id}", "/destinations/{name}", "/destinations/new", "/configuration", "/consent", "/conversions",
		"/insight", "/insight/funnels", "/insight/funnels/{name}", "/insight/paths", "/insight/carts", "/insight/campaigns", "/insight/visitors/{id}",
		"/alerts", "/audit", "/sign-in",
	}
}

// Assets is the prefix of what a page loads.
const Assets = "/pages/"

// Handler answers each of Addresses with the program, and below Assets what it loads.
func Handler() http.Handler {
	files := map[string]*file{}
	entries, err := fs.ReadDir(built, "built")
	if err != nil {
		panic("BUG: " + err.Error()) // it is embedded
	}
	for _, e := range entries {
		files[e.Name()] = &file{name: e.Name()}
	}
	page := files["index.html"]
	if page == nil {
		page = files["unbuilt.html"]
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f := page
		if name, ok := strings.CutPrefix(r.URL.Path, Assets); ok {
			if f = files[name]; f == nil {
				http.NotFound(w, r)
				return
			}
		}
		f.serve(w, r)
	})
}

// named matches files that have a hash of their content in their name, as esbuild writes it: another content has another name.
var named = regexp.MustCompile(`-[0-9A-Z]{8}\.(js|css)$`)

// file is one of the built files. It is read when it is asked for first, and compressed once.
type file struct {
	name string

	once       sync.Once
	text       []byte
	compressed []byte // nil where it would not be shorter
}

func (f *file) read() {
	var err error
	if f.text, err = built.ReadFile("built/" + f.name); err != nil {
		panic("BUG: " + err.Error()) // it is embedded
	}
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is one
	_, _ = z.Write(f.text)                                // memory takes all
	_ = z.Close()
	if b.Len() < len(f.text) {
		f.compressed = b.Bytes()
	}
}

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	f.once.Do(f.read)
	h := w.Header()
	h.Set("Content-Type", mime.TypeByExtension(path.Ext(f.name)))
	h.Set("Vary", "Accept-Encoding")
	if named.MatchString(f.name) {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	text := f.text
	if f.compressed != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		text = f.compressed
	}
	h.Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(text) // the client is gone
	}
}
