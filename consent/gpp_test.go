package consent

import (
	"strings"
	"testing"
)

// part is one section of a GPP string.
type part struct {
	id   int
	text string
}

// makeGPP joins sections, which stand in the order of their ids.
func makeGPP(parts ...part) string {
	var head bitMaker
	head.uint(3, 6)
	head.uint(1, 6)
	head.uint(uint64(len(parts)), 12)
	last := 0
	out := ""
	for _, p := range parts {
		head.bool(false)
		head.fibonacci(p.id - last)
		last = p.id
		out += "~" + p.text
	}
	return head.String() + out
}

// fields writes a version of six bits and fields of two.
func fields(values ...int) string {
	var w bitMaker
	w.uint(1, 6)
	for _, v := range values {
		w.uint(uint64(v), 2)
	}
	return w.String()
}

// national is usnat: 6 notices, three opt-outs, 16 sensitive, 3 children, 4 more.
func national(sale, sharing, targeted, child int) string {
	f := make([]int, 32)
	f[6], f[7], f[8], f[25] = sale, sharing, targeted, child
	return fields(f...)
}

// nationalLegacy has 12 sensitive fields and 2 of children.
func nationalLegacy(sensitive, child int) string {
	f := make([]int, 27)
	f[6], f[7], f[8], f[17], f[21] = 2, 2, 2, sensitive, child
	return fields(f...)
}

func california(sale, sharing int) string {
	f := make([]int, 20)
	f[3], f[4] = sale, sharing
	return fields(f...)
}

// headed is a section of the newer structure: id, version, an empty range, then the core.
func headed(id int, core string) string {
	var w bitMaker
	w.uint(uint64(id), 6)
	w.uint(1, 6)
	w.uint(0, 12)
	return w.String() + "." + core
}

func canadian(express, implied uint32) string {
	var w bitMaker
	w.uint(1, 6)
	w.uint(uint64(today.UnixMilli()/100), 36)
	w.uint(uint64(today.UnixMilli()/100), 36)
	w.uint(0, 73-13)
	w.uint(0, 13)
	w.mask(express, 24)
	w.mask(implied, 24)
	w.uint(0, 60)
	return w.String()
}

func TestGPPSections(t *testing.T) {
	all := uint32(0xffffff)
	for _, c := range []struct {
		name  string
		place string
		gpp   string
		sid   string
		want  string
	}{
		{"nothing opted out of", "US-CA", makeGPP(part{8, california(2, 2)}), "8", "++++++"},
		{"the sale", "US-CA", makeGPP(part{8, california(1, 2)}), "8", "+++---"},
		{"sharing", "US-CA", makeGPP(part{8, california(2, 1)}), "8", "+++---"},
		{"GPC in the string", "US-CA", makeGPP(part{8, california(2, 2) + ".YA"}), "8", "+++---"},
		{"no GPC in the string", "US-CA", makeGPP(part{8, california(2, 2) + ".QA"}), "8", "++++++"},
		{"targeted advertising", "US-TX", makeGPP(part{16, fields(0, 0, 0, 2, 1)}), "16", "+++---"},
		{"a known child", "US-VA", makeGPP(part{7, national(2, 2, 2, 1)}), "7", "+++---"},
		{"national, nothing opted out of", "US-VA", makeGPP(part{7, national(2, 2, 2, 2)}), "7", "++++++"},
		{"national of before 2024", "US-VA", makeGPP(part{7, nationalLegacy(1, 0)}), "7", "++++++"},
		{"national of before 2024 with a known child", "US-VA", makeGPP(part{7, nationalLegacy(0, 1)}), "7", "+++---"},
		{"the state goes before the nation", "US-CA", makeGPP(part{7, national(1, 1, 1, 0)}, part{8, california(2, 2)}), "7,8", "++++++"},
		{"another state does not", "US-VA", makeGPP(part{7, national(1, 1, 1, 0)}, part{8, california(2, 2)}), "7,8", "+++---"},
		{"a section that does not apply", "US-CA", makeGPP(part{8, california(1, 1)}), "7", "++++++"},
		{"none is said to apply, so all do", "US-CA", makeGPP(part{8, california(1, 1)}), "", "+++---"},
		{"US Privacy inside", "US-CA", makeGPP(part{6, "1YYN"}), "6", "+++---"},
		{"a section that cannot be read may be an opt-out", "US-CA", makeGPP(part{8, "***"}), "8", "+++---"},
		{"a section that nobody knows", "US-CA", makeGPP(part{40, "xyz"}), "40", "++++++"},
		{"Maryland with a header", "US-MD", makeGPP(part{24, headed(24, fields(0, 0, 0, 0, 0, 1, 2))}), "24", "+++---"},
		{"Maryland without", "US-MD", makeGPP(part{24, fields(0, 0, 0, 0, 0, 2, 1)}), "24", "+++---"},
		{"Maryland's GPC", "US-MD", makeGPP(part{24, headed(24, fields(0, 0, 0, 0, 0, 2, 2)) + ".YA"}), "24", "+++---"},
		{"Indiana's sensitive data is no GPC", "US-IN", makeGPP(part{25, headed(25, fields(0, 0, 0, 0, 0, 2, 2)) + ".YA"}), "25", "++++++"},
		{"TCF inside", "DE", makeGPP(part{2, makeTC(tcMaker{consents: tcfPurposes(1, 8, 9)})}), "2", "+-+---"},
		{"Canada, expressly", "CA-QC", makeGPP(part{5, canadian(tcfPurposes(1, 8, 9), 0)}), "5", "+-+---"},
		{"Canada, by implication", "CA-QC", makeGPP(part{5, canadian(0, all)}), "5", "+-----"},
		{"Canada, by implication outside of Quebec", "CA-ON", makeGPP(part{5, canadian(0, all)}), "5", "+-----"},
		{"Canada, damaged", "CA-QC", makeGPP(part{5, "BPSG"}), "5", "+-----"},
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

func TestDamagedGPPStringsSayNothing(t *testing.T) {
	good := makeGPP(part{7, national(2, 2, 2, 2)}, part{8, california(1, 1)})
	head, _, _ := strings.Cut(good, "~")
	for _, text := range []string{"", "D", "DBAB", "X" + good[1:], head + "~x", good + "~x", head, strings.Repeat("D", 20000), "DBAAA~"} {
		if _, _, why := parseGPP(text); why == "" {
			t.Errorf("%.40q is read", text)
		}
	}
}

func TestTCStringsThatAreNoLongerValid(t *testing.T) {
	all := uint32(0xffffff)
	for _, c := range []struct {
		name, cookie, query, want, aside string
	}{
		{"of global scope", makeTC(tcMaker{consents: all, global: true}), "", "+-----", "unreadable: of global scope, which is no longer valid"},
		{"of policy 2", makeTC(tcMaker{consents: all, policy: 2}), "", "+-----", "unreadable: made under TCF policy 2, which ended on 2023-09-30"},
		{"of version 1", "BOEFEAyOEFEAyAHABDENAI4AAAB9vABAASA", "", "+-----", "unreadable: TCF version 1 is no longer valid"},
		{"where GDPR does not apply", makeTC(tcMaker{consents: 0}), "gdpr=0", "+-----", "gdpr=0: TCF does not apply"},
		{"purpose 1 where it has to be asked for", makeTC(tcMaker{consents: all &^ tcfPurposes(1), oneFree: true}), "", "+-----", ""},
		{"everything", makeTC(tcMaker{consents: all}), "", "++++++", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, e := visit{place: "DE", cookie: "euconsent-v2=" + c.cookie, query: c.query}.hit()
			r := policy(t, "").Resolve(h, e)
			if got := signs(r.States); got != c.want || r.Signals[0].Aside != c.aside {
				t.Errorf("%s, want %s\n%+v", got, c.want, r)
			}
		})
	}
	p := policy(t, "p1_not_required: [DE]")
	h, e := visit{place: "DE", cookie: "euconsent-v2=" + makeTC(tcMaker{consents: all &^ tcfPurposes(1)}) + "; x=y"}.hit()
	if r := p.Resolve(h, e); r.States[analytics].State == granted {
		t.Error("purpose 1 was asked for and refused")
	}
}

func TestAGCDWithDelegationAndContainerDefaults(t *testing.T) {
	for gcd, want := range map[string]string{
		"13t3tPt2t5l1": "++++", // ad_user_data delegated, with a default of its own
		"13r3rMl3r5l1": "++++", // ad_user_data delegated to ad_storage, which was accepted
		"13l3lMl3l5l1": "....", // delegated to what nobody set
		"13q3rNl3r5l1": "-+-+", // ad_user_data delegated to ad_storage, which was refused
		"13l3l3l2l1l1": "...-", // ad_personalization denied implicitly
		"13l3l3l3l5G5": "---.", // the container's defaults deny
		"1":            "!",
		"2":            "!",
		"13l3l3l3":     "!",
		"13l3l3l3!1":   "!",
	} {
		g, ok := parseGCD(gcd)
		got := "!"
		if ok {
			got = ""
			for _, s := range g.states() {
				switch {
				case !s.known:
					got += "."
				case s.granted:
					got += "+"
				default:
					got += "-"
				}
			}
		}
		if got != want {
			t.Errorf("%s: %s, want %s (%+v)", gcd, got, want, g)
		}
	}
}
