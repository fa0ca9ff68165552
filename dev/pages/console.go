package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// The console's pages.
const (
	source = "console/web"
	target = "console/web/built"
	served = "/pages/" // web.Assets: where the files are served
)

// buildPages bundles the pages. Each file but the page itself has a hash of its content in its name, so that browsers may keep it.
func buildPages() error {
	if err := removeBuilt(target, "unbuilt.html"); err != nil {
		return err
	}
	result := api.Build(api.BuildOptions{
		EntryPoints:       []string{source + "/main.tsx"},
		Outdir:            target,
		Bundle:            true,
		Write:             true,
		Metafile:          true,
		Splitting:         true, // what is imported in a function is a file of its own, loaded when it is needed
		Format:            api.FormatESModule,
		Target:            api.ES2022,
		EntryNames:        "[name]-[hash]",
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
	icon, err := os.ReadFile(filepath.Join(source, "icon.svg"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(target, "icon.svg"), icon, 0o644); err != nil {
		return err
	}
	return writePage(result.Metafile)
}

// bundle is what esbuild says of the files that it has written: https://esbuild.github.io/api/#metafile
type bundle struct {
	Outputs map[string]struct {
		EntryPoint string `json:"entryPoint"`
		CSSBundle  string `json:"cssBundle"`
		Imports    []struct {
			Path string `json:"path"`
			Kind string `json:"kind"`
		} `json:"imports"`
	} `json:"outputs"`
}

// writePage writes the page with the names that the files of main.tsx have, and has browsers load at once what main.tsx imports:
// otherwise they would learn of it only when they have read main.tsx, and of that file's imports later still.
func writePage(metafile string) error {
	var b bundle
	if err := json.Unmarshal([]byte(metafile), &b); err != nil {
		return fmt.Errorf("read what esbuild says of the pages: %w", err)
	}
	page, err := os.ReadFile(filepath.Join(source, "index.html"))
	if err != nil {
		return err
	}
	for name, out := range b.Outputs {
		if out.EntryPoint != source+"/main.tsx" {
			continue
		}
		var preloads strings.Builder
		for _, file := range b.importsOf(name, nil) {
			fmt.Fprintf(&preloads, "<link rel=\"modulepreload\" href=\"%s\">\n", served+path.Base(file))
		}
		text := strings.NewReplacer(served+"main.css", served+path.Base(out.CSSBundle), served+"main.js", served+path.Base(name),
			"<script", preloads.String()+"<script").Replace(string(page))
		return os.WriteFile(filepath.Join(target, "index.html"), []byte(text), 0o644)
	}
	return fmt.Errorf("esbuild has written no %s/main.tsx", source)
}

// importsOf adds to known what a file imports, and what that imports, but not what it may import later.
func (b *bundle) importsOf(file string, known []string) []string {
	for _, i := range b.Outputs[file].Imports {
		if i.Kind == "import-statement" && !slices.Contains(known, i.Path) {
			known = b.importsOf(i.Path, append(known, i.Path))
		}
	}
	return known
}
