// Command pages bundles the console's pages: console/web/main.tsx with all that it imports, into console/web/built, which the
// binary embeds. The libraries are in node_modules (dev/scripts/pages.sh gets them).
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/evanw/esbuild/pkg/api"
)

const (
	source = "console/web"
	target = "console/web/built"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "pages:", err)
		os.Exit(1)
	}
}

func run() error {
	if err := removeBuilt(); err != nil {
		return err
	}
	result := api.Build(api.BuildOptions{
		EntryPoints:       []string{source + "/main.tsx"},
		Outdir:            target,
		Bundle:            true,
		Write:             true,
		Splitting:         true, // what is imported in a function is a file of its own, loaded when it is needed
		Format:            api.FormatESModule,
		Target:            api.ES2022,
		ChunkNames:        "[name]-[hash]",
		JSX:               api.JSXAutomatic,
		JSXImportSource:   "preact",
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		LegalComments:     api.LegalCommentsNone, // they stand in THIRD_PARTY_NOTICES.md
		LogLevel:          api.LogLevelWarning,
	})
	if n := len(result.Errors); n > 0 {
		return fmt.Errorf("%d mistakes in the pages", n)
	}
	for _, name := range []string{"index.html", "icon.svg"} {
		text, err := os.ReadFile(filepath.Join(source, name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(target, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// removeBuilt removes what an earlier build has written.
func removeBuilt() error {
	entries, err := os.ReadDir(target)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() == ".gitignore" || e.Name() == "unbuilt.html" {
			continue
		}
		if err := os.Remove(filepath.Join(target, e.Name())); err != nil {
			return err
		}
	}
	return nil
}
