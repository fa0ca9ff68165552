// Package docs reads the documentation for the tests that run what it shows.
package docs

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Block is a fenced piece of a page.
type Block struct {
	Page, Language, Name, Text string // Name is of the file that it is, where the page says so: ```yaml compose.yaml
	Line                       int
}

func (b Block) String() string { return fmt.Sprintf("%s:%d", b.Page, b.Line) }

// Root is the project's folder.
func Root(t *testing.T) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		above := filepath.Dir(folder)
		if above == folder {
			t.Fatal("no go.mod above")
		}
		folder = above
	}
}

// Blocks returns the blocks of README.md and of all pages below docs.
func Blocks(t *testing.T) (all []Block) {
	t.Helper()
	root := os.DirFS(Root(t))
	pages := []string{"README.md"}
	err := fs.WalkDir(root, "docs", func(page string, _ fs.DirEntry, err error) error {
		if filepath.Ext(page) == ".md" {
			pages = append(pages, page)
		}
		return err
	})
	if err != nil || len(pages) < 50 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	for _, page := range pages {
		text, err := fs.ReadFile(root, page)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, BlocksOf(page, string(text))...)
	}
	return all
}

// On returns the blocks of a page in a language, in their order. There is at least one.
func On(t *testing.T, page, language string) (found []Block) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(Root(t), page))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range BlocksOf(page, string(text)) {
		if b.Language == language {
			found = append(found, b)
		}
	}
	if len(found) == 0 {
		t.Fatalf("%s has no block of %s", page, language)
	}
	return found
}

var fence = regexp.MustCompile("(?ms)^( *)```([a-z]*)(?: ([^\\n]+))?\\n(.*?)^ *```$") //nolint:gocritic // with (?m) a ^ may stand anywhere

// BlocksOf returns the blocks of a page with that text, without the margin that those in a list have.
func BlocksOf(page, text string) (all []Block) {
	for _, m := range fence.FindAllStringSubmatchIndex(text, -1) {
		part := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return text[m[2*i]:m[2*i+1]]
		}
		var plain strings.Builder
		for line := range strings.Lines(part(4)) {
			plain.WriteString(strings.TrimPrefix(line, part(1)))
		}
		all = append(all, Block{page, part(2), part(3), plain.String(), 1 + strings.Count(text[:m[0]], "\n")})
	}
	return all
}
