package console_test

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"headgate/alerts"
	"headgate/config"
	"headgate/config/edit"
	"headgate/console/access"
	"headgate/destinations"
	"headgate/destinations/catalog"
	"headgate/document"
	"headgate/event"
	"headgate/event/trace"
	"headgate/proxy"
	"headgate/proxy/delivery"
	"headgate/proxy/explain"
	"headgate/proxy/find"
	"headgate/proxy/impact"
	"headgate/proxy/live"
	"headgate/proxy/report"
	"headgate/proxy/resend"
	"headgate/proxy/status"
	"headgate/subjects"
)

// memory is a Service that keeps what it is told, and its account, in memory: the boundary of this package. A formula is
// good when it is `name == "..."`; a configuration when it does not contain "mistake".
type memory struct {
	mu         sync.Mutex
	sick       error
	account    status.Status
	letters    []resend.DeadLetter
	events     map[string][]*trace.Trace
	files      []edit.File
	asked      explain.Question
	replayed   resend.Replay
	filled     resend.Backfill
	suppressed []string
	watchers   map[chan live.Sighting]string
	admin      config.Admin
	readOnly   bool // the files of the configuration
}

func (m *memory) Admin() *config.Admin {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.admin
	return &a
}

func (m *memory) Client(r *http.Request) (netip.Addr, bool) {
	peer, _ := netip.ParseAddrPort(r.RemoteAddr)
	return peer.Addr(), false
}

func (m *memory) Outgoing([]string) http.RoundTripper { return http.DefaultTransport }

func (m *memory) Label(p subjects.Person) string { return p.Kind + ":hash" }

func (m *memory) Check(_ context.Context, d edit.Draft) (document.Mistakes, error) {
	for name, text := range d {
		if name != "headgate.yaml" {
			return nil, fmt.Errorf("%w: there is no file %q", edit.ErrDraft, name)
		}
		if strings.Contains(string(text), "mistake") {
			return nil, mistaken(name)
		}
	}
	return document.Mistakes{{At: document.Place{File: "headgate.yaml", Line: 1}, Fact: "consent is only monitored"}}, nil
}

func (m *memory) RunCases(ctx context.Context, d edit.Draft) ([]explain.CaseResult, error) {
	if _, err := m.Check(ctx, d); err != nil {
		return nil, err
	}
	return []explain.CaseResult{{Name: "good"}, {Name: "bad", Mistakes: document.Mistakes{{At: document.Place{File: "headgate.yaml", Line: 2, Column: 3}, Fact: "value is 1, not 2"}}}}, nil
}

func (m *memory) Try(_ context.Context, _ edit.Draft, formula string, q explain.Question) (v event.Value, err error) {
	switch {
	case q.ID == "gone":
		return v, proxy.ErrNotFound
	case formula == "1 / 0":
		return v, fmt.Errorf("%w: divided by zero", proxy.ErrRun)
	}
	if _, err := condition(formula); err != nil {
		return v, err
	}
	return event.Boolean(true), nil
}

func (m *memory) Diff(ctx context.Context, d edit.Draft, t explain.Trial) (*impact.Report, error) {
	if _, err := m.Check(ctx, d); err != nil {
		return nil, err
	}
	if t.Sample < 1 {
		return nil, fmt.Errorf("%w: a sample has 1 event at least", explain.ErrQuestion)
	}
	if t.Where != "" {
		if _, err := condition(t.Where); err != nil {
			return nil, err
		}
	}
	one := &trace.Trace{Event: &event.Event{ID: "e-1", Name: "purchase"}, Destinations: []trace.Destination{{
		Outcome: event.Outcome{Destination: "meta", Reason: event.Delivered}, Because: "consent", Requests: []trace.Request{{Body: []byte(`{"value":` + fmt.Sprint(t.Sample) + `}`)}}}}}
	two := *one
	two.Destinations = []trace.Destination{{Outcome: event.Outcome{Destination: "meta", Action: event.Filter, Reason: event.NotWanted}, Because: t.Since.Format(time.RFC3339)}}
	c := impact.New(impact.Sides{Destinations: []string{"meta"}})
	c.Take(impact.Way{Traces: []*trace.Trace{one}}, impact.Way{Traces: []*trace.Trace{&two}})
	return c.Report(1, 0), nil
}

func (m *memory) Catalog() *catalog.Catalog {
	all, ms := catalog.Load(destinations.BuiltIn())
	if ms != nil {
		panic(ms.Err())
	}
	return all
}

// book is an audit list in memory.
type book struct {
	mu    sync.Mutex
	lines [][]byte
	full  error // the disk is
}

func (b *book) Append(line []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.full == nil {
		b.lines = append(b.lines, slices.Clone(line))
	}
	return b.full
}

func (b *book) Each(fn func([]byte) bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, line := range b.lines {
		if !fn(line) {
			break
		}
	}
	return nil
}

func (b *book) Damage() string { return "" }

func trail(t testing.TB, b *book) *access.Trail {
	t.Helper()
	trail, err := access.NewTrail(b, func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	return trail
}

func newMemory() *memory {
	when := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	m := &memory{
		account: status.Status{
			Config:   status.Config{Hash: "c0ffee", LoadedAt: when, Warnings: []string{"consent is only monitored"}},
			Accepted: 10,
			Queue:    status.Queue{Bytes: 4096, Oldest: &when, Pending: 3},
			Destinations: map[string]status.Destination{
				"meta":    {State: delivery.Running, Delivered: 4, Redacted: 1, Filtered: 1, Denied: 1, Rejected: 3, Pending: 1},
				"archive": {State: delivery.Halted, Delivered: 8, Pending: 2, Retrying: 1, LagSeconds: 1.5, LastError: "no right to write", MisfitValues: 2, AddedColumns: 1},
			},
		},
		files:    []edit.File{{Name: "headgate.yaml", Text: []byte("listen: \":8080\"\n")}},
		events:   map[string][]*trace.Trace{},
		watchers: map[chan live.Sighting]string{},
	}
	for i, name := range []string{"purchase", "purchase", "sign_up"} {
		m.letters = append(m.letters, resend.DeadLetter{Cursor: fmt.Sprint("meta/", i), Destination: "meta", EventID: fmt.Sprint("e", i), EventName: name,
			EventTime: when, Rejected: when.Add(time.Duration(i) * time.Hour), Attempts: 1, Why: "no <email>"})
	}
	m.events["e/1"] = []*trace.Trace{traceOf("e/1", "purchase")}
	return m
}

func traceOf(id, name string) *trace.Trace {
	return &trace.Trace{Event: &event.Event{ID: id, Name: name}, Source: "ga4", Consent: &event.Record{Rule: "europe", Model: "opt_in"},
		Destinations: []trace.Destination{{Outcome: event.Outcome{Destination: "meta", Action: event.Deny, Reason: event.PurposeDenied}, Because: "ads: denied by <gcs>"}}}
}

// condition is the name that a formula asks for, "" for any.
func condition(where string) (string, error) {
	name, ok := strings.CutPrefix(where, `name == "`)
	if where != "" && !ok {
		return "", document.Mistakes{{At: document.Place{File: "where", Line: 1, Column: 1}, Fact: `no field "nmae"`, Cure: `did you mean "name"?`}}
	}
	return strings.TrimSuffix(name, `"`), nil
}

func (m *memory) Accepting() error { return m.sick }
func (m *memory) Ready() error     { return m.sick }

func (m *memory) Alerts() []alerts.Alert {
	return []alerts.Alert{{ID: "9f2c1d0a55b6e7f8", Kind: alerts.Halted, Destination: "meta", Cause: "meta is halted.", Urgent: true}}
}

func (m *memory) Cluster(context.Context) (*proxy.Cluster, error) {
	return &proxy.Cluster{Self: "headgate", Writers: []proxy.Writer{{Name: "headgate", State: "running", HeldBy: "headgate"}}}, nil
}

func (m *memory) Status(context.Context) (status.Status, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.account, m.sick
}

func (m *memory) Live(ctx context.Context, where string, _ bool) (<-chan live.Sighting, error) {
	name, err := condition(where)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	c := make(chan live.Sighting, 16)
	m.watchers[c] = name
	context.AfterFunc(ctx, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		if _, there := m.watchers[c]; there {
			delete(m.watchers, c)
			close(c)
		}
	})
	return c, nil
}

func (m *memory) show(s live.Sighting) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for c, name := range m.watchers {
		if name == "" || name == s.Trace.Event.Name {
			c <- s
		}
	}
}

func (m *memory) stop() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for c := range m.watchers {
		delete(m.watchers, c)
		close(c)
	}
}

func (m *memory) watched() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.watchers)
}

func (m *memory) Explain(_ context.Context, q explain.Question) ([]*trace.Trace, error) {
	m.asked = q
	switch {
	case q.Event != nil:
		return []*trace.Trace{traceOf(q.Event.ID, q.Event.Name)}, nil
	case q.Hit != nil && q.Hit.Path == "/g/collect":
		return nil, nil
	case q.Sample == "purchase":
		return []*trace.Trace{traceOf("s1", q.Sample)}, nil
	}
	return nil, fmt.Errorf("no sample %q", q.Sample)
}

func (m *memory) Stored(_ context.Context, id string) ([]*trace.Trace, error) {
	if traces := m.events[id]; traces != nil {
		return traces, nil
	}
	return nil, proxy.ErrNotFound
}

// The reports of a memory tell what they were asked.
func (m *memory) Search(_ context.Context, ask find.Ask) (find.Result, error) {
	if ask.Text == "?" {
		return find.Result{}, fmt.Errorf("%w: say what", find.ErrQuestion)
	}
	id := fmt.Sprint(ask.Text, " ", ask.Limit, " ", noon.Sub(ask.Since), " ", ask.Destination, ask.State, ask.Until.IsZero())
	return find.Result{Events: []find.Found{{ID: id, States: map[string]string{"meta": "delivered"}}}}, nil
}

func (m *memory) History(_ context.Context, ask report.Ask) (*report.History, error) {
	if ask.Step == time.Second {
		return nil, fmt.Errorf("%w: step", report.ErrAsked)
	}
	return &report.History{Span: report.Span{Since: ask.Since, Until: ask.Until}, Step: int64(ask.Step.Seconds()), Series: []report.Series{{Site: ask.Site, Destination: ask.Destination}}}, nil
}

func (m *memory) Conversions(_ context.Context, ask report.Ask) (*report.Conversions, error) {
	return &report.Conversions{Span: report.Span{Since: ask.Since, Until: ask.Until}, Events: []string{ask.Event}}, nil
}

func (m *memory) Choices(_ context.Context, ask report.Ask) (*report.Consent, error) {
	return &report.Consent{Span: report.Span{Since: ask.Since, Until: ask.Until}}, nil
}

func (m *memory) Destination(_ context.Context, ask report.Ask) (*proxy.DestinationReport, error) {
	if ask.Destination != "meta" {
		return nil, proxy.ErrNotFound
	}
	return &proxy.DestinationReport{Name: ask.Destination, Performance: &report.Performance{}}, nil
}

func (m *memory) Reload(context.Context) error {
	for _, f := range m.files {
		if strings.Contains(string(f.Text), "mistake") {
			return mistaken(f.Name)
		}
	}
	m.account.Config.Hash = "c0ffee2"
	return nil
}

func mistaken(file string) error {
	return document.Mistakes{{At: document.Place{File: file, Line: 3, Column: 5}, Fact: `unknown key "lisen"`, Cure: `did you mean "listen"?`}}
}

func (m *memory) Configuration(context.Context) (edit.Configuration, error) {
	all := ""
	for _, f := range m.files {
		all += f.Name + string(f.Text)
	}
	return edit.Configuration{Version: fmt.Sprintf("v%d", len(all)), Files: slices.Clone(m.files)}, nil
}

func (m *memory) Configure(ctx context.Context, name string, text []byte, version string) (edit.Configuration, error) {
	c, err := m.Configuration(ctx)
	switch {
	case err != nil:
		return c, err
	case c.Version != version:
		return c, edit.ErrStale
	case m.readOnly:
		return c, fmt.Errorf("%w (open headgate.yaml: read-only file system)", edit.ErrReadOnly)
	case strings.Contains(string(text), "mistake"):
		return c, mistaken(name)
	}
	for i := range m.files {
		if m.files[i].Name == name {
			m.files[i].Text = text
			return m.Configuration(ctx)
		}
	}
	return c, proxy.ErrNotFound
}

func (m *memory) Pause(_ context.Context, name string) error  { return m.put(name, delivery.Paused) }
func (m *memory) Resume(_ context.Context, name string) error { return m.put(name, delivery.Running) }

func (m *memory) put(name string, s delivery.State) error {
	d, known := m.account.Destinations[name]
	if !known {
		return proxy.ErrNotFound
	}
	d.State = s
	m.account.Destinations[name] = d
	return nil
}
