package config

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"headgate/document"
	"headgate/sources/webhook"
)

// readWebhooks reads the files of the user's own that sources use, with their cases beside them. Their paths are relative to the
// file that they are written in.
func (l *Loaded) readWebhooks(env Env) (ms document.Mistakes) {
	l.Webhooks, ms = webhook.BuiltIn()
	for _, w := range l.Config.Sources.Webhooks() {
		if !webhook.IsFile(w.Use.Value) || l.Webhooks.Spec(w.Use.Value) != nil {
			continue
		}
		path := besides(w.Use)
		text, err := env.ReadFile(path)
		if err != nil {
			ms.Add(w.Use.At, path+" "+reason(err), "name a file beside this one, such as ./crm.yaml, or a webhook that comes with Headgate")
			continue
		}
		l.Inputs = append(l.Inputs, path)
		cases, err := env.ReadFile(casesOf(path))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			ms.Add(document.Place{File: casesOf(path)}, reason(err), "")
		}
		ms = append(ms, l.Webhooks.Add(w.Use.Value, path, text, cases)...)
	}
	return ms
}

// WebhookCases is where the cases of a user's own webhook lie, by what use: says; "" when no source uses it.
func (l *Loaded) WebhookCases(use string) string {
	for _, w := range l.Config.Sources.Webhooks() {
		if w.Use.Value == use {
			return casesOf(besides(w.Use))
		}
	}
	return ""
}

func besides(use document.Words) string {
	if filepath.IsAbs(use.Value) {
		return use.Value
	}
	return filepath.Join(filepath.Dir(use.At.File), use.Value)
}

func casesOf(path string) string { return strings.TrimSuffix(path, ".yaml") + "_test.yaml" }
