// Command pages bundles what browsers load: the browser script, and the console's pages, console/web/main.tsx with all that it
// imports, into console/web/built. The binary embeds both. The libraries of the pages are in node_modules (dev/scripts/pages.sh gets
// them); `go run ./dev/pages script` bundles the browser script alone, which has none.
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
	if err := buildScript(); err != nil || len(os.Args) > 1 && os.Args[1] == "script" {
		return err
	}
	return buildPages()
}

func buildPages() error {
	if err := removeBuilt(target, "unbuilt.html"); err != nil {
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
