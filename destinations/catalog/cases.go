package catalog

import "headgate/document"

// CaseFile is a file of golden cases: NAME_test.yaml next to NAME.yaml.
type CaseFile struct {
	Path     string         `yaml:"-"` // in its folder
	At       document.Place `yaml:"-"`
	Settings *document.Node `yaml:"settings" help:"settings of all cases; secrets may stand here"`
	Config   *document.Node `yaml:"config" help:"further keys of the destination's entry in the configuration"`
	Cases    []Case         `yaml:"cases" help:"what goes in, what comes out"`
}

// Case is one golden case.
type Case struct {
	At       document.Place   `yaml:"-"`
	Name     string           `yaml:"name" help:"a sentence: what holds"`
	Show     bool             `yaml:"show" help:"printed on the destination's page too"`
	Settings *document.Node   `yaml:"settings" help:"settings that differ from the file's"`
	Config   *document.Node   `yaml:"config" help:"keys of the destination's entry that differ from the file's"`
	Now      string           `yaml:"now" help:"what the clock says; minutes after the samples when left out" example:"2026-11-09T12:00:00Z"`
	Events   []*document.Node `yaml:"events" help:"names of samples, changed samples, or whole events"`
	Sends    document.Words   `yaml:"sends" help:"the requests, or nothing; headgate test --update writes it"`
	Answer   *document.Node   `yaml:"answer" help:"what comes back: 200 {\"ok\": true}; a list answers one request after the other"`
	Verdict  *document.Node   `yaml:"verdict" help:"delivered, retry, reject or halt; a list has one per event"`
	Why      string           `yaml:"why" help:"the words of the first verdict that is not delivered"`
	After    string           `yaml:"after" help:"when the vendor wants to be asked again" example:"1m"`
	Requests int              `yaml:"requests" help:"how many requests go out, with those sent again"`
}

func readCases(file string, data []byte) (*CaseFile, document.Mistakes) {
	node, ms := document.Parse(file, data)
	cases := &CaseFile{At: document.Place{File: file}}
	if len(ms) > 0 {
		return cases, ms
	}
	ms = document.Decode(node, cases)
	for i := range cases.Cases {
		if len(cases.Cases[i].Events) == 0 {
			ms.Add(cases.Cases[i].At, "a case without events", "write events: [purchase], or another sample")
		}
	}
	return cases, ms
}
