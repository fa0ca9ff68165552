package consent

import (
	"strings"
	"testing"

	"headgate/consent/iab"
	"headgate/consent/iab/iabtest"
	"headgate/event"
	"headgate/event/wording"
)

func TestVendorsNeedALegalBasis(t *testing.T) {
	all := uint32(0xffffff)
	for _, c := range []struct {
		name   string
		tc     iabtest.TC
		vendor string
		config string
		why    string
	}{
		{"consent to all", iabtest.TC{Consents: all, Vendors: 800}, "{tcf: 755, consent: [1, 3, 4]}", "", ""},
		{"consent in ranges", iabtest.TC{Consents: all, VendorList: []int{3, 755}}, "{tcf: 755, consent: [1]}", "", ""},
		{"not in the ranges", iabtest.TC{Consents: all, VendorList: []int{3, 756}}, "{tcf: 755}", "", "euconsent-v2 holds no consent for vendor 755"},
		{"a purpose refused", iabtest.TC{Consents: all &^ iab.Purposes(3), Vendors: 800}, "{tcf: 755, consent: [1, 3, 4]}", "", "euconsent-v2 gives vendor 755 no basis for TCF purpose 3 profiles for ads: not consented to"},
		{"legitimate interest", iabtest.TC{Consents: all, LI: iab.Purposes(7), VendorsLI: 800}, "{tcf: 755, li: [7]}", "", ""},
		{"legitimate interest objected to", iabtest.TC{Consents: all, Vendors: 800, VendorsLI: 800}, "{tcf: 755, li: [7]}", "", "euconsent-v2 gives vendor 755 no basis for TCF purpose 7 measuring ads: objected to"},
		{"no legitimate interest in profiles", iabtest.TC{Consents: all, LI: all, VendorsLI: 800}, "{tcf: 755, li: [3]}", "", "euconsent-v2 gives vendor 755 no basis for TCF purpose 3 profiles for ads: objected to"},
		{"flexible changes nothing while the publisher asks for nothing", iabtest.TC{Consents: all, Vendors: 800}, "{tcf: 755, li: [2], flexible: [2]}", "",
			"euconsent-v2 gives vendor 755 no basis for TCF purpose 2 selecting ads: objected to"},
		{"the publisher forbids it", iabtest.TC{Consents: all, Vendors: 800, Restrictions: []iabtest.Restriction{{3, iab.NotAllowed, 700, 800}}},
			"{tcf: 755, consent: [3]}", "", "euconsent-v2 gives vendor 755 no basis for TCF purpose 3 profiles for ads: the publisher does not allow it"},
		{"the publisher forbids it to others", iabtest.TC{Consents: all, Vendors: 800, Restrictions: []iabtest.Restriction{{3, iab.NotAllowed, 1, 754}}}, "{tcf: 755, consent: [3]}", "", ""},
		{"the publisher asks for consent", iabtest.TC{Consents: all, LI: all, VendorsLI: 800, Restrictions: []iabtest.Restriction{{7, iab.RequireConsent, 755, 755}}},
			"{tcf: 755, li: [7]}", "", "euconsent-v2 gives vendor 755 no basis for TCF purpose 7 measuring ads: the publisher asks for consent, which the vendor does not declare"},
		{"the publisher asks for consent of a flexible vendor", iabtest.TC{Consents: all, Vendors: 800, Restrictions: []iabtest.Restriction{{7, iab.RequireConsent, 755, 755}}},
			"{tcf: 755, li: [7], flexible: [7]}", "", ""},
		{"the publisher asks for consent, an interest is not enough", iabtest.TC{Consents: all, LI: all, VendorsLI: 800, Restrictions: []iabtest.Restriction{{7, iab.RequireConsent, 755, 755}}},
			"{tcf: 755, li: [7], flexible: [7]}", "", "euconsent-v2 gives vendor 755 no basis for TCF purpose 7 measuring ads: the vendor was not consented to"},
		{"the publisher asks for an interest, consent is not enough", iabtest.TC{Consents: all, Vendors: 800, Restrictions: []iabtest.Restriction{{7, iab.RequireLI, 755, 755}}},
			"{tcf: 755, consent: [7], flexible: [7]}", "", "euconsent-v2 gives vendor 755 no basis for TCF purpose 7 measuring ads: objected to"},
		{"the publisher asks for a legitimate interest", iabtest.TC{Consents: all, Vendors: 800, Restrictions: []iabtest.Restriction{{7, iab.RequireLI, 755, 755}}},
			"{tcf: 755, consent: [7]}", "", "euconsent-v2 gives vendor 755 no basis for TCF purpose 7 measuring ads: the publisher asks for a legitimate interest, which the vendor does not declare"},
		{"not disclosed under policy 5", iabtest.TC{Consents: all, Vendors: 800, Undisclosed: true}, "{tcf: 755}", "", "euconsent-v2 does not disclose vendor 755"},
		{"not disclosed under policy 4", iabtest.TC{Consents: all, Vendors: 800, Undisclosed: true, Policy: 4}, "{tcf: 755}", "", ""},
		{"purpose 1 was not asked for", iabtest.TC{Consents: all &^ iab.Purposes(1), Vendors: 800, OneFree: true}, "{tcf: 755, consent: [1, 3]}", "p1_not_required: [DE]", ""},
		{"an additional provider", iabtest.TC{Consents: all, Vendors: 800}, "{ac: 89}", "", ""},
		{"another additional provider", iabtest.TC{Consents: all, Vendors: 800}, "{ac: 90}", "", "addtl_consent, the additional consent string, does not name provider 90"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := needing(t, "{needs: [ads], vendor: "+c.vendor+"}")
			p := policy(t, c.config, n)
			h, e := visit{place: "DE", cookie: "euconsent-v2=" + iabtest.MakeTC(c.tc) + "; addtl_consent=2~1.89.101~dv.9", page: pairs("ads", true)}.hit()
			r := p.Resolve(h, e)
			got := ""
			switch o := p.Judge(&r, &n); o.Reason {
			case event.Delivered:
			case event.VendorDenied:
				got = wording.Sentence(&o, &r)
			default:
				t.Errorf("the vendor was not asked about: %+v", o)
			}
			if got != c.why {
				t.Errorf("%q, want %q", got, c.why)
			}
		})
	}
}

// Two strings of one kind, in a cookie and in the query, are two signals, whichever comes first.
func TestWhatAnyOfSeveralStringsRefusesAVendorIsRefused(t *testing.T) {
	yes := iabtest.MakeTC(iabtest.TC{Consents: 0xffffff, Vendors: 800, Publisher: true, PublisherOK: 0xffffff})
	noVendor := iabtest.MakeTC(iabtest.TC{Consents: 0xffffff, Vendors: 700, Publisher: true, PublisherOK: 0xffffff})
	noPublisher := iabtest.MakeTC(iabtest.TC{Consents: 0xffffff, Vendors: 800, Publisher: true})
	for _, c := range []struct{ name, first, second, need, want string }{
		{"both allow the vendor", yes, yes, "{needs: [ads], vendor: {tcf: 755, consent: [1]}}", ""},
		{"one lacks the vendor", yes, noVendor, "{needs: [ads], vendor: {tcf: 755, consent: [1]}}", "vendor_denied"},
		{"both allow the publisher", yes, yes, "{needs: [analytics], vendor: {publisher: true}}", ""},
		{"one refuses the publisher", yes, noPublisher, "{needs: [analytics], vendor: {publisher: true}}", "purpose_denied"},
		{"both name the provider", yes + "&addtl_consent=1~89.90", yes + "; addtl_consent=1~89", "{needs: [ads], vendor: {ac: 89}}", ""},
		{"one lacks the provider", yes + "&addtl_consent=1~89.90", yes + "; addtl_consent=1~89", "{needs: [ads], vendor: {ac: 90}}", "vendor_denied"},
	} {
		n := needing(t, c.need)
		p := policy(t, "", n)
		visits := []visit{{place: "DE", query: "gdpr_consent=" + c.first, cookie: "euconsent-v2=" + c.second}}
		if !strings.Contains(c.first, "addtl") {
			visits = append(visits, visit{place: "DE", query: "gdpr_consent=" + c.second, cookie: "euconsent-v2=" + c.first},
				visit{place: "DE", cookie: "euconsent-v2=" + c.first + "; eupubconsent-v2=" + c.second},
				visit{place: "DE", query: "gdpr_consent=" + c.first + "&gdpr_consent=" + c.second})
		}
		for _, v := range visits {
			h, e := v.hit()
			r := p.Resolve(h, e)
			got := string(p.Judge(&r, &n).Reason)
			if got == string(event.Delivered) {
				got = ""
			}
			if got != c.want {
				t.Errorf("%s: %q, want %q", c.name, got, c.want)
			}
		}
	}
}

func TestASentenceSaysThatTheVendorWasCheckedAndWhatItIsTold(t *testing.T) {
	n := needing(t, "{needs: [ads], vendor: {tcf: 755, consent: [1]}}")
	n.Flags = []Flag{{Purpose: Sharing, Sets: "data_processing_options=LDU"}, {Purpose: Analytics, Sets: "never=1"}}
	p := policy(t, "regions: {rules: [{name: all, in: '*', model: opt_in, opt_out_scope: targeted_only}]}", n)
	cookie := "euconsent-v2=" + freshTC
	const want = "ads: granted by euconsent-v2 (TCF purposes 1 storage on the device, 2 selecting ads, 7 measuring ads: consented to), answered 2026-11-02"
	for _, c := range []struct {
		v    visit
		want string
	}{
		{visit{place: "DE", cookie: cookie}, want + "; euconsent-v2 allows vendor 755"},
		{visit{place: "DE", cookie: cookie, headers: gpcHeader}, want + "; Sec-GPC (1) is limited to targeted advertising in all (opt_in); euconsent-v2 allows vendor 755" +
			"; sent with data_processing_options=LDU, since sharing: opted out by Sec-GPC (1)"},
		{visit{place: "DE", page: pairs("ads", true, "analytics", true, "sharing", true)}, "ads: granted by consent of the event (ads=true)"},
	} {
		for range 2 {
			h, e := c.v.hit()
			r := p.Resolve(h, e)
			if got := p.Judge(&r, &n); got.Action != event.Deliver || wording.Sentence(&got, &r) != c.want {
				t.Errorf("%s\n got: %s\nwant: %s", got.Action, wording.Sentence(&got, &r), c.want)
			}
		}
	}
}

func TestAVendorThatWasNotAskedAboutIsRefused(t *testing.T) {
	p := policy(t, "")
	n := needing(t, "{needs: [ads], vendor: {tcf: 755}}")
	h, e := visit{place: "DE", cookie: "euconsent-v2=" + freshTC}.hit()
	r := p.Resolve(h, e)
	if got := p.Judge(&r, &n); got.Reason != event.VendorDenied {
		t.Errorf("%+v", got)
	}
	h, e = visit{place: "DE", cookie: oneTrustYes}.hit()
	r = p.Resolve(h, e)
	if got := p.Judge(&r, &n); got.Reason != event.Delivered {
		t.Errorf("without a TC string: %+v", got)
	}
}

func TestThePublishersPartDecidesForItsOwnDestinations(t *testing.T) {
	own := needing(t, "{needs: [analytics], vendor: {publisher: true}}")
	other := needing(t, "{needs: [analytics]}")
	p := policy(t, "", own, other)
	tc := iabtest.MakeTC(iabtest.TC{Consents: iab.Purposes(1), Publisher: true, PublisherOK: iab.Purposes(1, 8, 9)})
	h, e := visit{place: "DE", cookie: "euconsent-v2=" + tc}.hit()
	r := p.Resolve(h, e)
	got := p.Judge(&r, &own)
	if want := "analytics: granted by euconsent-v2, the publisher's part (TCF purposes 1 storage on the device, 8 measuring content, 9 knowing audiences: consented to), answered 2026-11-02"; wording.Sentence(&got, &r) != want {
		t.Errorf("own: %+v", got)
	}
	if got := p.Judge(&r, &other); got.Reason != event.PurposeDenied {
		t.Errorf("another's: %+v", got)
	}
	if e.Consent.Get(Analytics).Text() != "false" || len(e.Consent) != 6 {
		t.Errorf("the event says %v", e.Consent.Any())
	}
}
