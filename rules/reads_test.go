package rules_test

import (
	"testing"

	"headgate/document"
	"headgate/rules"
)

func TestAFormulaSaysWhatItReadsHoweverItComesByIt(t *testing.T) {
	l := language(t)
	for _, c := range []struct {
		formula, path string
		want          bool
	}{
		{`params.value > 1`, "params.value", true},
		{`params.value > 1`, "params", true},
		{`params.value > 1`, "params.tax", false},
		{`params.value > 1`, "page.url", false},
		{`params["value"]`, "params.value", true},
		{`event["params"].value`, "params.value", true},
		{`event["params"]["value"]`, "params.tax", false},
		{`params[lower("VALUE")]`, "params.value", true},
		{`params?.nested?.a`, "params.nested.a.b", true},
		{`let p = params; p.value`, "params.value", true},
		{`let p = params; p.value`, "params.tax", false},
		{`let e = event; let p = e.params; p["value"]`, "params.value", true},
		{`let e = event; e.page.url`, "params.value", false},
		{`let e = event; json(e)`, "params.value", true},
		{`json(event)`, "signals.tcf", true},
		{`json(page)`, "page.url", true},
		{`json(page)`, "user.email", false},
		{`event.page.url`, "user.email", false},
		{`get(params, "value")`, "params.value", true},
		{`lookup("tiers", params.tier)`, "params.tier", true},
		{`lookup("tiers", "gold", params.tier)`, "params.tier", true},
		{`lookup("tiers", "gold")`, "params.tier", false},
		{`params.flag ? name : page.url`, "page.url", true},
		{`(params.flag ? params : settings).value`, "params.value", true},
		{`default(nil, user.email)`, "user.email", true},
		{`user.email ?? name`, "name", true},
		{`sum(items, .price)`, "items", true},
		{`any([1], # == params.value)`, "params.value", true},
		{`map(params.list, .b)`, "params.list", true},
		{`batch[0].user.email`, "user.email", true},
		{`map(batch, .user.email)`, "user.email", true},
		{`map(batch, #["user"].email)`, "user.email", true},
		{`map(batch, .id)`, "user.email", false},
		{`json(map(batch, #))`, "user.email", true},
		{`find(batch, .id == "e1").user.email`, "user.email", true},
		{`let b = batch; b[0].user.email`, "user.email", true},
		{`json(batch)`, "user.email", true},
		{`len(batch) > 1`, "user.email", true}, // all of batch is used: not certain, so yes
		{`"user.email" == name`, "user.email", false},
		{`settings.pixel_id + theirs`, "params.pixel_id", false},
		{`worth(event)`, "items", true},
		{`worth(event)`, "signals", false},
		{`action_source(event)`, "device.user_agent", true},
		{`worth(first(batch))`, "params.value", true},
	} {
		f, ms := l.Formula(words(c.formula), everything(), rules.Any)
		if len(ms) > 0 {
			t.Fatal(ms.Err())
		}
		if got := f.Reads(c.path); got != c.want {
			t.Errorf("%s reads %s: %v", c.formula, c.path, got)
		}
	}
}

func TestALanguageKnowsWhatAllOfItsFormulasRead(t *testing.T) {
	l := language(t)
	for _, formula := range []string{`event.page.url`, `worth(event)`} {
		if _, ms := l.Formula(words(formula), everything(), rules.Any); len(ms) > 0 || l.Reads("signals") {
			t.Errorf("%s reads signals: %v", formula, ms)
		}
	}
	if _, ms := l.Formula(words(`let e = event; get(e, "signals.tcf")`), everything(), rules.Any); len(ms) > 0 || !l.Reads("signals") {
		t.Error("a formula that is given the whole event reads no signals", ms)
	}
}

func TestATemplateSaysWhatItReads(t *testing.T) {
	l := language(t)
	for _, c := range []struct {
		yaml, own   string
		params, any bool
	}{
		{`page.url`, "", false, false},
		{`=page.url`, "page", false, true},
		{`=event.page.url`, "page", false, true},
		{`=json(event)`, "event", true, true},
		{`=theirs`, "theirs", false, true},
		{`a{settings.pixel_id}b{{params.value}}`, "", false, false},
		{`a{settings.pixel_id}b{params.value}`, "params", true, true},
		{`{a: [x, {b: =params.value}]}`, "params", true, true},
		{`{a: [x, {b: "{let p = params; p.value}"}]}`, "params", true, true},
		{`=settings.pixel_id`, "", false, false},
		{`=sum(batch, .params.value)`, "", true, true},
		{`=batch[0].id`, "", false, true},
		{`'{upper(theirs) + "page.url"}'`, "theirs", false, true},
		{`=(any(items, .id == "1") and not geo.eu)`, "items", false, true},
		{``, "", false, false},
	} {
		n, ms := document.Parse("meta.yaml", []byte("v: "+c.yaml))
		if len(ms) > 0 {
			t.Fatal(ms.Err())
		}
		tmpl, ms := l.Template(n.Get("v"), everything())
		if len(ms) > 0 {
			t.Fatal(ms.Err())
		}
		if tmpl.Own() != c.own || tmpl.Reads("params.value") != c.params || tmpl.ReadsEvents() != c.any {
			t.Errorf("%s: own %q, params.value %v, events %v", c.yaml, tmpl.Own(), tmpl.Reads("params.value"), tmpl.ReadsEvents())
		}
	}
}

func TestWhatHoldsWithoutConsent(t *testing.T) {
	l := language(t)
	for formula, want := range map[string]bool{
		`not consent.ads`:                                   true,
		`!consent.ads`:                                      true,
		`not consent["ads"]`:                                true,
		`not event.consent.ads`:                             true,
		`not event["consent"].ads`:                          true,
		`consent.ads == false`:                              true,
		`false == consent.ads`:                              true,
		`consent.ads != true`:                               true,
		`not (consent.ads == true)`:                         true,
		`let c = consent; not c.ads`:                        true,
		`let e = event; not e.consent.ads`:                  true,
		`let given = consent.ads; not given`:                true,
		`let c = consent.ads; let d = not c; d`:             true,
		`not consent.sharing or not consent.ads`:            true,
		`not (consent.sharing and consent.ads)`:             true,
		`not consent.ads or params.value * 2 > 3`:           true,
		`not not not consent.ads`:                           true,
		`consent.ads`:                                       false,
		`not consent.sharing`:                               false,
		`not consent.ads and geo.country == "US"`:           false,
		`geo.country == "US" ? not consent.ads : false`:     false,
		`params.value * 2 > 3 or not consent.ads`:           false, // the left side may fail
		`not (consent.ads or consent.sharing)`:              false,
		`name == "not consent.ads"`:                         false,
		`not (not consent.ads)`:                             false,
		`not consent.ads == false`:                          false,
		`not params.ads`:                                    false,
		`not batch[0].consent.ads`:                          false,
		`not consent.ads and not consent.sharing`:           false,
		`let consented = params.value; not (consented > 1)`: false,
	} {
		f, ms := l.Formula(words(formula), everything(), rules.Truth)
		if len(ms) > 0 {
			t.Fatal(ms.Err())
		}
		if got := f.HoldsWithout("ads"); got != want {
			t.Errorf("%s holds without ads: %v", formula, got)
		}
	}
}
