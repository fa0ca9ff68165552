// Package filestest is where tests of drivers that write files put them: a folder, and a bucket in this process.
package filestest

import (
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// Bucket is a bucket in this process, which speaks S3's protocol and takes what is signed with Secret only.
type Bucket struct {
	URL     string
	backend *s3mem.Backend
	Puts    []*http.Request // without their bodies
}

// Name is the bucket's.
const Name = "archive"

// NewBucket starts an empty one.
func NewBucket(t testing.TB) *Bucket {
	t.Helper()
	b := &Bucket{backend: s3mem.New()}
	if err := b.backend.CreateBucket(Name); err != nil {
		t.Fatal(err)
	}
	fake := gofakes3.New(b.backend, gofakes3.WithAutoBucket(false)).Server()
	var mu sync.Mutex
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		b.Puts = append(b.Puts, r.Clone(r.Context()))
		mu.Unlock()
		if !signed(r) {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, "<Error><Code>SignatureDoesNotMatch</Code></Error>") // the client reads it or fails
			return
		}
		fake.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	b.URL = server.URL
	return b
}

// Files are the objects by their names in order, without those of folders that begin with _.
func (b *Bucket) Files(t testing.TB) (names []string, bodies [][]byte) {
	t.Helper()
	prefix := gofakes3.NewFolderPrefix("")
	prefix.HasDelimiter = false
	list, err := b.backend.ListBucket(Name, &prefix, gofakes3.ListBucketPage{})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range list.Contents {
		names = append(names, o.Key)
	}
	slices.Sort(names)
	for _, name := range names {
		o, err := b.backend.GetObject(Name, name, nil)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(o.Contents)
		if err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, body)
	}
	return names, bodies
}

// Folder are the files below a folder by their names in order, without hidden ones.
func Folder(t testing.TB, folder string) (names []string, bodies [][]byte) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(entry.Name(), ".") {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		body, err := os.ReadFile(path) //nolint:gosec // a test's folder
		names, bodies = append(names, filepath.ToSlash(name)), append(bodies, body)
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return names, bodies
}
