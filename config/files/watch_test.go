package files_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"headgate/config/files"
)

// watched starts a watch of a path and returns where its calls arrive.
func watched(t *testing.T, path string, inputs ...string) <-chan struct{} {
	t.Helper()
	calls := make(chan struct{}, 100)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	known := hash(t, path, inputs)
	go func() {
		done <- files.Watch(ctx, path, known, func() []string { return inputs }, func() { calls <- struct{}{} })
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	// A watch has begun once it answers; each try is a change of its own.
	probe := filepath.Join(filepath.Dir(path), "destinations", "probe.yaml")
	if err := os.MkdirAll(filepath.Dir(probe), 0o755); err != nil {
		t.Fatal(err)
	}
	for try := 0; ; try++ {
		write(t, probe, fmt.Sprintf("try: %d\n", try))
		touch(t, path)
		select {
		case <-calls:
			return calls
		case <-time.After(time.Second):
			if try > 20 {
				t.Fatal("the watch never began")
			}
		}
	}
}

// hash is that of the files as they are.
func hash(t *testing.T, path string, inputs []string) string {
	t.Helper()
	names, err := files.List(path)
	if err != nil {
		t.Fatal(err)
	}
	texts := make([]files.Text, len(names))
	for i, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts[i] = files.Text{Name: name, Data: data}
	}
	return files.Hash(append(texts, files.Digests(inputs)...))
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// touch makes an event without a change.
func touch(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, string(data))
}

func expectCall(t *testing.T, calls <-chan struct{}, after string) {
	t.Helper()
	select {
	case <-calls:
	case <-time.After(time.Minute):
		t.Fatalf("%s was not seen", after)
	}
}

func TestAWatchSeesEveryWayOfReplacingAFile(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "headgate.yaml")
	write(t, path, "listen: ':1'\n")
	calls := watched(t, path)

	for i := range 20 {
		write(t, path, fmt.Sprintf("listen: ':2%d'\n", i))
	}
	expectCall(t, calls, "a file written in steps")

	write(t, path+".new", "listen: ':3'\n")
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
	expectCall(t, calls, "a file renamed over the old one")

	write(t, filepath.Join(folder, "unrelated.txt"), "x")
	touch(t, path)
	write(t, filepath.Join(folder, "destinations", "mine.yaml"), "name: mine\n")
	expectCall(t, calls, "a destination of the user's own")

	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	write(t, path, "listen: ':4'\n")
	expectCall(t, calls, "a file removed and written again")
}

// TestAWatchSeesKubernetesSwapItsLinks does what the kubelet does with a mounted ConfigMap: the files are links through
// ..data, which is itself a link to a folder with a date and is renamed over.
func TestAWatchSeesKubernetesSwapItsLinks(t *testing.T) {
	folder := t.TempDir()
	version := func(name, text string) {
		t.Helper()
		if err := os.Mkdir(filepath.Join(folder, name), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(folder, name, "headgate.yaml"), text)
		if err := os.Symlink(name, filepath.Join(folder, "..data_tmp")); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(folder, "..data_tmp"), filepath.Join(folder, "..data")); err != nil {
			t.Fatal(err)
		}
	}
	version("..2026_11_01", "listen: ':1'\n")
	path := filepath.Join(folder, "headgate.yaml")
	if err := os.Symlink("..data/headgate.yaml", path); err != nil {
		t.Fatal(err)
	}
	calls := watched(t, path)
	version("..2026_11_02", "listen: ':2'\n")
	expectCall(t, calls, "a swapped link")
	if got, err := files.List(folder); err != nil || len(got) != 2 {
		t.Errorf("files of the folder: %v, %v", got, err)
	}
}

func TestAWatchSeesInputs(t *testing.T) {
	secrets := t.TempDir()
	token := filepath.Join(secrets, "token")
	write(t, token, "first")
	path := filepath.Join(t.TempDir(), "headgate.yaml")
	write(t, path, "listen: ':1'\n")
	calls := watched(t, path, token)
	write(t, filepath.Join(secrets, "log"), "x")
	write(t, token, "second")
	expectCall(t, calls, "a rotated secret")
}

func TestAWatchOfNothingFails(t *testing.T) {
	if err := files.Watch(t.Context(), filepath.Join(t.TempDir(), "gone", "headgate.yaml"), "", func() []string { return nil }, func() {}); err == nil {
		t.Error("no error")
	}
}
