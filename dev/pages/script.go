package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// The browser script. Its parts and adapters are files of their own, one each.
const (
	scriptSource = "sdk/src"
	scriptTarget = "scripts/own/built"
	packageIndex = "sdk/dist/index.js"
)

// buildScript bundles the browser script: for pages into scripts/own/built, which the binary embeds, and for other bundlers into
// sdk/dist. It needs no library.
func buildScript() error {
	if err := removeBuilt(scriptTarget, "unbuilt.js"); err != nil {
		return err
	}
	entries := []api.EntryPoint{{InputPath: scriptSource + "/script.ts", OutputPath: "headgate"}}
	for _, folder := range []string{"parts", "adapters"} {
		files, err := filepath.Glob(filepath.Join(scriptSource, folder, "*.ts"))
		if err != nil {
			return err
		}
		for _, file := range files {
			entries = append(entries, api.EntryPoint{InputPath: file, OutputPath: folder + "/" + strings.TrimSuffix(filepath.Base(file), ".ts")})
		}
	}
	pages := scriptOptions(api.FormatIIFE)
	pages.EntryPointsAdvanced, pages.Outdir = entries, scriptTarget
	bundles := scriptOptions(api.FormatESModule)
	bundles.EntryPoints, bundles.Outfile = []string{scriptSource + "/index.ts"}, packageIndex
	for _, options := range []api.BuildOptions{pages, bundles} {
		if n := len(api.Build(options).Errors); n > 0 {
			return fmt.Errorf("%d mistakes in the browser script", n)
		}
	}
	return nil
}

func scriptOptions(format api.Format) api.BuildOptions {
	return api.BuildOptions{Bundle: true, Write: true, Format: format, Target: api.ES2019, Charset: api.CharsetUTF8,
		MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true, LogLevel: api.LogLevelWarning}
}

// removeBuilt removes what an earlier build has written to a folder, but for a file that is committed.
func removeBuilt(folder, kept string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() == ".gitignore" || e.Name() == kept {
			continue
		}
		if err := os.RemoveAll(filepath.Join(folder, e.Name())); err != nil {
			return err
		}
	}
	return nil
}
