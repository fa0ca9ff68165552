package commands

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"headgate/commands/cli"
	"headgate/config"
	"headgate/destinations"
	"headgate/destinations/golden"
	"headgate/proxy/explain"
	"headgate/rules"
	"headgate/sources/webhook"
)

type test struct {
	Update bool `help:"Write what is sent and read now into the cases of your own destinations and webhooks; read the difference before you keep it."`
}

// Run runs the cases of all destinations and webhooks, and then those of the configuration. A case that fails is for the user to fix.
func (t test) Run(w *cli.World) error {
	loaded, mistakes := config.Load(w.Path, w.Env())
	if err := mistakes.Err(); err != nil {
		return err
	}
	passed, failed, err := t.destinations(w, loaded)
	if err != nil {
		return err
	}
	good, bad, err := t.webhooks(w, loaded)
	if err != nil {
		return err
	}
	passed, failed = passed+good, failed+bad
	parts, err := w.Parts()
	if err != nil {
		return err
	}
	defer func() { _ = parts.Close(context.WithoutCancel(w.Ctx)) }() // nothing was written
	results := explain.RunCases(parts, time.Now())
	if parts.Insight != nil {
		for _, r := range parts.Insight.RunTests(time.Now()) {
			results = append(results, explain.CaseResult(r))
		}
	}
	for _, r := range results {
		if len(r.Mistakes) == 0 {
			passed++
			fmt.Fprintf(w.Out, "%s  %s\n", cli.Paint(w.Coloured[0], cli.Green, "passed"), r.Name)
			continue
		}
		failed++
		fmt.Fprintf(w.Out, "%s  %s\n  %s\n", cli.Paint(w.Coloured[0], cli.Red, "FAILED"), r.Name, cli.PaintMistakes(w.Coloured[0], r.Mistakes))
	}
	fmt.Fprintf(w.Out, "%d passed, %d failed\n", passed, failed)
	if failed > 0 {
		return cli.Wrong("%d of %d cases failed", failed, passed+failed)
	}
	return nil
}

// destinations runs the cases of all destinations.
func (t test) destinations(w *cli.World, loaded *config.Loaded) (passed, failed int, err error) {
	for _, name := range loaded.Catalog.Names() {
		results := golden.Run(loaded.Catalog, name, rules.Options{}, destinations.Deps{Drivers: cli.Drivers()})
		if t.Update {
			if err := t.write(loaded, name, results); err != nil {
				return passed, failed, err
			}
		}
		for _, r := range results {
			if len(r.Problems) == 0 || t.Update {
				passed++
				continue
			}
			failed++
			for _, problem := range r.Problems {
				fmt.Fprintf(w.Out, "%v: %s: %s\n%s\n", r.At, r.Destination, r.Name, problem)
			}
		}
		if t.Update || len(results) == 0 || !isFile(casesBeside(loaded, name)) {
			continue
		}
		// What holds for every destination without a case that says it. That it holds for the built-in ones is tested.
		problems := golden.Check(loaded.Catalog, name, rules.Options{}, destinations.Deps{Drivers: cli.Drivers()})
		for _, problem := range problems {
			fmt.Fprintf(w.Out, "%v: %s: %s\n", loaded.Catalog.Spec(name).At, name, problem)
		}
		if len(problems) > 0 {
			failed++
		} else {
			passed++
		}
	}
	return passed, failed, nil
}

// webhooks runs the cases of all webhooks, those of the user's own sources among them.
func (t test) webhooks(w *cli.World, loaded *config.Loaded) (passed, failed int, err error) {
	for _, use := range loaded.Webhooks.Names() {
		results := webhook.Run(loaded.Webhooks, use, rules.Options{Tables: loaded.Config.Tables})
		if t.Update {
			if err := t.writeWebhook(loaded, use, results); err != nil {
				return passed, failed, err
			}
		}
		for _, r := range results {
			if len(r.Problems) == 0 || t.Update {
				passed++
				continue
			}
			failed++
			for _, problem := range r.Problems {
				fmt.Fprintf(w.Out, "%v: %s: %s\n%s\n", r.At, r.Webhook, r.Name, problem)
			}
		}
	}
	return passed, failed, nil
}

// writeWebhook puts what is read now into the case file of a user's own webhook.
func (t test) writeWebhook(loaded *config.Loaded, use string, results []webhook.Result) error {
	if len(results) == 0 || !webhook.IsFile(use) {
		return nil
	}
	return rewrite(loaded.Config.WebhookCases(use), func(text []byte) []byte { return webhook.Update(text, results) })
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
	return rewrite(casesBeside(loaded, name), func(text []byte) []byte { return golden.Update(text, results) })
}

// rewrite changes a file of cases, if there is one: those that come with Headgate lie in the program.
func rewrite(path string, change func([]byte) []byte) error {
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	updated := change(text)
	if bytes.Equal(updated, text) {
		return nil
	}
	return os.WriteFile(path, updated, 0o644) //nolint:gosec // a file that people edit and commit
}
