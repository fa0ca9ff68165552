package webhook

import (
	"headgate/document"
)

// CaseFile is a file of golden cases: NAME_test.yaml beside NAME.yaml.
type CaseFile struct {
	At       document.Place `yaml:"-"`
	Settings *document.Node `yaml:"settings" help:"settings of all cases"`
	Cases    []Case         `yaml:"cases" help:"what comes in, what is read"`
}

// Case is one golden case: a delivery, and the events that are made of it. It is taken for genuine: how deliveries are
// signed has no case.
type Case struct {
	At       document.Place           `yaml:"-"`
	Name     string                   `yaml:"name,required" help:"a sentence: what holds"`
	Show     bool                     `yaml:"show" help:"printed on the webhook's page too"`
	Settings *document.Node           `yaml:"settings" help:"settings that differ from the file's"`
	Headers  document.Ordered[string] `yaml:"headers" help:"headers of the delivery, such as its topic"`
	Body     *document.Node           `yaml:"body,required" help:"the body: JSON, or a form"`
	Events   document.Words           `yaml:"events" help:"the events as JSON, or nothing and why, or refused and why; headgate test --update writes it"`
}

func readCases(file string, data []byte) (*CaseFile, document.Mistakes) {
	node, ms := document.Parse(file, data)
	cases := &CaseFile{At: document.Place{File: file}}
	if node == nil || len(ms) > 0 {
		return cases, ms
	}
	return cases, document.Decode(node, cases)
}
