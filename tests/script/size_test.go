package script_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"strings"
	"testing"

	"headgate/scripts/own"
)

// What the files may weigh in bytes: compressed by gzip, but the stub, which is written into pages.
const (
	coreGoal, coreLimit = 4096, 4500
	partLimit           = 2048
	adapterLimit        = 1024
	stubLimit           = 350
)

func zipped(t *testing.T, text []byte) int {
	t.Helper()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}

func TestTheScriptIsSmall(t *testing.T) {
	if !own.Built() {
		t.Fatal("the browser script is not built: run make pages")
	}
	files := own.Files()
	core := files[""]
	switch n := zipped(t, core); {
	case n > coreLimit:
		t.Errorf("the core has %d bytes, more than the limit of %d", n, coreLimit)
	case n > coreGoal:
		t.Logf("the core has %d bytes, more than the goal of %d", n, coreGoal)
	}
	for _, name := range own.Parts() {
		if n := zipped(t, files[name]); n > partLimit {
			t.Errorf("the part %s has %d bytes, more than %d", name, n, partLimit)
		}
	}
	for _, name := range own.Adapters() {
		if n := zipped(t, files[name][len(core):]); n > adapterLimit {
			t.Errorf("the adapter %s has %d bytes, more than %d", name, n, adapterLimit)
		}
	}
}

// The stub is that of the documentation, and so are those of the pages here.
func TestTheStubIsSmall(t *testing.T) {
	read := func(name string) string {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	_, rest, _ := strings.Cut(read("../../docs/browser-script.md"), "<script>window.headgate=")
	stub, _, ok := strings.Cut(rest, "</script>")
	if stub = "window.headgate=" + stub; !ok || len(stub) > stubLimit {
		t.Errorf("the stub has %d bytes, more than %d: %s", len(stub), stubLimit, stub)
	}
	for _, name := range []string{"pages/api.html", "pages/prerender.html"} {
		if !strings.Contains(read(name), stub) {
			t.Errorf("%s does not have the stub of the documentation", name)
		}
	}
}
