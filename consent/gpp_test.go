package consent

import (
	"testing"

	"headgate/consent/iab"
	"headgate/consent/iab/iabtest"
	"headgate/consent/signals"
	"headgate/event/wording"
)

func TestGPPSections(t *testing.T) {
	all := uint32(0xffffff)
	for _, c := range []struct {
		name  string
		place string
		gpp   string
		sid   string
		want  string
	}{
		{"nothing opted out of", "US-CA", iabtest.GPP(iabtest.Section(8, iabtest.California(2, 2))), "8", "++++++"},
		{"the sale", "US-CA", iabtest.GPP(iabtest.Section(8, iabtest.California(1, 2))), "8", "+++---"},
		{"sharing", "US-CA", iabtest.GPP(iabtest.Section(8, iabtest.California(2, 1))), "8", "+++---"},
		{"GPC in the string", "US-CA", iabtest.GPP(iabtest.Section(8, iabtest.California(2, 2)+".YA")), "8", "+++---"},
		{"no GPC in the string", "US-CA", iabtest.GPP(iabtest.Section(8, iabtest.California(2, 2)+".QA")), "8", "++++++"},
		{"targeted advertising", "US-TX", iabtest.GPP(iabtest.Section(16, iabtest.Fields(0, 0, 0, 2, 1))), "16", "+++---"},
		{"a known child", "US-VA", iabtest.GPP(iabtest.Section(7, iabtest.National(2, 2, 2, 1))), "7", "+++---"},
		{"national, nothing opted out of", "US-VA", iabtest.GPP(iabtest.Section(7, iabtest.National(2, 2, 2, 2))), "7", "++++++"},
		{"national of before 2024", "US-VA", iabtest.GPP(iabtest.Section(7, iabtest.NationalLegacy(1, 0))), "7", "++++++"},
		{"national of before 2024 with a known child", "US-VA", iabtest.GPP(iabtest.Section(7, iabtest.NationalLegacy(0, 1))), "7", "+++---"},
		{"the state goes before the nation", "US-CA", iabtest.GPP(iabtest.Section(7, iabtest.National(1, 1, 1, 0)), iabtest.Section(8, iabtest.California(2, 2))), "7,8", "++++++"},
		{"another state does not", "US-VA", iabtest.GPP(iabtest.Section(7, iabtest.National(1, 1, 1, 0)), iabtest.Section(8, iabtest.California(2, 2))), "7,8", "+++---"},
		{"a section that does not apply", "US-CA", iabtest.GPP(iabtest.Section(8, iabtest.California(1, 1))), "7", "++++++"},
		{"none is said to apply, so all do", "US-CA", iabtest.GPP(iabtest.Section(8, iabtest.California(1, 1))), "", "+++---"},
		{"US Privacy inside", "US-CA", iabtest.GPP(iabtest.Section(6, "1YYN")), "6", "+++---"},
		{"a section that cannot be read may be an opt-out", "US-CA", iabtest.GPP(iabtest.Section(8, "***")), "8", "+++---"},
		{"a section that nobody knows", "US-CA", iabtest.GPP(iabtest.Section(40, "xyz")), "40", "++++++"},
		{"Maryland with a header", "US-MD", iabtest.GPP(iabtest.Section(24, iabtest.Headed(24, iabtest.Fields(0, 0, 0, 0, 0, 1, 2)))), "24", "+++---"},
		{"Maryland without", "US-MD", iabtest.GPP(iabtest.Section(24, iabtest.Fields(0, 0, 0, 0, 0, 2, 1))), "24", "+++---"},
		{"Maryland's GPC", "US-MD", iabtest.GPP(iabtest.Section(24, iabtest.Headed(24, iabtest.Fields(0, 0, 0, 0, 0, 2, 2))+".YA")), "24", "+++---"},
		{"Indiana's sensitive data is no GPC", "US-IN", iabtest.GPP(iabtest.Section(25, iabtest.Headed(25, iabtest.Fields(0, 0, 0, 0, 0, 2, 2))+".YA")), "25", "++++++"},
		{"TCF inside", "DE", iabtest.GPP(iabtest.Section(2, iabtest.MakeTC(iabtest.TC{Consents: iab.Purposes(1, 8, 9)}))), "2", "+-+---"},
		{"Canada, expressly", "CA-QC", iabtest.GPP(iabtest.Section(5, iabtest.Canada(today, iab.Purposes(1, 8, 9), 0))), "5", "+-+---"},
		{"Canada, by implication", "CA-QC", iabtest.GPP(iabtest.Section(5, iabtest.Canada(today, 0, all))), "5", "+-----"},
		{"Canada, by implication outside of Quebec", "CA-ON", iabtest.GPP(iabtest.Section(5, iabtest.Canada(today, 0, all))), "5", "+-----"},
		{"Canada, damaged", "CA-QC", iabtest.GPP(iabtest.Section(5, "BPSG")), "5", "+-----"},
	} {
		t.Run(c.name, func(t *testing.T) {
			query := "gpp=" + c.gpp
			if c.sid != "" {
				query += "&gpp_sid=" + c.sid
			}
			h, e := visit{place: c.place, query: query}.hit()
			r := policy(t, "").Resolve(h, e)
			if got := signs(r.States); got != c.want {
				t.Errorf("%s, want %s\n%+v", got, c.want, r)
			}
		})
	}
}

func TestTCStringsThatAreNoLongerValid(t *testing.T) {
	all := uint32(0xffffff)
	for _, c := range []struct {
		name, cookie, query, want, aside string
	}{
		{"of global scope", iabtest.MakeTC(iabtest.TC{Consents: all, Global: true}), "", "+-----", "unreadable: of global scope, which is no longer valid"},
		{"of policy 2", iabtest.MakeTC(iabtest.TC{Consents: all, Policy: 2}), "", "+-----", "unreadable: made under TCF policy 2, which ended on 2023-09-30"},
		{"of version 1", "BOEFEAyOEFEAyAHABDENAI4AAAB9vABAASA", "", "+-----", "unreadable: TCF version 1 is no longer valid"},
		{"where GDPR does not apply", iabtest.MakeTC(iabtest.TC{Consents: 0}), "gdpr=0", "+-----", "gdpr=0: TCF does not apply"},
		{"purpose 1 where it has to be asked for", iabtest.MakeTC(iabtest.TC{Consents: all &^ iab.Purposes(1), OneFree: true}), "", "+-----", ""},
		{"everything", iabtest.MakeTC(iabtest.TC{Consents: all}), "", "++++++", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, e := visit{place: "DE", cookie: "euconsent-v2=" + c.cookie, query: c.query}.hit()
			r := policy(t, "").Resolve(h, e)
			if got := signs(r.States); got != c.want || wording.Aside(&r, &r.Signals[0]) != c.aside {
				t.Errorf("%s, want %s\n%+v", got, c.want, r)
			}
		})
	}
	p := policy(t, "p1_not_required: [DE]")
	h, e := visit{place: "DE", cookie: "euconsent-v2=" + iabtest.MakeTC(iabtest.TC{Consents: all &^ iab.Purposes(1)}) + "; x=y"}.hit()
	if r := p.Resolve(h, e); r.States[signals.AtAnalytics].State == granted {
		t.Error("purpose 1 was asked for and refused")
	}
}
