package commands

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"headgate/config"
	"headgate/destinations"
	"headgate/destinations/golden"
	"headgate/proxy"
	"headgate/rules"
)

type test struct {
	Update bool `help:"Write what is sent now into the cases of your own destinations; read the difference before you keep it."`
}

// Run runs the cases of all destinations and then those of the configuration. A case that fails is for the user to fix.
func (t test) Run(w *world) error {
	loaded, mistakes := config.Load(w.path, w.env())
	if err := mistakes.Err(); err != nil {
		return err
	}
	passed, failed := 0, 0
	for _, name := range loaded.Catalog.Names() {
		results := golden.Run(loaded.Catalog, name, rules.Options{}, destinations.Deps{Drivers: drivers()})
		if t.Update {
			if err := t.write(loaded, name, results); err != nil {
				return err
			}
		}
		for _, r := range results {
			if len(r.Problems) == 0 || t.Update {
				passed++
				continue
			}
			failed++
			for _, problem := range r.Problems {
				fmt.Fprintf(w.out, "%v: %s: %s\n%s\n", r.At, r.Destination, r.Name, problem)
			}
		}
		if t.Update || len(results) == 0 || !isFile(casesBeside(loaded, name)) {
			continue
		}
		// What holds for every destination without a case that says it. That it holds for the built-in ones is tested.
		problems := golden.Check(loaded.Catalog, name, rules.Options{}, destinations.Deps{Drivers: drivers()})
		for _, problem := range problems {
			fmt.Fprintf(w.out, "%v: %s: %s\n", loaded.Catalog.Spec(name).At, name, problem)
		}
		if len(problems) > 0 {
			failed++
		} else {
			passed++
		}
	}
	parts, err := w.parts()
	if err != nil {
		return err
	}
	defer func() { _ = parts.Close(context.WithoutCancel(w.ctx)) }() // nothing was written
	for _, r := range proxy.RunCases(parts, time.Now()) {
		if len(r.Mistakes) == 0 {
			passed++
			fmt.Fprintf(w.out, "%s  %s\n", paint(w.coloured[0], green, "passed"), r.Name)
			continue
		}
		failed++
		fmt.Fprintf(w.out, "%s  %s\n  %s\n", paint(w.coloured[0], red, "FAILED"), r.Name, paintMistakes(w.coloured[0], r.Mistakes))
	}
	fmt.Fprintf(w.out, "%d passed, %d failed\n", passed, failed)
	if failed > 0 {
		return wrong("%d of %d cases failed", failed, passed+failed)
	}
	return nil
}

// casesBeside is where the cases of a user's own destination lie.
func casesBeside(loaded *config.Loaded, name string) string {
	return filepath.Join(loaded.Root(), "destinations", name+"_test.yaml")
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// write puts what is sent now into the case file of a user's own destination.
func (t test) write(loaded *config.Loaded, name string, results []golden.Result) error {
	if len(results) == 0 {
		return nil
	}
	path := casesBeside(loaded, name)
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) { // a built-in one
		return nil
	}
	if err != nil {
		return err
	}
	updated := golden.Update(text, results)
	if bytes.Equal(updated, text) {
		return nil
	}
	return os.WriteFile(path, updated, 0o644) //nolint:gosec // a file that people edit and commit
}
