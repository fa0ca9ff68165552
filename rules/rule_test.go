package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"headgate/document"
	"headgate/event"
	"headgate/event/trace"
	"headgate/rules"
)

// load reads tables and rules as a configuration has them.
func load(t testing.TB, yaml string, s rules.Scope, destinations []string) (*rules.Language, *rules.Rules, document.Mistakes) {
	t.Helper()
	n, ms := document.Parse("rules.yaml", []byte(yaml))
	var c rules.Config
	ms = append(ms, document.Decode(n, &c)...)
	l, wrong := rules.NewLanguage(rules.Options{Tables: c.Tables, Purposes: []string{"ads", "analytics"}})
	ms = append(ms, wrong...)
	if len(ms) > 0 {
		return nil, nil, ms
	}
	r, wrong := l.Rules(c.Rules, s, destinations)
	return l, r, wrong
}

// story tells what the rules did: each rule that was tried, each change, and how it ended; emitted events are told after it.
func story(l *rules.Language, r *rules.Rules, e *event.Event) string {
	var b strings.Builder
	m := l.Machine()
	defer m.Release()
	tell := func(e *event.Event, seen []trace.Rule, result rules.Result) {
		for _, rt := range seen {
			fmt.Fprintf(&b, "%s: %v\n", rt.Name, rt.Matched)
			for _, c := range rt.Changes {
				fmt.Fprintf(&b, "  %s: %s -> %s\n", c.Path, c.Old.AppendJSON(nil), c.New.AppendJSON(nil))
			}
			if rt.Error != "" {
				fmt.Fprintf(&b, "  failed: %s\n", rt.Error)
			}
		}
		if result.DroppedBy != "" {
			fmt.Fprintf(&b, "dropped by %s, sampled %v\n", result.DroppedBy, result.Sampled)
		}
		for _, s := range result.Skipped {
			fmt.Fprintf(&b, "not for %s: %s\n", s.Destination, s.Rule)
		}
		if result.Failed > 0 {
			fmt.Fprintf(&b, "failed %d\n", result.Failed)
		}
	}
	var seen []trace.Rule
	result := r.Apply(m, &rules.Env{}, e, &seen)
	tell(e, seen, result)
	for queue := result.Emitted; len(queue) > 0; queue = queue[1:] {
		one := queue[0]
		fmt.Fprintf(&b, "emitted by %s: %s %s params %s\n", one.Rule, one.ID, one.Name, one.Params.AppendJSON(nil))
		var seen []trace.Rule
		result := r.Continue(m, &rules.Env{}, &one, &seen)
		tell(&one.Event, seen, result)
		queue = append(queue, result.Emitted...)
	}
	return b.String()
}

var ruleCases = []struct{ name, yaml, story string }{
	{"staff is left out", `
rules:
  - name: leave staff out
    when: in_cidr(device.ip, "198.51.100.0/24")
    drop: true
  - name: never reached
    set: {params.a: 1}
`, `
leave staff out: true
dropped by leave staff out, sampled false
`},
	{"values are set from top to bottom, each seeing the one before", `
tables:
  margin: {A1: 2}
rules:
  - name: net value
    when: name == "purchase"
    set:
      params.value: =params.value - default(params.tax, 0)
      params.double: =params.value * 2
      params.currency: =upper(params.currency)
      params.margin: =sum(items, lookup("margin", .id, 0) * .quantity)
      params.text: EUR
      params.number: 10
      params.quoted: "10"
      params.yes: true
      params.filled: order {params.transaction_id} of {user.traits.plan}, {{as is}}
      params.list: [a, =params.value, =params.missing, 3]
      params.object: {k: =name, empty: =params.missing, deep: {x: ""}}
`, `
net value: true
  params.value: 119 -> 100
  params.double: null -> 200
  params.currency: "eur" -> "EUR"
  params.text: null -> "EUR"
  params.number: null -> 10
  params.quoted: null -> "10"
  params.yes: null -> true
  params.filled: null -> "order T-1 of pro, {as is}"
  params.list: [1,"two"] -> ["a",100,3]
  params.object: null -> {"k":"purchase"}
  failed: rules.yaml:11:61: .quantity is nil and cannot be calculated with; write default(.quantity, 0)
failed 1
`},
	{"the order of work is rename, set, remove", `
rules:
  - name: order id has many names
    remove: [params.debug, params.nested.a, user.email]
    set: {params.debug: 1, params.nested.c: 2}
    rename: {params.transaction_id: params.order, params.missing: params.nothing, user.client_id: user.user_id}
`, `
order id has many names: true
  params.transaction_id: "T-1" -> null
  params.order: null -> "T-1"
  user.client_id: "c.1" -> null
  user.user_id: null -> "c.1"
  params.debug: null -> 1
  params.nested.c: null -> 2
  params.debug: 1 -> null
  params.nested.a: {"b":7} -> null
  user.email: "Person@Shop.example" -> null
`},
	{"a failing formula costs its own key, a failing condition its rule", `
rules:
  - name: broken
    when: params.missing.x + 1 > 2
    drop: true
  - name: half broken
    set:
      params.a: =params.missing * 2
      params.b: 5
      session.number: =params.currency
`, `
broken: false
  failed: rules.yaml:4:11: params.missing.x is nil and cannot be calculated with; write default(params.missing.x, 0)
half broken: true
  params.b: null -> 5
  failed: rules.yaml:8:18: params.missing is nil and cannot be calculated with; write default(params.missing, 0)
failed 3
`},
	{"an empty result takes the key out", `
rules:
  - name: empty
    set: {params.value: =params.missing, user.email: =nil, params.flag: =""}
`, `
empty: true
  params.value: 119 -> null
  user.email: "Person@Shop.example" -> null
  params.flag: true -> null
`},
	{"rules for other events are not even tried, so they cannot fail", `
rules:
  - {name: a, when: 'params.missing * 2 > 0 and name == "page_view"', drop: true}
  - {name: b, when: 'name in ["scroll", "purchase"]', set: {params.b: 1}}
  - {name: c, when: 'geo.eu and name == "scroll"', drop: true}
  - {name: d, when: 'name == "scroll" or name == "purchase"', set: {params.d: 1}}
  - {name: e, when: 'name == "scroll" or geo.eu', set: {params.e: 1}}
`, `
a: false
b: true
  params.b: null -> 1
c: false
d: true
  params.d: null -> 1
e: true
  params.e: null -> 1
`},
	{"a changed name decides about the rules after it", `
rules:
  - {name: a, when: 'name == "purchase"', set: {name: sale}}
  - {name: b, when: 'name == "purchase"', drop: true}
  - {name: c, when: 'name == "sale"', set: {params.c: 1}}
`, `
a: true
  name: "purchase" -> "sale"
b: false
c: true
  params.c: null -> 1
`},
	{"skip and only add up, and the first rule is the reason", `
rules:
  - {name: not these, skip: [tiktok]}
  - {name: only these, only: [ga4, archive]}
`, `
not these: true
only these: true
not for tiktok: not these
not for meta: only these
`},
	{"an emitted event is the visitor's, has its own params, and goes through the rules below", `
rules:
  - {name: above, set: {params.above: 1}}
  - name: thank-you page is a lead
    when: page.path startsWith "/thanks"
    emit: {name: generate_lead, params.value: 10, params.from: =params.transaction_id}
    remove: [params.transaction_id]
  - {name: below, when: 'name == "generate_lead"', set: {params.below: 1}, skip: [meta]}
`, `
above: true
  params.above: null -> 1
thank-you page is a lead: true
  params.transaction_id: "T-1" -> null
below: false
emitted by thank-you page is a lead: e1-b3813416 generate_lead params {"value":10}
below: true
  params.below: null -> 1
not for meta: below
`},
	{"emitting rules cannot run away", `
rules:
  - {name: a, emit: {name: x}}
  - {name: b, emit: {name: ""}}
`, ``},
	{"a visitor outside the sample is dropped", `
rules:
  - {name: keep none, sample: 0%}
`, `
keep none: true
dropped by keep none, sampled true
`},
	{"all of them are kept", `
rules:
  - {name: keep all, sample: 100%}
`, `
keep all: true
`},
}

func TestRules(t *testing.T) {
	for _, c := range ruleCases {
		t.Run(c.name, func(t *testing.T) {
			l, r, ms := load(t, c.yaml, rules.RuleScope(), []string{"ga4", "meta", "tiktok", "archive"})
			if c.story == "" {
				if !strings.Contains(ms.Error(), "has no name") {
					t.Fatalf("got %v", ms)
				}
				return
			}
			if len(ms) > 0 {
				t.Fatal(ms.Err())
			}
			if got := story(l, r, purchase()); got != strings.TrimPrefix(c.story, "\n") {
				t.Errorf("got\n%s\nwant%s", got, c.story)
			}
		})
	}
}

func TestMistakesInRules(t *testing.T) {
	for _, c := range []struct{ name, yaml, want string }{
		{"a path with a typo", "rules:\n- name: x\n  set: {page.ulr: 1}", `rules.yaml:3:9: no field "page.ulr"; did you mean "page.url"?`},
		{"a bare name", "rules:\n- name: x\n  set: {colour: 1}", `rules.yaml:3:9: no field "colour"; what a site says of its own is in params: "params.colour"`},
		{"a group with a typo", "rules:\n- name: x\n  remove: [parms.debug]", `rules.yaml:3:12: no field "parms.debug"; did you mean "params.debug"?`},
		{"consent is not for rules to widen", "rules:\n- name: x\n  set: {consent.ads: true}", `rules.yaml:3:9: a rule cannot change consent: only the visitor can grant`},
		{"nor by renaming", "rules:\n- name: x\n  rename: {params.ads: consent.ads}", `rules.yaml:3:24: a rule cannot change consent: only the visitor can grant`},
		{"nor in an emitted event", "rules:\n- name: x\n  emit: {name: y, consent.ads: true}", `rules.yaml:3:19: a rule cannot change consent: only the visitor can grant`},
		{"a consent string is not for rules to make", "rules:\n- name: x\n  set: {signals.gpp: DBAA}", `rules.yaml:3:9: a rule cannot change signals: only the visitor's consent tool makes them; to keep an event from a destination, use skip`},
		{"nor to move or to take away", "rules:\n- name: x\n  rename: {signals.gpp: params.gpp}\n  remove: [signals, signals.gdpr]", "rules.yaml:3:12: a rule cannot change signals: only the visitor's consent tool makes them; to keep an event from a destination, use skip\n" +
			"rules.yaml:4:12: a rule cannot change signals: only the visitor's consent tool makes them; to keep an event from a destination, use skip\n" +
			"rules.yaml:4:21: a rule cannot change signals: only the visitor's consent tool makes them; to keep an event from a destination, use skip"},
		{"nor in an emitted event", "rules:\n- name: x\n  emit: {name: y, signals.gdpr: '0'}", `rules.yaml:3:19: a rule cannot change signals: only the visitor's consent tool makes them; to keep an event from a destination, use skip`},
		{"the id stays", "rules:\n- name: x\n  set: {id: a}", `rules.yaml:3:9: a rule cannot change id: vendors deduplicate on it`},
		{"a constant of another type", "rules:\n- name: x\n  set: {session.number: many}", `rules.yaml:3:9: session.number: expected a number`},
		{"an unknown destination", "rules:\n- name: x\n  skip: [tictok]", `rules.yaml:3:10: no destination "tictok"; did you mean "tiktok"?`},
		{"skip and only", "rules:\n- name: x\n  skip: [meta]\n  only: [ga4]", `rules.yaml:2:3: a rule cannot have both skip and only; write one of them`},
		{"the same name twice", "rules:\n- {name: x, drop: true}\n- {name: x, drop: true}", `rules.yaml:3:3: two rules have the name "x"; the other one is at rules.yaml:2:3`},
		{"a condition that is no condition", "rules:\n- name: x\n  when: page.url", `rules.yaml:3:9: expected true or false, but this is text; compare it with something: ... == ..., ... != ""`},
		{"settings outside a destination", "rules:\n- name: x\n  when: settings.a == 1", `rules.yaml:3:9: settings is known only inside a destination`},
		{"a quoted condition keeps its columns", "rules:\n- name: x\n  when: 'page.ulr == \"\"'", `rules.yaml:3:10: no field "page.ulr"; did you mean "page.url"?`},
		{"a mistake inside a hole", "rules:\n- name: x\n  set: {params.a: 'id {pgae.url}'}", `rules.yaml:3:24: no field "pgae"; did you mean "page"?`},
		{"a brace alone", "rules:\n- name: x\n  set: {params.a: 'a } b'}", `rules.yaml:3:22: this } closes nothing; write }} for a brace itself`},
		{"a brace that is not closed", "rules:\n- name: x\n  set: {params.a: 'a {b'}", `rules.yaml:3:22: this { is never closed; write {{ for a brace itself`},
		{"an empty condition", "rules:\n- name: x\n  when: ''", `rules.yaml:3:10: the formula is empty; a value that YAML itself takes away, such as !bot or #id, has to be quoted`},
		{"a condition that was forgotten", "rules:\n- name: x\n  when:\n  drop: true", `rules.yaml:3:8: "when" has no value; write one, or leave the key out`},
		{"a condition that YAML takes away", "rules:\n- name: x\n  when: !bot\n  drop: true", `rules.yaml:3:9: YAML takes "!bot" for a tag, not for a part of the value; write the value in quotes: '!bot', or write "not" instead of "!"`},
		{"only nobody", "rules:\n- name: x\n  only: []", `rules.yaml:2:3: only names no destination; drop: true leaves the event out everywhere`},
		{"a leading zero", "rules:\n- name: x\n  set: {params.zip: 0123}", `rules.yaml:3:21: 0123 could be a number or a text; write it in quotes if it is text: "0123"`},
		{"an event without a name", "rules:\n- name: x\n  emit: {params.a: 1}", `rules.yaml:2:3: the event that emit makes has no name; emit: {name: generate_lead}`},
		{"all of them at once", "rules:\n- name: x\n  when: a\n  set: {b: 1}\n  skip: [c]", "rules.yaml:3:9: no field \"a\"; write texts in quotes: \"a\"\nrules.yaml:4:9: no field \"b\"; what a site says of its own is in params: \"params.b\"\nrules.yaml:5:10: no destination \"c\"; there is ga4, meta, tiktok"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, ms := load(t, c.yaml, rules.RuleScope(), []string{"ga4", "meta", "tiktok"})
			if got := fmt.Sprint(ms.Err()); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestADestinationsOwnRulesOnlyChangeItsCopy(t *testing.T) {
	for yaml, want := range map[string]string{
		"rules:\n- name: x\n  skip: [meta]":    `rules.yaml:3:10: the rules of a destination have no skip and no only; drop: true leaves the event out of this destination`,
		"rules:\n- name: x\n  emit: {name: y}": `rules.yaml:2:3: the rules of a destination cannot emit events; put the rule under rules: of the whole configuration`,
	} {
		_, _, ms := load(t, yaml, rules.DestinationScope([]string{"pixel_id"}), nil)
		if got := fmt.Sprint(ms.Err()); got != want {
			t.Errorf("\n got %s\nwant %s", got, want)
		}
	}
	l, r, ms := load(t, "rules:\n- {name: x, set: {params.value: 1, params.nested.a: 2, user.traits.plan: '{settings.pixel_id}', items: [{id: C3}]}}",
		rules.DestinationScope([]string{"pixel_id"}), nil)
	if len(ms) > 0 {
		t.Fatal(ms.Err())
	}
	original := purchase()
	before := string(original.AppendJSON(nil))
	copied := *original
	m := l.Machine()
	r.Apply(m, &rules.Env{Settings: event.Map{{Key: "pixel_id", Value: event.String("111")}}}, &copied, nil)
	if after := string(original.AppendJSON(nil)); after != before {
		t.Errorf("the shared event changed\nfrom %s\n  to %s", before, after)
	}
	if copied.Params.Text("value") != "1" || copied.User.Traits.Text("plan") != "111" || copied.Items[0].ID != "C3" {
		t.Errorf("the copy did not change: %s", copied.AppendJSON(nil))
	}
}

func TestASampleKeepsTheSameVisitorsAndTheRightShare(t *testing.T) {
	l, r, ms := load(t, "rules:\n- {name: x, sample: 10%}", rules.RuleScope(), nil)
	if len(ms) > 0 {
		t.Fatal(ms.Err())
	}
	m := l.Machine()
	kept := 0
	for i := range 20_000 {
		e := &event.Event{ID: fmt.Sprint("e", i), User: event.User{ClientID: fmt.Sprintf("%d.1700000000", i)}}
		first := r.Apply(m, &rules.Env{}, e, nil).Sampled
		e.ID, e.Name = "other", "scroll"
		if r.Apply(m, &rules.Env{}, e, nil).Sampled != first {
			t.Fatal("a visitor is kept once and dropped once")
		}
		if !first {
			kept++
		}
	}
	if kept < 1850 || kept > 2150 {
		t.Errorf("10%% of 20000 visitors are %d", kept)
	}
}

func TestEmittedEventsAreBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("rules:\n")
	for i := range 30 {
		fmt.Fprintf(&b, "- {name: r%d, emit: {name: x}}\n", i)
	}
	l, r, ms := load(t, b.String(), rules.RuleScope(), nil)
	if len(ms) > 0 {
		t.Fatal(ms.Err())
	}
	m := l.Machine()
	all := func() (ids []string) {
		result := r.Apply(m, &rules.Env{}, purchase(), nil)
		for queue := result.Emitted; len(queue) > 0; queue = queue[1:] {
			ids = append(ids, queue[0].ID)
			queue = append(queue, r.Continue(m, &rules.Env{}, &queue[0], nil).Emitted...)
		}
		return ids
	}
	ids := all()
	unique := map[string]bool{}
	for _, id := range ids {
		unique[id] = true
	}
	if len(ids) != 16 || len(unique) != 16 {
		t.Errorf("%d events with %d ids", len(ids), len(unique))
	}
	if again := all(); !slices.Equal(again, ids) {
		t.Error("the same event emits other ids the second time")
	}
}
