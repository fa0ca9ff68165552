// Package sdks_test has real SDKs, from npm, send to the running program: in Chromium, from pages with the snippets of
// docs/senders, and in Node. What each of them brings through trouble is the table in docs/senders/README.md.
package sdks_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// outcome is what becomes of an event.
type outcome string

const (
	once      outcome = "once"           // it arrives, and a resend of it does not count
	nextVisit outcome = "the next visit" // it arrives once, when the visitor comes back
	kept      outcome = "once, or at the next visit"
	never     outcome = "lost"          // the SDK gives it up, knowing that it did not arrive
	perhaps   outcome = "once or lost"  // it arrives once when it was faster than the end of the page
	twice     outcome = "once or twice" // the browser sends it again by itself, and without an id nobody can tell
	missing   outcome = "-"             // the SDK has no such call
)

// sdk is what one SDK does, which is checked.
type sdk struct {
	name, title, pkg string
	path             string // where its requests begin
	client           bool   // its events say which browser they are of
	pageless         bool   // only its page views say on which page
	identify         string // the name of the event that identify makes, "" for none
	userless         bool   // no event says which user it is of
	itemless         bool   // its purchases have no items
	titleless        bool   // its page views do not say what the page is called
	needsNext        bool   // it sends what is left along with the next event only
	identities       int    // how many events identify makes, 0 for 1

	offline, busy, cut, closed outcome
}

var sdks = []sdk{
	{name: "segment", title: "Segment", pkg: "@segment/analytics-next", path: "/v1/", client: true, identify: "identify",
		offline: once, busy: once, cut: once, closed: kept},
	{name: "rudderstack", title: "RudderStack", pkg: "@rudderstack/analytics-js", path: "/rudder/", client: true, identify: "identify",
		offline: once, busy: once, cut: once, closed: kept},
	{name: "jitsu", title: "Jitsu", pkg: "@jitsu/js", path: "/api/s/", client: true, identify: "identify",
		offline: never, busy: never, cut: once, closed: perhaps},
	{name: "snowplow", title: "Snowplow", pkg: "@snowplow/browser-tracker", path: "/com.snowplowanalytics.snowplow/", client: true, identify: "identify", needsNext: true,
		offline: once, busy: once, cut: once, closed: nextVisit},
	{name: "posthog", title: "PostHog", pkg: "posthog-js", path: "/ph/", client: true, identify: "identify",
		offline: once, busy: once, cut: once, closed: once},
	{name: "amplitude", title: "Amplitude", pkg: "@amplitude/analytics-browser", path: "/amplitude/", client: true, pageless: true, identify: "identify",
		offline: once, busy: once, cut: once, closed: nextVisit},
	{name: "mixpanel", title: "Mixpanel", pkg: "mixpanel-browser", path: "/mixpanel/", client: true, identify: "identify", identities: 3,
		offline: once, busy: once, cut: once, closed: once},
	{name: "plausible", title: "Plausible", pkg: "@plausible-analytics/tracker", path: "/api/event", userless: true, itemless: true, titleless: true,
		offline: never, busy: never, cut: twice, closed: once},
	{name: "umami", title: "Umami", pkg: "umami", path: "/api/send", identify: "identify", userless: true, itemless: true,
		offline: never, busy: never, cut: twice, closed: perhaps},
	{name: "walkeros", title: "walkerOS", pkg: "@walkeros/collector", path: "/walkeros", client: true, pageless: true,
		offline: never, busy: never, cut: once, closed: perhaps},
}

func TestRealSDKsInABrowser(t *testing.T) {
	s := openShop(t)
	visits := []*visit{}
	for i := range sdks {
		for _, mount := range []string{"cross", "same"} {
			visits = append(visits, &visit{shop: s, sdk: &sdks[i], mount: mount, run: fmt.Sprintf("r%d%s%s", i, mount, sdks[i].name)})
		}
	}
	var all sync.WaitGroup
	for _, v := range visits {
		all.Go(func() { t.Run(v.sdk.name+"/"+v.mount, v.all) })
	}
	all.Go(func() { t.Run("snippets", s.snippets) })
	all.Wait()
	s.process.Drained()
	for _, v := range visits {
		if v.t == nil {
			return // by -run only some were tried
		}
		v.check()
	}
	checkTable(t, visits)
}

// snippets has pages with those snippets of docs/senders that need no SDK.
func (s *shop) snippets(t *testing.T) {
	for name, event := range map[string]string{"events": "page_view", "pixel": "email_open"} {
		run := "snippet" + name
		for _, ask := range []map[string]any{
			{"do": "open", "key": run, "url": s.url("/shop/" + name + "/cross/" + run)}, {"do": "run", "key": run, "code": "ready"},
		} {
			if err := s.browser.ask(ask, nil); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if !until(func() bool { return s.sink.from(name, event) == 1 }) {
			t.Errorf("%s: %d events arrived", name, s.sink.from(name, event))
		}
	}
}

// visit is a visitor on a page with an SDK.
type visit struct {
	*shop
	t     *testing.T
	sdk   *sdk
	mount string
	run   string
	want  map[string]outcome // by the event's name
	// let is that Chromium let while_offline out although it was told to be offline, as it does now and then with keepalive.
	let bool
}

func (v *visit) all(t *testing.T) {
	v.t = t
	v.want = map[string]outcome{}
	steps := []struct {
		name string
		do   func() error
	}{
		{"open the page", v.open}, {"shop", v.shopping}, {"go offline", v.offline}, {"meet a 503", v.meetBusy},
		{"lose an answer", v.loseAnswer}, {"close the tab", v.closeTab},
	}
	for _, step := range steps {
		if err := step.do(); err != nil {
			t.Errorf("%s: %v", step.name, err)
			return
		}
	}
}

func (v *visit) ask(verb string, what map[string]any) error {
	if what == nil {
		what = map[string]any{}
	}
	what["do"], what["key"] = verb, v.run
	return v.browser.ask(what, nil)
}

func (v *visit) js(code string) error { return v.ask("run", map[string]any{"code": code}) }

// track has the SDK track an event of its own.
func (v *visit) track(name string) error {
	return v.js(fmt.Sprintf(`void shop.track(%q, {run})`, name))
}

// arrive waits until an event has come.
func (v *visit) arrive(name string) (err error) {
	polls := 0
	came := until(func() bool {
		if polls++; v.sdk.needsNext && polls%100 == 0 && err == nil {
			err = v.track("something_else")
		}
		return len(v.sink.of(v.run, name)) > 0
	})
	if err == nil && !came {
		err = fmt.Errorf("%s has not arrived", name)
	}
	return err
}

// expect says what becomes of an event, and waits for it where it is to arrive.
func (v *visit) expect(name string, o outcome) error {
	v.want[name] = o
	if o == once || o == twice {
		return v.arrive(name)
	}
	return nil
}

func (v *visit) place() string { return hosts[v.mount] + " " + v.sdk.name }

func (v *visit) open() error {
	if err := v.ask("open", map[string]any{"url": v.url("/shop/" + v.sdk.name + "/" + v.mount + "/" + v.run)}); err != nil {
		return err
	}
	return v.js(`ready`)
}

// shopping is a page view, a click, a sign-in and a purchase.
func (v *visit) shopping() error {
	user := "u-" + v.run
	if err := v.js(`void shop.view()`); err != nil {
		return err
	}
	if err := v.ask("click", map[string]any{"on": "#buy"}); err != nil {
		return err
	}
	if v.sdk.identify != "" || !v.sdk.userless {
		if err := v.js(fmt.Sprintf(`void shop.identify(%q, %q)`, user, user+"@shop.example")); err != nil {
			return err
		}
	}
	if err := v.js(`void shop.purchase(order)`); err != nil {
		return err
	}
	for _, name := range []string{"page_view", "button_clicked", v.sdk.identify, "purchase"} {
		if name == "" {
			continue
		}
		if err := v.expect(name, once); err != nil {
			return err
		}
	}
	return nil
}

func (v *visit) offline() error {
	if err := v.ask("network", map[string]any{"on": false}); err != nil {
		return err
	}
	if err := v.track("while_offline"); err != nil {
		return err
	}
	expected := v.sdk.offline
	if expected == never { // an SDK that keeps it may notice, and not try
		failures := 0
		ended := until(func() bool {
			if len(v.sink.of(v.run, "while_offline")) > 0 {
				v.let, expected = true, perhaps
				return true
			}
			return v.browser.ask(map[string]any{"do": "failures", "key": v.run, "of": "while.offline"}, &failures) != nil || failures > 0
		})
		if !ended {
			return errors.New("while_offline was not sent")
		}
	}
	if err := v.ask("network", map[string]any{"on": true}); err != nil {
		return err
	}
	return v.then("while_offline", expected)
}

// then has the SDK track one more event, and waits for it: what was kept has come before it or comes after it.
func (v *visit) then(name string, o outcome) error {
	if err := v.track("after_" + name); err != nil {
		return err
	}
	if err := v.expect("after_"+name, once); err != nil {
		return err
	}
	return v.expect(name, o)
}

func (v *visit) meetBusy() error { return v.meet(busy, "while_busy", v.sdk.busy) }

func (v *visit) loseAnswer() error { return v.meet(lost, "while_cut", v.sdk.cut) }

// meet has the SDK track an event whose request meets a fault.
func (v *visit) meet(f fault, name string, o outcome) error {
	v.have(v.place(), f)
	if err := v.track(name); err != nil {
		return err
	}
	if !until(func() bool { return v.met(v.place()) > 0 }) {
		return fmt.Errorf("%s was not sent", name)
	}
	v.have(v.place(), "")
	return v.then(name, o)
}

func (v *visit) closeTab() error {
	var problems []string
	err := v.browser.ask(map[string]any{"do": "close", "key": v.run, "code": `void shop.track("while_closing", {run})`}, &problems)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return fmt.Errorf("errors of the page: %s", strings.Join(problems, "; "))
	}
	v.want["while_closing"] = v.sdk.closed
	if v.sdk.closed == once {
		return v.arrive("while_closing")
	}
	if err := v.open(); err != nil {
		return err
	}
	if err := v.track("after_closing"); err != nil {
		return err
	}
	if err := v.expect("after_closing", once); err != nil {
		return err
	}
	if v.sdk.closed == nextVisit || v.sdk.closed == kept {
		return v.arrive("while_closing")
	}
	return nil
}
