package scripts

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"headgate/scripts/own"
)

func TestHeadgatesOwnScriptIsServed(t *testing.T) {
	s := open(t, t.TempDir(), "scripts: {own: {path: /a.js}}", nil)
	plain := own.Files()[""]
	for accepted, read := range map[string]func(io.Reader) (io.Reader, error){
		"":         func(r io.Reader) (io.Reader, error) { return r, nil },
		"gzip":     func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		"gzip, br": func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil },
	} {
		if accepted != "" && !own.Built() {
			continue // what says so is never compressed
		}
		a := get(s, "/a.js", now, "accept-encoding", accepted)
		body, err := read(bytes.NewReader(a.Body))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(body)
		if err != nil || !bytes.Equal(text, plain) {
			t.Errorf("%q: %d %v %.60q %v", accepted, a.Status, a.Headers, text, err)
		}
		if a.Status != 200 || a.header("content-type") != javaScript || a.header("cache-control") != "public, max-age=3600, stale-while-revalidate=86400" ||
			a.header("vary") != "accept-encoding" {
			t.Errorf("%q: %d %v", accepted, a.Status, a.Headers)
		}
		again := get(s, "/a.js", now, "accept-encoding", accepted, "if-none-match", a.header("etag"))
		if again.Status != 304 || len(again.Body) > 0 {
			t.Errorf("%q: asked again: %d", accepted, again.Status)
		}
	}
	if a := get(s, "/a.js/nothing.js", now); a.Status != 404 {
		t.Errorf("a file that does not exist: %d", a.Status)
	}
	if tag := s.Find("/a.js").OwnTag("t.shop.example"); !strings.HasPrefix(tag, `<script src="https://t.shop.example/a.js" integrity="sha384-`) {
		t.Error(tag)
	}
}

func TestOfHeadgatesOwnScriptOnlyThePathCanBeSaid(t *testing.T) {
	for text, want := range map[string]string{
		"scripts: {own: {path: /a}}":                            "the browser script cannot be served at /a",
		"scripts: {own: {path: /a.js, needs: none}}":            "the script own is Headgate's own, of which only the path can be said",
		"scripts: {mine: {use: own, path: /a.js, ids: [G-1]}}":  "the script mine is Headgate's own, of which only the path can be said",
		"scripts: {own: {path: /a.js}, b: {use: own, path: /}}": "the browser script cannot be served at /",
	} {
		_, mistakes := parse(t.TempDir(), text, nil)
		if err := mistakes.Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}
