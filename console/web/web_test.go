package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

const mostFirst = 80 << 10 // bytes that the first view may cost, compressed

func get(t *testing.T, path string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	r.Header.Set("Accept-Encoding", "gzip")
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w
}

// text is what a browser makes of an answer.
func text(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	var body io.Reader = w.Body
	if w.Header().Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(bytes.NewReader(w.Body.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		body = z
	}
	b, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestTheFirstViewIsSmall(t *testing.T) {
	page := get(t, "/")
	named := regexp.MustCompile(`(?:src|href)="`+Assets+`([\w.-]+)"`).FindAllStringSubmatch(text(t, page), -1)
	if len(named) == 0 {
		t.Fatal("the pages are not built: run make pages")
	}
	// Everything that the overview loads, by what names what: the page, the program, the screen, the lines.
	size, seen := page.Body.Len(), map[string]bool{}
	var load func(name string)
	load = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		w := get(t, Assets+name)
		if w.Code != http.StatusOK {
			t.Fatalf("%s: %d", name, w.Code)
		}
		size += w.Body.Len()
		if !strings.HasSuffix(name, ".js") {
			return
		}
		for _, m := range regexp.MustCompile(`(?:from|import)\s*\(?"\./([\w.-]+\.js)"`).FindAllStringSubmatch(text(t, w), -1) {
			if screen := strings.HasPrefix(m[0], "import("); !screen || strings.HasPrefix(m[1], "overview") || strings.HasPrefix(m[1], "uPlot") {
				load(m[1])
			}
		}
	}
	for _, m := range named {
		load(m[1])
	}
	t.Logf("%d bytes in %d files", size, len(seen)+1)
	if size > mostFirst || len(seen) < 5 {
		t.Errorf("the first view costs %d bytes in %d files, more than %d", size, len(seen)+1, mostFirst)
	}
}

func TestBrowsersKeepWhatHasItsHashInItsName(t *testing.T) {
	page := get(t, "/")
	program := regexp.MustCompile(Assets + `(main-[\w.-]+\.js)`).FindString(text(t, page))
	if program == "" {
		t.Fatal("the pages are not built: run make pages")
	}
	if kept := get(t, program).Header().Get("Cache-Control"); !strings.Contains(kept, "immutable") {
		t.Errorf("%s: %q", program, kept)
	}
	for _, path := range []string{"/", Assets + "icon.svg"} {
		if kept := get(t, path).Header().Get("Cache-Control"); kept != "" {
			t.Errorf("%s may be kept, though it changes: %q", path, kept)
		}
	}
}

func TestThePageLoadsAtOnceWhatTheProgramImports(t *testing.T) {
	page := text(t, get(t, "/"))
	program := regexp.MustCompile(Assets + `main-[\w.-]+\.js`).FindString(page)
	for _, m := range regexp.MustCompile(`(?:from|import)"\./([\w.-]+\.js)"`).FindAllStringSubmatch(text(t, get(t, program)), -1) {
		if !strings.Contains(page, `rel="modulepreload" href="`+Assets+m[1]+`"`) {
			t.Errorf("browsers learn of %s only from the program", m[1])
		}
	}
}

func TestEachAddressIsAnsweredWithTheProgram(t *testing.T) {
	mux := http.NewServeMux()
	for _, address := range Addresses() {
		mux.Handle("GET "+address, Handler())
	}
	for _, path := range []string{"/", "/live", "/events/e-1", "/people/1.2", "/destinations/meta", "/destinations/new", "/insight/funnels/checkout", "/sign-in"} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") || !strings.Contains(w.Body.String(), "<title>Headgate</title>") {
			t.Errorf("%s: %d %s", path, w.Code, w.Header().Get("Content-Type"))
		}
	}
}

func TestAFileThatIsNoneIsNotFound(t *testing.T) {
	for _, name := range []string{"none.js", "", "../web.go", ".gitignore"} {
		if w := get(t, Assets+name); w.Code != http.StatusNotFound {
			t.Errorf("%q: %d", name, w.Code)
		}
	}
}

func TestWhoTakesNoGzipGetsThePlainText(t *testing.T) {
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, Assets+"unbuilt.html", nil))
	if w.Header().Get("Content-Encoding") != "" || !strings.Contains(w.Body.String(), "make build") {
		t.Errorf("%v %s", w.Header(), w.Body)
	}
}
