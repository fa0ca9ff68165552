package config_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"headgate/config"
)

// TestEveryCureCures opens what newcomers write in good faith: what is said of it is as expected, and names a cure that, applied as
// it is written, leaves nothing to be said. cured.yaml is the file after that; where the cure is a text to be written, cure holds
// it, and the message has to contain it.
func TestEveryCureCures(t *testing.T) {
	files, err := filepath.Glob("testdata/mistakes/*.txtar")
	if err != nil || len(files) < 50 {
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
			got := said(t, path, env)
			if *update {
				save(t, file, archive, got)
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if cure, err := os.ReadFile("conf/cure"); err == nil && !strings.Contains(got, strings.TrimSpace(string(cure))) {
				t.Errorf("the cure %q is not in the message", cure)
			}
			if err := os.Rename("conf/cured.yaml", path); err != nil {
				t.Fatal(err)
			}
			if left := said(t, path, env); left != "\n" {
				t.Errorf("after the cure: %s", left)
			}
		})
	}
}

// said is everything that check says of a configuration: mistakes, or else warnings.
func said(t *testing.T, path string, env config.Env) string {
	t.Helper()
	parts, ms := config.Open(path, env, deps())
	if parts != nil {
		defer func() { _ = parts.Close(context.Background()) }() // nothing was written
		ms = parts.Warnings
	}
	if ms.Err() == nil {
		return "\n"
	}
	return ms.Err().Error() + "\n"
}
