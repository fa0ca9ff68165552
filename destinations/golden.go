package destinations

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"headgate/document"
	"headgate/event"
	"headgate/event/samples"
	"headgate/rules"
)

// CaseFile is a file of golden cases: NAME_test.yaml beside NAME.yaml.
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
	Name     string           `yaml:"name" help:"a sentence: what is so"`
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

// CaseResult is how one case came out.
type CaseResult struct {
	Destination string
	Name        string
	At          document.Place
	Problems    []string // none: it holds
	Sends       string   // what is sent now: what --update writes
}

// RunCases runs the golden cases of one destination. Nothing is sent: the answers are those of the cases, and so is the
// clock. The language is made anew from its options for that clock's sake.
func (c *Catalog) RunCases(name string, language rules.Options, deps Deps) []CaseResult {
	file := c.Cases(name)
	if file == nil || c.specs[name] == nil {
		return nil
	}
	results := make([]CaseResult, len(file.Cases))
	for i := range file.Cases {
		results[i] = CaseResult{Destination: name, Name: file.Cases[i].Name, At: file.Cases[i].At}
		one := &caseRun{catalog: c, destination: name, file: file, one: &file.Cases[i], result: &results[i]}
		one.run(language, deps)
	}
	return results
}

// caseRun is one case on its way.
type caseRun struct {
	catalog     *Catalog
	destination string
	file        *CaseFile
	one         *Case
	result      *CaseResult
	vendor      fakeVendor
	log         strings.Builder // what the destination says of itself
}

func (r *caseRun) problem(form string, args ...any) {
	r.result.Problems = append(r.result.Problems, fmt.Sprintf(form, args...))
}

func (r *caseRun) run(language rules.Options, deps Deps) {
	if err := r.vendor.read(r.one.Answer); err != nil {
		r.problem("%v", err)
		return
	}
	d, ms := r.open(language, deps)
	var batch []Sending
	if len(ms) == 0 {
		batch, ms = d.caseBatch(r.one)
	}
	if len(ms) > 0 {
		r.problem("%v", ms)
		return
	}
	r.result.Sends = "nothing"
	if len(batch) > 0 {
		r.result.Sends = render(d.Show(batch))
	}
	if want := strings.TrimSpace(r.one.Sends.Value); want != "" && want != r.result.Sends {
		r.problem("what is sent is not what the case says:\n%s", lineDiff(want, r.result.Sends))
	}
	if d.driver == nil {
		r.one.compare(d.Deliver(context.Background(), batch), &r.vendor, r.problem)
	}
	if n := d.FailedFormulas(); n > 0 {
		r.problem("%d formulas failed, and what they stand for was left out; the first: %s", n, r.log.String())
	}
}

func (one *Case) compare(verdicts []Verdict, vendor *fakeVendor, problem func(string, ...any)) {
	if one.Verdict != nil {
		want := []*document.Node{one.Verdict}
		if one.Verdict.Kind == document.List {
			want = one.Verdict.Items
		}
		if len(want) > 1 && len(want) != len(verdicts) {
			problem("%d verdicts for %d events", len(want), len(verdicts))
			return
		}
		for i, v := range verdicts {
			if w := want[min(i, len(want)-1)].Text; v.Kind.String() != w {
				problem("the verdict on event %d is %s (%s), not %s", i, v.Kind, v.Why, w)
			}
		}
	}
	if one.Why != "" || one.After != "" {
		i := slices.IndexFunc(verdicts, func(v Verdict) bool { return v.Kind != Delivered })
		if i < 0 {
			problem("everything was delivered, and no verdict has words")
			return
		}
		if one.Why != "" && verdicts[i].Why != one.Why {
			problem("why is %q, not %q", verdicts[i].Why, one.Why)
		}
		if one.After != "" && document.Duration(verdicts[i].After).String() != one.After {
			problem("after is %s, not %s", document.Duration(verdicts[i].After), one.After)
		}
	}
	if one.Requests != 0 && vendor.seen != one.Requests {
		problem("%d requests went out, not %d", vendor.seen, one.Requests)
	}
}

// open opens the destination as the case configures it.
func (r *caseRun) open(language rules.Options, deps Deps) (*Destination, document.Mistakes) {
	now := samples.Now()
	if r.one.Now != "" {
		at, err := time.Parse(time.RFC3339, r.one.Now)
		if err != nil {
			return nil, document.Mistakes{{At: r.one.At, Fact: fmt.Sprintf("now: %q is no time", r.one.Now), Cure: "write it as 2026-11-09T12:00:00Z"}}
		}
		now = at
	}
	deps.Now = func() time.Time { return now }
	deps.Random = zeros{}
	deps.Client = &r.vendor
	deps.LiteralSecrets = true
	deps.Logger = slog.New(slog.NewTextHandler(&r.log, nil))
	language.Now = deps.Now
	var ms document.Mistakes
	if deps.Language, ms = rules.NewLanguage(language); len(ms) > 0 {
		return nil, ms
	}
	if driver := r.catalog.specs[r.destination].Driver; driver != "" && deps.Drivers[driver] == nil {
		deps.Drivers = map[string]NewDriver{driver: func(DriverOptions) (Driver, document.Mistakes) { return silent{}, nil }}
	}
	config := Config{At: r.file.At}
	config.SetDefaults()
	ms = document.Decode(r.file.Config, &config)
	ms = append(ms, document.Decode(r.one.Config, &config)...)
	config.At, config.Use = r.one.At, r.destination
	config.Settings = mergeNodes(r.file.Settings, r.one.Settings)
	config.Delivery.AtOnce = 1 // requests in their order
	if len(ms) > 0 {
		return nil, ms
	}
	return Open(r.destination, config, r.catalog, deps)
}

// mergeNodes is base with the keys of own in place of its own.
func mergeNodes(base, own *document.Node) *document.Node {
	if base == nil || own == nil {
		if own == nil {
			return base
		}
		return own
	}
	merged := *base
	merged.Fields = slices.DeleteFunc(slices.Clone(base.Fields), func(f document.Field) bool { return own.Get(f.Key) != nil })
	merged.Fields = append(merged.Fields, own.Fields...)
	return &merged
}

// caseBatch are the events of the case that the destination may have and wants.
func (d *Destination) caseBatch(one *Case) (batch []Sending, ms document.Mistakes) {
	m := d.language.Machine()
	defer m.Release()
	for _, n := range one.Events {
		e, wrong := samples.Read(n)
		ms = append(ms, wrong...)
		if len(wrong) > 0 || !d.consented(e) {
			continue
		}
		if wanted, _, _ := d.Wants(e, m, &rules.Env{Event: e, Hit: &event.Hit{}}); wanted {
			batch = append(batch, Sending{Event: e, Attempt: 1})
		}
	}
	return batch, ms
}

// consented reports whether the consent that stands in an event is what the destination needs.
func (d *Destination) consented(e *event.Event) bool {
	granted := func(purpose string) bool {
		yes, _ := e.Consent.Get(purpose).Bool()
		return yes
	}
	for _, purpose := range d.consent.Needs.Purposes {
		if !granted(purpose) {
			return false
		}
	}
	return len(d.consent.AnyOf) == 0 || slices.ContainsFunc(d.consent.AnyOf, granted)
}

// render writes requests as cases show them: JSON indented, several parted by a line of dashes.
func render(requests []event.Request) string {
	var parts []string
	for _, r := range requests {
		var b strings.Builder
		if r.Method != "" {
			b.WriteString(r.Method + " " + r.URL + "\n")
		}
		for _, h := range r.Headers {
			b.WriteString(h.Name + ": " + h.Value + "\n")
		}
		for _, note := range r.Notes {
			b.WriteString("# " + note + "\n")
		}
		if len(r.Body) > 0 {
			if r.Method != "" {
				b.WriteByte('\n')
			}
			b.Write(pretty(r.Body))
		}
		parts = append(parts, strings.TrimSpace(b.String()))
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, "\n---\n")
}

// zeros is the randomness of cases.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// silent stands in for a driver that a program does not have, so that its settings can be judged.
type silent struct{}

func (silent) Deliver(_ context.Context, events []Sending) []Verdict {
	return make([]Verdict, len(events))
}
func (silent) Close(context.Context) error { return nil }
