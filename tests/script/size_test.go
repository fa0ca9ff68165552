package script_test

import (
	"bytes"
	"compress/gzip"
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
	if n := len(own.Stub()); n > stubLimit {
		t.Errorf("the stub has %d bytes, more than %d", n, stubLimit)
	}
}
