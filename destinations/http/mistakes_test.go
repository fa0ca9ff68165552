package http_test

import (
	"strings"
	"testing"
	"time"

	"headgate/destinations"
)

// What people who write a destination get wrong, and what they are told.
func TestMistakesInAFile(t *testing.T) {
	const good = `name: crm
title: CRM
kind: generic
docs: https://crm.example/docs
needs: [analytics]
refused: drop
settings:
  key:  {type: secret, help: API key}
  team: {type: text, help: Team, example: web}
events: {purchase: Order}
send:
  post: https://crm.example/{settings.team}
  auth: {bearer: =settings.key}
  body:
    order: =params.transaction_id
answers:
  - {when: status == 409, then: delivered}
`
	for _, c := range []struct{ name, replace, by, want string }{
		{"nothing", "", "", ""},
		{"an unknown key", "refused: drop", "refused: drop\nbatches: 3", `crm/crm.yaml:7:1: unknown key "batches"`},
		{"a key that is nearly right", "answers:", "answer:", `crm/crm.yaml:16:1: unknown key "answer"; did you mean "answers"?`},
		{"no consent", "needs: [analytics]\n", "", `crm/crm.yaml:1:1: no consent needs; write needs: with the purposes that must be granted, or needs: none with a reason:`},
		{"needs none without a reason", "needs: [analytics]", "needs: none", `crm/crm.yaml:5:8: needs: none without a reason; write reason: why no consent is needed`},
		{"no refused", "refused: drop\n", "", `crm/crm.yaml:1:1: refused is missing; write refused: drop, or refused: {redact: cookieless}`},
		{"a purpose as text", "[analytics]", "analytics", `crm/crm.yaml:5:8: expected a list of consent purposes; write needs: [analytics], or needs: none with a reason:`},
		{"a field that does not exist", "=params.transaction_id", "=page.ulr", `crm/crm.yaml:15:13: no field "page.ulr"; did you mean "page.url"?`},
		{"a setting that does not exist", "=settings.key", "=settings.kye", `crm/crm.yaml:13:19: no setting "kye"; did you mean "key"?`},
		{"a function that does not exist", "=params.transaction_id", "=sha265(id)", `crm/crm.yaml:15:13: no function "sha265"; did you mean "sha256"?`},
		{"a verdict that does not exist", "then: delivered", "then: deliverd", `crm/crm.yaml:17:33: no verdict "deliverd"; did you mean "delivered"?`},
		{"a type that does not exist", "type: text", "type: string", `crm/crm.yaml:9:3: no type "string" of settings; write one of text, secret, number, bool, choice, list, map, duration, url, formula`},
		{"a formula that nobody runs", "type: text", "type: formula", `crm/crm.yaml:9:3: setting team is a formula, which only a driver runs; write type: text, and the formula below send:`},
		{"a signature for no service", "auth: {bearer: =settings.key}", "auth: {aws: {region: =settings.team}}", `crm/crm.yaml:13:15: aws needs a service and a region; write aws: {service: kinesis, region: =settings.region}`},
		{"no help", ", help: Team", "", `crm/crm.yaml:9:3: setting team has no help; write help: with one sentence that says what it is and where to find it`},
		{"no example", ", example: web", "", `crm/crm.yaml:9:3: setting team has no example; write example: with a value that would be right`},
		{"a kind that does not exist", "kind: generic", "kind: crm", `crm/crm.yaml:3:1: no kind "crm" of destinations; write one of ads, analytics, engagement, warehouse, generic`},
		{"no kind", "kind: generic\n", "", `crm/crm.yaml:1:1: no kind; write kind: with one of ads, analytics, engagement, warehouse, generic`},
		{"each without as", "=params.transaction_id", "{each: =items}", `crm/crm.yaml:15:19: each without as; write as: with what each becomes`},
		{"what is no YAML", "    order:", "\torder:", `crm/crm.yaml:15:1: a tab indents this line; indent with spaces`},
		{"two methods", "  post:", "  get: https://crm.example/\n  post:", `crm/crm.yaml:12:3: expected exactly one of get, post, put, patch and delete; write post: with the address`},
		{"another name than the file's", "name: crm", "name: CRM", `crm/crm.yaml:1:1: the name "CRM" is not the file's; write name: crm`},
		{"a batch that is not walked", "  body:", "  batch: {events: 10}\n  body:", `crm/crm.yaml:12:3: several events share a request, but the body has no each: =batch; write each: =batch with as:, or leave batch: out`},
		{"an event's field where several share a request", "    order: =params.transaction_id", "    order: =params.transaction_id\n    all: {each: =batch, as: =id}\n  batch: {events: 10}",
			`crm/crm.yaml:15:12: params belongs to one event, but several share a request; write it below each: =batch, or group the events with batch: {by: ...}`},
		{"a key that each does not have", "=params.transaction_id", "{each: =items, as: =item.id, wher: item.price > 0}", `crm/crm.yaml:15:41: unknown key "wher" next to each; did you mean "where"?`},
		{"an answer without a verdict", ", then: delivered", "", `crm/crm.yaml:17:12: an answer without then; write then: delivered, retry, reject or halt`},
		{"isolate that does not exist", "then: delivered", "then: reject, isolate: halve", `crm/crm.yaml:17:12: isolate cannot be "halve"; write isolate: bisect, or isolate: drop_named with rows:`},
		{"a contact field that is none", "events:", "plain: [mail]\nplain_reason: x\nevents:", `crm/crm.yaml:10:1: plain names "mail", which is not a contact field; did you mean "email"?`},
		{"a driver that is not there", "send:\n  post: https://crm.example/{settings.team}\n  auth: {bearer: =settings.key}\n  body:\n    order: =params.transaction_id\nanswers:\n  - {when: status == 409, then: delivered}\n", "driver: kafka\n",
			`crm/crm.yaml:1:1: no driver "kafka" in this program`},
		{"a name of an event that is a number", "purchase: Order", "purchase: 12", `crm/crm.yaml:10:20: expected a name, not a number; write it in quotes: "12"`},
		{"extending what is not there", "kind:", "extends: mta\nkind:", `crm/crm.yaml:1:1: extends "mta", which is not in the catalogue`},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := strings.Replace(good, c.replace, c.by, 1)
			if c.replace != "" && file == good {
				t.Fatal("the mistake is not in the file")
			}
			_, ms := tryOwn(t, file, `settings: {team: web}`, nil)
			if got := strings.TrimSpace(ms.Error()); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// What people who use a destination get wrong.
func TestMistakesInTheConfiguration(t *testing.T) {
	for _, c := range []struct{ name, use, entry, want string }{
		{"a setting left out", "meta", `settings: {pixel_id: "1"}`, `headgate.yaml:1:1: meta needs the setting access_token; Events Manager → Data sources → Settings → Conversions API → Generate access token`},
		{"a setting that does not exist", "meta", `settings: {pixel_id: "1", access_token: t, pixle: "2"}`, `headgate.yaml:1:44: meta has no setting "pixle"; there is pixel_id, access_token, app_secret, version, endpoint, test_code, action_source, content_type, custom_params, ldu_country, ldu_state`},
		{"a number in place of text", "meta", `settings: {pixel_id: 123, access_token: t}`, `headgate.yaml:1:22: pixel_id: expected text; write it in quotes: "123"`},
		{"a text that does not look right", "ga4", `settings: {measurement_id: UA-1, api_secret: t}`, `headgate.yaml:1:28: measurement_id: "UA-1" does not look right: it should match G-[A-Z0-9]+; an example is "G-ABC1234567"`},
		{"a choice that is none", "ga4", `settings: {measurement_id: G-1, api_secret: t, region: us}`, `headgate.yaml:1:56: region: no choice "us"; write one of world, eu`},
		{"no address", "webhook", `settings: {url: hooks.shop.example}`, `headgate.yaml:1:17: url: "hooks.shop.example" is not an address; write it with https:// and a host`},
		{"a password in an address", "webhook", `settings: {url: "https://me:pass@hooks.shop.example/"}`, `headgate.yaml:1:17: url: an address with a user name or password in it; use the settings for them`},
		{"truth as text", "ga4", `settings: {measurement_id: G-1, api_secret: t, validate: sometimes}`, `headgate.yaml:1:58: validate: expected true or false`},
		{"less consent than needed", "ga4", `{settings: {measurement_id: G-1, api_secret: t}, consent: {needs: none}}`, `headgate.yaml:1:67: ga4 needs analytics, and this leaves it out; add it, or write reason: why it may go without`},
		{"less consent with a reason", "ga4", `{settings: {measurement_id: G-1, api_secret: t}, consent: {needs: none, reason: the site has no visitors in the EU}}`, ""},
		{"other consent than needed", "meta", `{settings: {pixel_id: "1", access_token: t}, consent: {needs: [analytics]}}`, `headgate.yaml:1:63: meta needs ads, and this leaves it out; add it, or write reason: why it may go without`},
		{"a purpose that the vendor is told about may be left out", "meta", `{settings: {pixel_id: "1", access_token: t}, consent: {needs: [ads], refused: drop}}`, ""},
		{"redacted events where none were sent", "meta", `{settings: {pixel_id: "1", access_token: t}, consent: {refused: {redact: cookieless}}}`, `headgate.yaml:1:1: meta is sent nothing without consent, and this sends it redacted events; write reason: why that is lawful`},
		{"a vendor that is checked no more", "ga4", `{settings: {measurement_id: G-1, api_secret: t}, consent: {vendor: -1}}`, `headgate.yaml:1:1: the vendor is not checked without a reason; write reason: why`},
		{"another vendor", "meta", `{settings: {pixel_id: "1", access_token: t}, consent: {vendor: {ac: 89}}}`, ""},
		{"a vendor with a key that is none", "meta", `{settings: {pixel_id: "1", access_token: t}, consent: {vendor: {tfc: 89}}}`, `headgate.yaml:1:65: unknown key "tfc"; did you mean "tcf"?`},
		{"a batch that is too large", "meta", `{settings: {pixel_id: "1", access_token: t}, delivery: {batch: 5000}}`, `headgate.yaml:1:1: meta takes at most 1000 events in a request, not 5000; write batch: 1000 or less`},
		{"a destination that does not exist", "mta", `{}`, `headgate.yaml:1:1: no destination "mta" in the catalogue; did you mean "meta"?`},
		{"a formula in when that is wrong", "webhook", `{settings: {url: "https://h.example/"}, when: 'params.value >'}`, `headgate.yaml:1:62: the formula ends too early; something is missing after ">"`},
		{"a rule for this destination that is wrong", "webhook", `{settings: {url: "https://h.example/"}, rules: [{name: x, when: page.ulr == "", drop: true}]}`, `headgate.yaml:1:65: no field "page.ulr"; did you mean "page.url"?`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, ms := tryOpen(t, builtIn(t), c.use, c.entry, nil)
			if got := strings.TrimSpace(ms.Error()); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestASecretMustNotStandInTheFile(t *testing.T) {
	_, ms := tryOpen(t, builtIn(t), "meta", `settings: {pixel_id: "1", access_token: EAAGm0PX4ZCpsBAKZCx7Qw9}`, func(d *destinations.Deps) { d.LiteralSecrets = false })
	if len(ms) != 1 || !strings.Contains(ms[0].Fact, "secret") || strings.Contains(ms.Error(), "EAAG") {
		t.Fatal(ms)
	}
}

func TestAVersionPastItsEndIsAWarning(t *testing.T) {
	file := crm + `
settings:
  version: {type: text, default: "202511", help: Version, ends: {"202511": "2026-11-16"}}
docs: https://crm.example/versions
send: {post: "https://crm.example/{settings.version}", body: {id: =id}}
`
	for day, want := range map[string]string{
		"2026-11-15": "",
		"2026-11-16": "headgate.yaml:1:1: version 202511 has not been accepted by the vendor since 2026-11-16; choose a newer one: see https://crm.example/versions",
	} {
		now, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		d := own(t, file, "{}", func(deps *destinations.Deps) { deps.Now = func() time.Time { return now } })
		if got := d.Warnings().Error(); got != want {
			t.Errorf("on %s: %q, want %q", day, got, want)
		}
	}
}

func TestAVariantTakesWhatItDoesNotWriteItself(t *testing.T) {
	base := crm + "settings:\n  team: {type: text, help: Team, default: web}\nsend: {post: 'https://crm.example/{settings.team}', body: {id: =id}}\n"
	files := map[string]string{
		"crm.yaml":      base,
		"twin.yaml":     "name: twin\nextends: crm\ntitle: Twin\nneeds: [ads]\nrefused: drop\nsettings:\n  team: {type: text, help: Team, default: twin}\n",
		"orphan.yaml":   "name: orphan\nextends: crm\n",
		"grandson.yaml": "name: grandson\nextends: twin\nneeds: [ads]\nrefused: drop\n",
	}
	_, wrong := loadFiles(files)
	want := "orphan.yaml:1:1: no consent needs (they are never inherited from crm); write needs: with the purposes that must be granted, or needs: none with a reason:"
	if !strings.Contains(wrong.Error(), want) || !strings.Contains(wrong.Error(), "grandson.yaml:1:1: extends twin, which itself extends crm; extend crm") {
		t.Fatal(wrong)
	}
	delete(files, "orphan.yaml")
	delete(files, "grandson.yaml")
	c, ms := loadFiles(files)
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	d, ms := tryOpen(t, c, "twin", "{}", nil)
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	requests, _ := d.Encode(numbered(1))
	if requests[0].URL != "https://crm.example/twin" || d.Need().Purposes[0] != "ads" {
		t.Fatalf("%s %v", requests[0].URL, d.Need())
	}
}
