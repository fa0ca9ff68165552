package config

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"headgate/config/files"
	"headgate/document"
	"headgate/sources"
	"headgate/sources/webhook"
)

// webhooksOf reads the files of the user's own that sources use, with their cases beside them, and returns which files it read. Their
// paths are relative to the file that they are written in.
func webhooksOf(c sources.Config, readFile func(path string) ([]byte, error)) (all *webhook.Catalogue, read []string, ms document.Mistakes) {
	all, ms = webhook.BuiltIn()
	for _, w := range c.Webhooks() {
		if !webhook.IsFile(w.Use.Value) || all.Spec(w.Use.Value) != nil {
			continue
		}
		path := besides(w.Use)
		text, err := readFile(path)
		if err != nil {
			ms.Add(w.Use.At, path+" "+files.Reason(err), "name a file beside this one, such as ./crm.yaml, or a webhook that comes with Headgate")
			continue
		}
		read = append(read, path)
		cases, err := readFile(casesOf(path))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			ms.Add(document.Place{File: casesOf(path)}, files.Reason(err), "")
		}
		ms = append(ms, all.Add(w.Use.Value, path, text, cases)...)
	}
	return all, read, ms
}

// WebhookCases is where the cases of a user's own webhook lie, by what use: says; "" when no source uses it.
func (c *Config) WebhookCases(use string) string {
	for _, w := range c.Sources.Webhooks() {
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
