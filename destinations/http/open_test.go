package http_test

import (
	"testing"
	"testing/fstest"

	"headgate/destinations"
	"headgate/destinations/catalog"
	"headgate/destinations/http"
	"headgate/document"
	"headgate/event/samples"
	"headgate/event/trace"
	"headgate/rules"
)

// opening is a destination with the engine that delivers for it.
type opening struct {
	*destinations.Destination
	engine *http.Engine
}

func (o *opening) Encode(batch []destinations.Sending) ([]*http.Request, []destinations.Verdict) {
	return o.engine.Encode(batch)
}

func (o *opening) Judge(r *http.Request, a http.Response) ([]destinations.Verdict, [][]int) {
	return o.engine.Judge(r, a)
}

func (o *opening) Show(batch []destinations.Sending) []trace.Request {
	requests, _ := o.Destination.Show(batch)
	return requests
}

func openWith(name string, config destinations.Config, c *catalog.Catalog, deps destinations.Deps) (*opening, document.Mistakes) {
	o := &opening{}
	deps.Engine = func(options destinations.EngineOptions) (destinations.Driver, document.Mistakes) {
		engine, ms := http.New(options)
		if engine == nil {
			return nil, ms
		}
		o.engine = engine
		return engine, ms
	}
	d, ms := destinations.Open(name, config, c, deps)
	if d == nil {
		return nil, ms
	}
	o.Destination = d
	return o, ms
}

func purposes() rules.Options {
	return rules.Options{Purposes: []string{"necessary", "functional", "analytics", "ads", "personalized_ads", "sharing"}}
}

func builtIn(t testing.TB) *catalog.Catalog {
	t.Helper()
	c, ms := catalog.Load(destinations.BuiltIn())
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	return c
}

// opened is a destination as an entry in YAML makes it.
func opened(t testing.TB, name, yaml string, change func(*destinations.Deps)) *opening {
	t.Helper()
	d, ms := tryOpen(t, builtIn(t), name, yaml, change)
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	return d
}

func tryOpen(t testing.TB, c *catalog.Catalog, name, yaml string, change func(*destinations.Deps)) (*opening, document.Mistakes) {
	t.Helper()
	node, ms := document.Parse("headgate.yaml", []byte(yaml))
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	var config destinations.Config
	config.SetDefaults()
	if ms := document.Decode(node, &config); len(ms) > 0 {
		return nil, ms
	}
	options := purposes()
	options.Now = samples.Now
	language, ms := rules.NewLanguage(options)
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	deps := destinations.Deps{Language: language, Now: samples.Now, LiteralSecrets: true}
	if change != nil {
		change(&deps)
	}
	return openWith(name, config, c, deps)
}

func batchOf(t testing.TB, n int, names ...string) []destinations.Sending {
	t.Helper()
	batch := make([]destinations.Sending, n)
	for i := range batch {
		e, ok := samples.Get(names[i%len(names)])
		if !ok {
			t.Fatalf("no sample %s", names[i%len(names)])
		}
		batch[i] = destinations.Sending{Event: e, Attempt: 1}
	}
	return batch
}

// own opens a destination that a test writes itself.
func own(t testing.TB, file, entry string, change func(*destinations.Deps)) *opening {
	t.Helper()
	d, ms := tryOwn(t, file, entry, change)
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	return d
}

func tryOwn(t testing.TB, file, entry string, change func(*destinations.Deps)) (*opening, document.Mistakes) {
	t.Helper()
	c, ms := catalog.Load(catalog.Folder{FS: fstest.MapFS{"crm.yaml": {Data: []byte(file)}}, Name: "crm"})
	if len(ms) > 0 {
		return nil, ms
	}
	return tryOpen(t, c, "crm", entry, change)
}

const crm = `
name: crm
title: CRM
kind: generic
needs: [analytics]
refused: drop
events: {"*": "="}
`

func loadFiles(files map[string]string) (*catalog.Catalog, document.Mistakes) {
	fs := fstest.MapFS{}
	for name, text := range files {
		fs[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return catalog.Load(catalog.Folder{FS: fs})
}
