package destinations_test

import (
	"strings"
	"testing"
)

// A purpose may be left out of needs: where every event without it is flagged for the vendor, and only there.
func TestAPurposeMayBeLeftOutOnlyWhereTheVendorIsAlwaysInformed(t *testing.T) {
	const told, refused = "", "headgate.yaml:1:18: crm needs ads, and this leaves it out; add it, or write reason: why it may go without"
	for when, want := range map[string]string{
		`not consent.ads`:                               told,
		`not consent["ads"]`:                            told,
		`let c = consent; not c.ads`:                    told,
		`consent.ads == false`:                          told,
		`not consent.sharing or not consent.ads`:        told,
		`not consent.ads and geo.country == "US"`:       refused,
		`not consent.ads_measurement`:                   refused, // no purpose of ours: the formula is wrong, too
		`name == "not consent.ads"`:                     refused,
		`not consent.sharing and not consent.ads`:       refused,
		`geo.country == "US" ? not consent.ads : false`: refused,
	} {
		file := strings.Replace(crm, "needs: [analytics]", "needs: [analytics, ads]", 1) +
			"send: {post: \"https://crm.example/\", body: {id: =id}}\nflags:\n  - {when: '" + when + "', set: {limited: true}}\n"
		_, ms := tryOwn(t, file, `consent: {needs: [analytics]}`, nil)
		got := ""
		for _, m := range ms {
			if strings.Contains(m.Fact, "leaves it out") {
				got = m.Error()
			}
		}
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", when, got, want)
		}
	}
}

// What one event says cannot stand where several share a request, however the formula comes by it.
func TestAFieldOfOneEventIsFoundHoweverAFormulaReadsIt(t *testing.T) {
	for formula, name := range map[string]string{
		`=params.team`:                     "params",
		`=event["params"].team`:            "params",
		`=let p = params; p.team`:          "params",
		`=let e = event; e.params["team"]`: "params",
		`=json(event)`:                     "event",
		`x{upper(theirs)}`:                 "theirs",
		`=sum(batch, .params.value)`:       "",
		`=batch[0].params.team`:            "",
		`=let b = batch; b[0].params.team`: "",
		`="params.team"`:                   "",
		`{{params.team}}`:                  "",
	} {
		file := crm + "send:\n  post: https://crm.example/\n  batch: {events: 10}\n  body:\n    team: '" + formula + "'\n    all: {each: =batch, as: =params.team}\n"
		want := ""
		if name != "" {
			want = "crm/crm.yaml:12:11: " + name + " belongs to one event, but several share a request; write it below each: =batch, or group the events with batch: {by: ...}"
		}
		_, ms := tryOwn(t, file, `{}`, nil)
		if got := strings.TrimSpace(ms.Error()); got != want {
			t.Errorf("%s\n got %s\nwant %s", formula, got, want)
		}
	}
}
