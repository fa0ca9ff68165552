package alerts

import (
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// story is how one detector raises an alert, and what closes it.
type story struct {
	name    string
	trouble func(*Facts)
	over    func(*Facts) // the facts begin empty
	is      Alert        // what it is about
	says    []string
}

// weeksOf is a flow that had usual in each of the last weeks and has now.
func weeksOf(site, name string, now, usual int64) Flow {
	w := Window{Span: time.Hour, Now: now, Usual: []int64{usual - 5, usual, usual + 5, 4 * usual}}
	return Flow{Site: site, Event: name, Value: 59.9, Of: "EUR", Windows: []Window{w}}
}

func meta(d Destination) Destination {
	d.Name = "meta"
	if d.State == "" {
		d.State = "running"
	}
	return d
}

func attempts(delivered, failed int64) []AttemptCount {
	out := make([]AttemptCount, 5)
	for i := range out {
		out[i] = AttemptCount{delivered, failed}
	}
	return out
}

var stories = []story{
	{"purchases stop", func(f *Facts) {
		f.Volumes = []Flow{weeksOf("shop", "purchase", 0, 40)}
		f.Refused = []Share{{About: "origin", Now: 410, UsualNow: 3, Days: 1}}
	},
		func(f *Facts) { f.Volumes = []Flow{weeksOf("shop", "purchase", 38, 40)} },
		Alert{Kind: Volume, Site: "shop", About: "purchase", Urgent: true, Link: "/conversions"},
		[]string{"No purchase came from shop in the last 60 minutes; 40 are usual", "410 hits were turned away in an hour for the reason origin"}},
	{"events fall to a third", func(f *Facts) { f.Volumes = []Flow{weeksOf("shop", "", 3000, 9000)} },
		func(f *Facts) { f.Volumes = []Flow{weeksOf("shop", "", 8000, 9000)} },
		Alert{Kind: Volume, Site: "shop", Urgent: true, Link: "/"}, []string{"Only 3000 events came from shop", "9000 are usual"}},
	{"purchases come six times", func(f *Facts) { f.Volumes = []Flow{weeksOf("shop", "purchase", 240, 40)} },
		func(f *Facts) { f.Volumes = []Flow{weeksOf("shop", "purchase", 60, 40)} },
		Alert{Kind: Volume, Site: "shop", About: "purchase", Urgent: true, Link: "/conversions"}, []string{"240 purchase came from shop", "may fire twice"}},
	{"nothing comes in the first week", func(f *Facts) {
		f.Volumes = []Flow{{Site: "shop", Windows: []Window{{Span: time.Hour, Before: []int64{900, 700}}}}}
	}, func(f *Facts) {
		f.Volumes = []Flow{{Site: "shop", Windows: []Window{{Span: time.Hour, Now: 1, Before: []int64{900, 700}}}}}
	}, Alert{Kind: Volume, Site: "shop", Urgent: true, Link: "/"}, []string{"No event came from shop in the last 60 minutes; on each of the last days there were 700"}},
	{"a destination is halted", func(f *Facts) {
		f.Destinations = []Destination{meta(Destination{State: "halted", Words: "401: Invalid OAuth access token"})}
	}, func(f *Facts) { f.Destinations = []Destination{meta(Destination{})} },
		Alert{Kind: Halted, Destination: "meta", Urgent: true, Link: "/destinations/meta"}, []string{"meta is halted", "401: Invalid OAuth access token"}},
	{"deliveries fail", func(f *Facts) {
		f.Destinations = []Destination{meta(Destination{Attempts: attempts(4, 6), Words: "503: unavailable"})}
	}, func(f *Facts) { f.Destinations = []Destination{meta(Destination{Attempts: attempts(99, 1)})} },
		Alert{Kind: Failing, Destination: "meta", Urgent: true, Link: "/destinations/meta"}, []string{"only 40 % of the deliveries to meta succeeded", "503: unavailable"}},
	{"events wait", func(f *Facts) {
		f.Destinations = []Destination{meta(Destination{Oldest: 17 * time.Minute, Wait: time.Minute})}
	},
		func(f *Facts) {
			f.Destinations = []Destination{meta(Destination{Oldest: 16 * time.Minute, Wait: time.Minute})}
		},
		Alert{Kind: Lag, Destination: "meta", Link: "/destinations/meta"}, []string{"The oldest event for meta has waited for 17 minutes"}},
	{"dead letters rise", func(f *Facts) {
		f.Destinations = []Destination{meta(Destination{Rejected: Share{Now: 40, Of: 800, UsualNow: 14, UsualOf: 5000, Days: 7}, Why: "400: Invalid parameter"})}
	}, func(f *Facts) {
		f.Destinations = []Destination{meta(Destination{Rejected: Share{Now: 4, Of: 800, UsualNow: 14, UsualOf: 5000, Days: 7}})}
	}, Alert{Kind: DeadLetters, Destination: "meta", Urgent: true, Link: "/destinations/meta"}, []string{"meta rejected 40 events in the last 30 minutes, 5.0 %", "400: Invalid parameter"}},
	{"fewer grant ads", func(f *Facts) {
		f.Choices = []Choice{{Share: Share{Site: "shop", About: "ads", Now: 3000, Of: 9000, UsualNow: 42000, UsualOf: 70000},
			Tools: []Share{{About: "gpc", Now: 10, Of: 20, UsualNow: 70, UsualOf: 140}, {About: "onetrust", Now: 2990, Of: 8980, UsualNow: 41930, UsualOf: 69860}}}}
	}, func(f *Facts) {
		f.Choices = []Choice{{Share: Share{Site: "shop", About: "ads", Now: 5200, Of: 9000, UsualNow: 42000, UsualOf: 70000}}}
	}, Alert{Kind: Consent, Site: "shop", About: "ads", Link: "/consent"}, []string{"33 % of the events of shop have ads granted, usually 60 %", "signal onetrust"}},
	{"a signal cannot be read", func(f *Facts) { f.Signals = []Share{{About: "tcf", Now: 300, Of: 1000, UsualNow: 20, UsualOf: 7000}} },
		func(f *Facts) { f.Signals = []Share{{About: "tcf", Now: 3, Of: 1000, UsualNow: 20, UsualOf: 7000}} },
		Alert{Kind: Signals, About: "tcf", Link: "/consent"}, []string{"30 % of the consent signals tcf cannot be read"}},
	{"a rule leaves out most", func(f *Facts) {
		f.Filters = []Share{{Site: "shop", Destination: "meta", About: "rule net value", Now: 600, Of: 1000, UsualNow: 100, UsualOf: 7000}}
	}, func(f *Facts) {
		f.Filters = []Share{{Site: "shop", Destination: "meta", About: "rule net value", Now: 20, Of: 1000, UsualNow: 100, UsualOf: 7000}}
	}, Alert{Kind: Rules, Site: "shop", Destination: "meta", About: "rule net value", Link: "/configuration"}, []string{"rule net value leaves out 60 % of the events of shop for meta, usually 1.4 %"}},
	{"a value is missing", func(f *Facts) {
		f.Fields = []Field{{Path: "params.value", OfPurchases: true, At: []Share{{Destination: "ga4", Now: 98, Of: 100, UsualNow: 690, UsualOf: 700}, {Destination: "meta", Now: 40, Of: 100, UsualNow: 690, UsualOf: 700}}}}
	}, func(f *Facts) {
		f.Fields = []Field{{Path: "params.value", OfPurchases: true, At: []Share{{Destination: "meta", Now: 97, Of: 100, UsualNow: 690, UsualOf: 700}}}}
	}, Alert{Kind: Fields, About: "params.value", Link: "/destinations/meta"}, []string{"Fewer purchases have params.value at meta (40 %, usually 98.6 %)."}},
	{"a checkout is broken", func(f *Facts) {
		f.Steps = []Step{{Funnel: "checkout", From: "begin_checkout", To: "purchase", All: Share{Now: 4, Of: 60, UsualNow: 500, UsualOf: 1000}}}
	}, func(f *Facts) {
		f.Steps = []Step{{Funnel: "checkout", From: "begin_checkout", To: "purchase", All: Share{Now: 28, Of: 60, UsualNow: 500, UsualOf: 1000}}}
	}, Alert{Kind: Funnel, About: "checkout: purchase", Link: "/insight/funnels/checkout"}, []string{"Only 6.7 % of the visitors who came to begin_checkout went on to purchase in the funnel checkout (4 of 60", "usually 50 %"}},
	{"a checkout is broken on phones", func(f *Facts) {
		f.Steps = []Step{{Funnel: "checkout", From: "begin_checkout", To: "purchase", All: Share{Now: 54, Of: 150, UsualNow: 500, UsualOf: 1000},
			Devices: []Share{{About: "desktop", Now: 50, Of: 90, UsualNow: 380, UsualOf: 700}, {About: "mobile", Now: 4, Of: 60, UsualNow: 120, UsualOf: 300}}}}
	}, func(f *Facts) {
		f.Steps = []Step{{Funnel: "checkout", From: "begin_checkout", To: "purchase", All: Share{Now: 62, Of: 120, UsualNow: 500, UsualOf: 1000},
			Devices: []Share{{About: "mobile", Now: 12, Of: 30, UsualNow: 120, UsualOf: 300}}}}
	}, Alert{Kind: Funnel, About: "checkout: purchase", Link: "/insight/funnels/checkout"}, []string{"begin_checkout on mobile went on to purchase", "(4 of 60"}},
	{"events come twice", func(f *Facts) {
		f.Duplicates = []Share{{Site: "shop", Now: 300, Of: 1000, UsualNow: 10, UsualOf: 7000}}
	},
		func(f *Facts) { f.Duplicates = []Share{{Site: "shop", Now: 4, Of: 1000, UsualNow: 10, UsualOf: 7000}} },
		Alert{Kind: Duplicates, Site: "shop", Link: "/"}, []string{"30 % of what was to be delivered of shop in the last hour had been sent before"}},
	{"a sender's clock is wrong", func(f *Facts) {
		f.Clocks = []Share{{About: "segment", Now: 200, Of: 210, UsualNow: 3, UsualOf: 2000}, {About: "ga4", Now: 3, Of: 900, UsualNow: 20, UsualOf: 9000}}
	}, func(f *Facts) { f.Clocks = []Share{{About: "segment", Now: 2, Of: 210, UsualNow: 3, UsualOf: 2000}} },
		Alert{Kind: Clock, About: "segment", Link: "/"}, []string{"95.2 % of the events of the source segment"}},
	{"the disk fills", func(f *Facts) { f.Free, f.Space = 3<<30, 100<<30 }, func(f *Facts) { f.Free, f.Space = 9<<30, 100<<30 },
		Alert{Kind: Disk, About: "volume", Urgent: true, Link: "/"}, []string{"3.0 % of the volume", "3072 MiB"}},
	{"the log fills", func(f *Facts) { f.LogFull = true }, func(*Facts) {},
		Alert{Kind: Disk, About: "log", Urgent: true, Link: "/"}, []string{"The log is nearly full"}},
	{"the log is damaged", func(f *Facts) { f.Damage = []Damage{{"the log", "3 groups after 17 are missing"}} }, func(*Facts) {},
		Alert{Kind: LogDamage, About: "the log", Urgent: true, Link: "/"}, []string{"3 groups after 17 are missing"}},
	{"a certificate ends", func(f *Facts) {
		f.Expiries = []Expiry{{Kind: Certificate, Name: "tls.crt", What: "The certificate tls.crt", End: noon.Add(100 * time.Hour)}}
	}, func(f *Facts) {
		f.Expiries = []Expiry{{Kind: Certificate, Name: "tls.crt", What: "The certificate tls.crt", End: noon.Add(9000 * time.Hour)}}
	}, Alert{Kind: Certificate, About: "tls.crt", Link: "/configuration"}, []string{"The certificate tls.crt ends on 2026-11-29, in 4 days."}},
	{"a token has ended", func(f *Facts) {
		f.Expiries = []Expiry{{Kind: Token, Name: "META_TOKEN", What: "The token in ${META_TOKEN}", End: noon.Add(-time.Hour)}}
	}, func(*Facts) {}, Alert{Kind: Token, About: "META_TOKEN", Link: "/"}, []string{"The token in ${META_TOKEN} ended on 2026-11-25."}},
	{"a version ends", func(f *Facts) {
		f.Expiries = []Expiry{{Kind: APIVersion, Destination: "meta", Name: "version", What: "Version v20.0 of Meta that meta uses", End: noon.Add(72 * time.Hour)}}
	}, func(*Facts) {}, Alert{Kind: APIVersion, Destination: "meta", About: "version", Link: "/destinations/meta"}, []string{"Version v20.0", "ends on 2026-11-28"}},
}

func TestEachTroubleIsRaisedOnceAndClosesItself(t *testing.T) {
	kinds := map[string]bool{}
	for _, s := range stories {
		kinds[s.is.Kind] = true
		t.Run(s.name, func(t *testing.T) {
			l, err := Open(t.TempDir() + "/alerts.json")
			if err != nil {
				t.Fatal(err)
			}
			c := Defaults()
			at := noon
			step := func(change func(*Facts)) []Alert {
				f := &Facts{Now: at}
				change(f)
				l.Step(at, Detect(f, &c), &c)
				at = at.Add(time.Minute)
				return l.List()
			}
			if all := step(s.over); len(all) > 0 {
				t.Fatalf("it was raised without a cause: %+v", all)
			}
			for range 30 {
				step(s.trouble)
			}
			all := step(s.trouble)
			if len(all) != 1 {
				t.Fatalf("%d alerts, want one: %+v", len(all), all)
			}
			checkRaised(t, &s, &all[0])
			for range 30 {
				all = step(s.over)
			}
			if len(all) != 1 || all[0].Until == nil {
				t.Errorf("it did not close: %+v", all)
			}
		})
	}
	for _, kind := range Kinds() {
		if !kinds[kind] {
			t.Errorf("no story raises %s", kind)
		}
	}
}

func checkRaised(t *testing.T, s *story, a *Alert) {
	t.Helper()
	if a.Kind != s.is.Kind || a.Site != s.is.Site || a.About != s.is.About || a.Urgent != s.is.Urgent || s.is.Destination != "" && a.Destination != s.is.Destination || a.Link != s.is.Link {
		t.Errorf("it is about %+v", a)
	}
	for _, words := range s.says {
		if !strings.Contains(a.Cause, words) {
			t.Errorf("the cause is %q, want %q in it", a.Cause, words)
		}
	}
	if a.Next == "" || a.Until != nil || !a.Since.Equal(noon.Add(time.Minute)) {
		t.Errorf("%+v", a)
	}
}

func TestMoneyAtStakeIsWhatIsMissing(t *testing.T) {
	c := Defaults()
	found := Detect(&Facts{Now: noon, Volumes: []Flow{weeksOf("shop", "purchase", 2, 40)}}, &c)
	if len(found) != 1 || found[0].Stake == nil || *found[0].Stake != (Stake{Count: 38, Value: 2276.2, Currency: "EUR"}) {
		t.Errorf("%+v", found)
	}
}

func TestKindsThatAreOffAreNotLookedFor(t *testing.T) {
	for _, s := range stories {
		f := &Facts{Now: noon}
		s.trouble(f)
		c := Defaults()
		c.Off = append(c.Off, word(s.is.Kind))
		for _, one := range Detect(f, &c) {
			if one.Kind == s.is.Kind {
				t.Errorf("%s is off: %+v", s.is.Kind, one)
			}
		}
		c.Off[0] = word("all")
		if found := Detect(f, &c); len(found) > 0 {
			t.Errorf("all are off: %+v", found)
		}
	}
}

// Little evidence raises nothing and closes nothing.
func TestTooLittleEvidenceChangesNothing(t *testing.T) {
	c := Defaults()
	for name, f := range map[string]*Facts{
		"at night":           {Volumes: []Flow{{Site: "shop", Event: "purchase", Windows: []Window{{Span: time.Hour, Usual: []int64{1, 0}}}}}},
		"nothing to deliver": {Destinations: []Destination{meta(Destination{Attempts: attempts(0, 0)})}},
		"one failure":        {Destinations: []Destination{meta(Destination{Attempts: []AttemptCount{{}, {}, {}, {}, {0, 1}}})}},
		"few visitors":       {Choices: []Choice{{Share: Share{Site: "shop", About: "ads", Now: 3, Of: 40, UsualNow: 300, UsualOf: 500}}}},
		"few in a checkout":  {Steps: []Step{{Funnel: "checkout", To: "purchase", All: Share{Now: 0, Of: 5, UsualNow: 50, UsualOf: 90}}}},
		"few purchases":      {Fields: []Field{{Path: "params.value", OfPurchases: true, At: []Share{{Destination: "meta", Now: 0, Of: 2, UsualNow: 30, UsualOf: 30}}}}},
	} {
		found := Detect(f, &c)
		if len(found) != 1 || !found[0].Unsure {
			t.Errorf("%s: %+v", name, found)
		}
	}
}

func TestAPausedDestinationIsNoAlarm(t *testing.T) {
	c := Defaults()
	f := &Facts{Destinations: []Destination{meta(Destination{State: "paused", Oldest: 48 * time.Hour, Attempts: attempts(0, 100)})}}
	if found := Detect(f, &c); len(found) > 0 {
		t.Errorf("%+v", found)
	}
}
