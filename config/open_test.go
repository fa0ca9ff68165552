package config_test

import (
	"bufio"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"headgate/config"
	"headgate/destinations"
	"headgate/destinations/kafka"
	"headgate/destinations/nats"
	"headgate/destinations/parquet"
	"headgate/destinations/postgres"
)

var update = flag.Bool("update", false, "write what is wrong into testdata")

func deps() config.Deps {
	return config.Deps{Drivers: map[string]destinations.NewDriver{"kafka": kafka.NewDriver, "nats": nats.NewDriver, "parquet": parquet.NewDriver, "postgres": postgres.NewDriver}}
}

// unpack writes the files of a case into a folder of its own, makes that the current one, and returns the path of the
// configuration, the environment, and what is expected.
func unpack(t *testing.T, a *txtar.Archive) (path string, env config.Env, want string) {
	t.Helper()
	t.Chdir(t.TempDir())
	variables := map[string]string{}
	for _, f := range a.Files {
		switch f.Name {
		case "env":
			lines := bufio.NewScanner(strings.NewReader(string(f.Data)))
			for lines.Scan() {
				name, value, _ := strings.Cut(lines.Text(), "=")
				variables[name] = value
			}
		case "want":
			want = string(f.Data)
		default:
			name := filepath.Join("conf", f.Name)
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, f.Data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	path = "conf"
	if _, err := os.Stat("conf/headgate.yaml"); err == nil {
		path = "conf/headgate.yaml"
	}
	return path, config.Env{Lookup: func(name string) (string, bool) { v, ok := variables[name]; return v, ok }}, want
}

// TestEveryMistakeIsSaid opens broken configurations and compares all that is said about each.
func TestEveryMistakeIsSaid(t *testing.T) {
	files, err := filepath.Glob("testdata/broken/*.txtar")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d cases, %v", len(files), err)
	}
	for _, file := range files {
		file, err := filepath.Abs(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			path, env, want := unpack(t, archive)
			parts, ms := config.Open(path, env, deps())
			if parts != nil || len(ms) == 0 {
				t.Fatal("nothing is wrong with it")
			}
			got := ms.Err().Error() + "\n"
			if *update {
				save(t, file, archive, got)
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func save(t *testing.T, file string, a *txtar.Archive, got string) {
	t.Helper()
	var kept []txtar.File
	for _, f := range a.Files {
		if f.Name != "want" {
			kept = append(kept, f)
		}
	}
	a.Files = append(kept, txtar.File{Name: "want", Data: []byte(got)})
	if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
		t.Fatal(err)
	}
}
