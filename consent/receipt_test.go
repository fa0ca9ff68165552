package consent

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"headgate/consent/people"
	"headgate/event"
)

func receiptOf(t *testing.T, v visit, at time.Time) (people.Receipt, bool) {
	t.Helper()
	p := policy(t, "")
	h, e := v.hit()
	r := p.Resolve(h, e)
	return people.NewReceipt(&r, people.ClientSubject("c1"), "shop", "config-1", at)
}

func TestAReceiptSaysWhoChoseWhatAndOnWhatEvidence(t *testing.T) {
	r, ok := receiptOf(t, visit{place: "DE", cookie: oneTrustNo, headers: gpcHeader}, today)
	if !ok {
		t.Fatal("no receipt")
	}
	r.Chain("")
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"subject":"` + people.ClientSubject("c1").String(), `"site":"shop"`, `"rule":"europe"`,
		`{"purpose":"analytics","granted":true,"source":"OptanonConsent (C0002=1), answered 2026-11-02"}`,
		`{"purpose":"ads","granted":false,"source":"Sec-GPC (1)"}`, `"name":"Sec-GPC","value":"1"`, `"name":"OptanonConsent","value":"sha256:`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("lacks %s: %s", want, text)
		}
	}
	if strings.Contains(string(text), `c1"`) || strings.Contains(string(text), "necessary") {
		t.Errorf("says too much: %s", text)
	}
	if _, ok := receiptOf(t, visit{place: "DE", cookie: oneTrustNew}, today); ok {
		t.Error("a receipt although nobody chose")
	}
}

func TestOnlyAChangeOfChoiceIsANewReceipt(t *testing.T) {
	first, _ := receiptOf(t, visit{place: "DE", cookie: oneTrustNo}, today)
	same, _ := receiptOf(t, visit{place: "DE", cookie: oneTrustNo}, today.Add(time.Hour))
	changed, _ := receiptOf(t, visit{place: "DE", cookie: oneTrustYes}, today.Add(2*time.Hour))
	if !first.SameChoice(&same) || first.SameChoice(&changed) {
		t.Error("a change is not told from a repetition")
	}
}

func TestAChangedReceiptBreaksTheChain(t *testing.T) {
	var chain []people.Receipt
	previous := ""
	for _, cookie := range []string{oneTrustYes, oneTrustNo, oneTrustYes} {
		r, _ := receiptOf(t, visit{place: "DE", cookie: cookie}, today)
		r.Chain(previous)
		previous = r.Hash
		chain = append(chain, r)
	}
	if err := people.VerifyReceipts("", chain); err != nil {
		t.Fatal(err)
	}
	stored, err := json.Marshal(chain)
	if err != nil {
		t.Fatal(err)
	}
	for name, tamper := range map[string]func([]people.Receipt) []people.Receipt{
		"receipt 2 was changed": func(c []people.Receipt) []people.Receipt {
			c[1].Choices[0].Granted = !c[1].Choices[0].Granted
			return c
		},
		"receipt 1 was changed":                       func(c []people.Receipt) []people.Receipt { c[0].Evidence[0].Value = "x"; return c },
		"receipt 3 was changed":                       func(c []people.Receipt) []people.Receipt { c[2].Time = c[2].Time.Add(time.Millisecond); return c },
		"receipt 2 does not follow the one before it": func(c []people.Receipt) []people.Receipt { return append(c[:1], c[2]) },
		"receipt 1 does not follow the one before it": func(c []people.Receipt) []people.Receipt { return c[1:] },
	} {
		var read []people.Receipt
		if err := json.Unmarshal(stored, &read); err != nil {
			t.Fatal(err)
		}
		if err := people.VerifyReceipts("", read); err != nil {
			t.Fatalf("as stored: %v", err)
		}
		if err := people.VerifyReceipts("", tamper(read)); err == nil || err.Error() != name {
			t.Errorf("%v, want %s", err, name)
		}
	}
}

func TestRawStringsArePassedOnUnchanged(t *testing.T) {
	p := policy(t, "")
	h, e := visit{cookie: "euconsent-v2=" + freshTC + "; OTAdditionalConsentString=2~1.2~dv.; usprivacy=1YNN; other=x",
		query: "gpp=" + californiaOptOut + "&gpp_sid=8&gdpr=1&gdpr_consent=${GDPR_CONSENT_755}"}.hit()
	e.Signals = event.Map{{Key: "gdpr_consent", Value: event.String("what a client says")}}
	p.Resolve(h, e)
	if e.Signals != nil {
		t.Errorf("kept although nobody asks: %v", e.Signals.Any())
	}
	p = policy(t, "")
	p.PassOn = true
	p.Resolve(h, e)
	got := e.Signals
	for key, want := range map[string]string{"gdpr_consent": freshTC, "addtl_consent": "2~1.2~dv.", "us_privacy": "1YNN", "gpp": californiaOptOut, "gpp_sid": "8", "gdpr": "1"} {
		if got.Text(key) != want {
			t.Errorf("%s is %q", key, got.Text(key))
		}
	}
	if len(got) != 6 {
		t.Errorf("%v", got.Any())
	}
}

func TestAReplayUnderAnotherPolicyTellsWhatItWouldHaveDone(t *testing.T) {
	h, e := visit{place: "US-CA", cookie: oneTrustNew, headers: gpcHeader}.hit()
	r := policy(t, "").Resolve(h, e)
	strict := policy(t, `regions: {rules: [{name: all, in: "*", model: opt_in}]}`)
	loose := policy(t, `regions: {rules: [{name: all, in: "*", model: opt_out, honor: []}]}`)
	if got := signs(r.States); got != "+++---" {
		t.Fatalf("as it was: %s", got)
	}
	again := strict.Reconsider(&r, today)
	if got := signs(again.States); got != "+-----" || again.Rule != "all" {
		t.Errorf("stricter: %s", got)
	}
	again = loose.Reconsider(&r, today)
	if got := signs(again.States); got != "++++++" {
		t.Errorf("looser: %s", got)
	}
	old := policy(t, "max_age: 5d")
	h, e = visit{place: "DE", cookie: oneTrustYes}.hit()
	r = policy(t, "").Resolve(h, e)
	again = old.Reconsider(&r, today)
	n := needing(t, "{needs: [ads]}")
	if got := old.Judge(&again, &n); got.Reason != event.SignalExpired {
		t.Errorf("a shorter memory: %+v", got)
	}
	h, e = visit{place: "DE", page: pairs("ads", true), cookie: "usprivacy=1YYN"}.hit()
	e.User.ClientID = "c1"
	p := policy(t, "")
	p.Suppression = &people.Suppression{}
	p.Suppression.Replace([]people.Stop{{Subject: people.ClientSubject("c1")}})
	r = p.Resolve(h, e)
	again = loose.Reconsider(&r, today)
	if got := loose.Judge(&again, &n); got.Reason != event.Suppressed {
		t.Errorf("suppressed then, and now: %+v", got)
	}
}
