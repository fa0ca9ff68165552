package golden_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"headgate/destinations/catalog"
	"headgate/destinations/golden"

	"headgate/destinations"
)

func TestACaseDoesNotHoldWhenAFormulaFails(t *testing.T) {
	c, ms := catalog.Load(catalog.Folder{FS: fstest.MapFS{
		"crm.yaml": {Data: []byte(`
name: crm
title: CRM
kind: generic
needs: [analytics]
refused: drop
events: {"*": "="}
send:
  post: https://crm.example/events
  body: {id: =id, double: =params.value * 2}
`)},
		"crm_test.yaml": {Data: []byte(`
cases:
  - {name: a number, events: [{name: purchase, consent.analytics: true, params.value: 3}]}
  - {name: a text, events: [{name: purchase, consent.analytics: true, params.value: three}]}
`)}}})
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	results := golden.Run(c, "crm", purposes(), destinations.Deps{})
	if p := results[0].Problems; len(p) > 0 {
		t.Errorf("%s: %v", results[0].Name, p)
	}
	if p := strings.Join(results[1].Problems, "\n"); !strings.Contains(p, "formulas failed") || !strings.Contains(p, "params.value") {
		t.Errorf("%s: %q", results[1].Name, p)
	}
}

func TestCasesOfTheProgramAreCheckedHere(t *testing.T) {
	c, ms := catalog.Load(catalog.BuiltIn(fstest.MapFS{
		"crm.yaml":      {Data: []byte("{name: crm, title: CRM, kind: generic, needs: [analytics], refused: drop, events: {purchase: bought}, send: {post: 'https://crm.example/events', body: {id: =id}}}")},
		"crm_test.yaml": {Data: []byte("cases: [{name: one, event: [purchase], events: [purchase]}]")},
	}, "destinations"))
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	if p := strings.Join(golden.Check(c, "crm", purposes(), destinations.Deps{}), "\n"); !strings.Contains(p, `"event"`) {
		t.Errorf("a key that no case has is not reported: %q", p)
	}
}
