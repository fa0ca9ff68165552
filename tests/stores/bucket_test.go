package stores_test

import (
	"compress/gzip"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"headgate/destinations/files/filestest"
	"headgate/tests/trial"
)

// bucket is object storage: a fake in this process, or versitygw where HEADGATE_STORES_GATEWAY has the program's path.
type bucket struct {
	address string
	files   func(t *testing.T) (names []string, bodies [][]byte)
	crash   func(t *testing.T) // nil for the fake
}

func newBucket(t *testing.T) *bucket {
	t.Helper()
	program := os.Getenv("HEADGATE_STORES_GATEWAY")
	if program == "" {
		b := filestest.NewBucket(t)
		return &bucket{address: strings.TrimPrefix(b.URL, "http://"), files: func(t *testing.T) ([]string, [][]byte) { return b.Files(t) }}
	}
	folder, address := t.TempDir(), trial.FreeAddress(t)
	if err := os.Mkdir(filepath.Join(folder, filestest.Name), 0o750); err != nil {
		t.Fatal(err)
	}
	var gateway *exec.Cmd
	start := func(t *testing.T) {
		gateway = exec.Command(program, "--port", address, "--access", "k", "--secret", filestest.Secret, "--region", "auto", "--quiet", "posix", "--nometa", folder)
		gateway.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		if err := gateway.Start(); err != nil {
			t.Fatal(err)
		}
		for {
			conn, err := net.Dial("tcp", address)
			if err == nil {
				_ = conn.Close()
				return
			}
			if t.Context().Err() != nil {
				t.Fatal(err)
			}
		}
	}
	kill := func() {
		_ = gateway.Process.Kill()
		_ = gateway.Wait()
	}
	start(t)
	t.Cleanup(kill)
	return &bucket{address: address, crash: func(t *testing.T) { kill(); start(t) },
		files: func(t *testing.T) ([]string, [][]byte) {
			return filestest.Folder(t, filepath.Join(folder, filestest.Name))
		}}
}

// ids counts the lines of the files by their ids.
func (b *bucket) ids(t *testing.T) map[string]int {
	t.Helper()
	ids := map[string]int{}
	names, bodies := b.files(t)
	for i := range names {
		r, err := gzip.NewReader(strings.NewReader(string(bodies[i])))
		if err != nil {
			t.Fatalf("%s: %v", names[i], err)
		}
		for id := range idsOf(t, r) {
			ids[id]++
		}
	}
	return ids
}
