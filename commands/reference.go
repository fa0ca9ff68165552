package commands

import (
	"fmt"
	"maps"
	"runtime/debug"
	"slices"

	"headgate/config"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

type schema struct{}

// Run prints the JSON Schema of the configuration.
func (schema) Run(w *world) error {
	_, err := w.out.Write(config.Schema())
	return err
}

type version struct{}

// Version is set by the linker for releases.
const unreleased = "0.1.0-dev"

// Run prints the version and the commit it was built from.
func (version) Run(w *world) error {
	commit := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				commit = " (" + s.Value[:12] + ")"
			}
		}
	}
	_, err := fmt.Fprintf(w.out, "headgate %s%s\n", unreleased, commit)
	return err
}
