// Package catalog holds the webhooks that come with Headgate: one YAML file for each, and its golden cases in NAME_test.yaml
// beside it. The directory listing is the registry. What is in the files is for package sources/webhook to read.
package catalog

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed *.yaml
var files embed.FS

// Names lists the webhooks, in alphabetical order.
func Names() (names []string) {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		panic("BUG: the webhooks are not embedded: " + err.Error())
	}
	for _, e := range entries {
		if name := strings.TrimSuffix(e.Name(), ".yaml"); !strings.HasSuffix(name, "_test") {
			names = append(names, name)
		}
	}
	return names
}

// Read returns the file of a webhook and its cases; ok is false when there is none of that name.
func Read(name string) (file, cases []byte, ok bool) {
	file, err := files.ReadFile(name + ".yaml")
	if err != nil {
		return nil, nil, false
	}
	cases, err = files.ReadFile(name + "_test.yaml")
	if err != nil {
		panic("BUG: no cases for the webhook " + name)
	}
	return file, cases, true
}
