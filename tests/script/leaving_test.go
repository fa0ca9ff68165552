package script_test

import (
	"net/url"
	"strconv"
	"testing"
)

// each fails the test where one of the events from..to is missing or came twice.
func (s *site) each(name string, n int) {
	s.t.Helper()
	times := map[int]int{}
	for _, a := range s.events(n, name) {
		i, _ := a.Params["i"].(float64)
		times[int(i)]++
	}
	for i := range n {
		if times[i] != 1 {
			s.t.Errorf("event %d came %d times", i, times[i])
		}
	}
}

func steps(from, to int) string {
	return "for (let i = " + strconv.Itoa(from) + "; i < " + strconv.Itoa(to) + "; i++) headgate.track('step', {i})"
}

func TestLeavingAtOnceLosesNothing(t *testing.T) {
	s := openSite(t, open)
	const visits = 200
	// Each page sends an event and goes to the next in the same breath: none is ever loaded.
	s.ask(map[string]any{"do": "visit", "url": s.pages.URL + "/chain.html?i=" + strconv.Itoa(visits), "until": "commit"}, nil)
	s.each("step", visits)
}

// ways counts in the tab's storage, which outlives its pages, by which way the script sends steps. Chromium has all of them.
const ways = `for (const [of, name] of [[navigator, 'sendBeacon'], [window, 'fetchLater'], [window, 'fetch']]) {
  const real = of[name].bind(of);
  of[name] = (to, what) => {
    if (String(what.body ?? what).includes('"step"')) sessionStorage[name] = Number(sessionStorage[name] ?? 0) + 1;
    return real(to, what);
  };
}`

func TestWhatIsLeftGoesByABeacon(t *testing.T) {
	s := openSite(t, open)
	s.visit(s.pages.URL + "/a?tag=data-manual")
	s.run(steps(0, 1), nil)
	s.events(1, "step")
	s.run(ways+`addEventListener('visibilitychange', () => { `+steps(1, 4)+` }, true)`, nil) // in the last moment, before the script hears of it
	s.goTo(s.pages.URL + "/b?tag=data-manual")
	s.each("step", 4)
	var used map[string]string
	s.run(`Object.fromEntries(Object.entries(sessionStorage))`, &used)
	if used["sendBeacon"] != "1" || used["fetch"] != "" || used["fetchLater"] == "" {
		t.Errorf("it was sent by %v", used)
	}
}

// The page's process is killed, so that it says nothing more: what arrives was left with the browser by fetchLater before. Nobody looks into
// that Chromium, since requests of a page that is looked into end with it.
func TestAPageThatCrashesHasLeftItsBatchWithTheBrowser(t *testing.T) {
	s := openSite(t, open)
	s.ask(map[string]any{"do": "alone", "url": s.pages.URL + "/crash.html"}, nil)
	s.process.Until("has its page ready", func() bool {
		select {
		case <-s.ready:
			return true
		default:
			return false
		}
	})
	if got := s.events(1); len(got) != 1 || got[0].Name != "began" {
		t.Fatalf("%+v have arrived before", got)
	}
	s.ask(map[string]any{"do": "crash"}, nil)
	s.each("step", 3)
}

func TestNoTaskOfTheScriptIsLong(t *testing.T) {
	s := openSite(t, open)
	shop := openShop(t, s)
	s.visit(shop.URL)
	s.click(`[data-choice="all"]`)
	s.ask(map[string]any{"do": "trace"}, nil)
	s.goTo(shop.URL + "/red.html")
	s.click("#add")
	s.goTo(shop.URL + "/cart.html")
	s.events(1, "view_cart")
	var took struct {
		Tasks   int
		Longest float64 // milliseconds
	}
	s.ask(map[string]any{"do": "trace", "of": "/a.js"}, &took)
	t.Logf("%d tasks, the longest %.1f ms", took.Tasks, took.Longest)
	if took.Tasks < 4 || took.Longest > 50 {
		t.Errorf("%+v", took)
	}
}

func TestAnHourOffline(t *testing.T) {
	s := openSite(t, open)
	s.visit(s.pages.URL + "/a?tag=data-manual")
	s.run(steps(0, 1), nil)
	s.events(1, "step")
	s.network(false)
	s.run(steps(1, 30), nil)
	s.close() // what could not be sent is in the browser's storage
	s.network(true)
	s.tab(s.pages.URL + "/b?tag=data-manual")
	s.events(30, "step")
	s.network(false)
	s.run(steps(30, 40), nil)
	s.network(true) // and here the page is still there
	s.each("step", 40)
}

func TestWhatWasKeptWaitsForAChoiceToo(t *testing.T) {
	s := openSite(t, open)
	page := s.pages.URL + "/a?tag=" + url.QueryEscape(`data-manual data-consent="own"`)
	s.visit(page)
	s.run(steps(0, 1), nil) // it waits when the page goes, and goes with it
	s.goTo(page)
	s.network(false)
	s.run("headgate.consent({analytics: true}); "+steps(1, 5), nil)
	s.tried()
	s.close()
	s.network(true)
	s.tab(page) // the next page is left before the visitor has said anything
	var stored int
	if s.run(`localStorage.length`, &stored); stored != 1 || s.requests("POST /e") > 0 {
		t.Errorf("%d entries in the storage, %d requests", stored, s.requests("POST /e"))
	}
	s.goTo(page)
	s.run(`headgate.consent({analytics: true})`, nil)
	for _, a := range s.events(4, "step") {
		if a.Params["i"] == 0.0 {
			t.Error("an event that waited was kept")
		}
	}
}

// tried waits until the page has tried to send: a request under way would be with Chromium, which sends it when its network is back.
func (s *site) tried() {
	s.t.Helper()
	s.process.Until("has been tried", func() bool {
		var n int
		s.run(`performance.getEntriesByType('resource').filter((e) => e.name.endsWith('/e')).length`, &n)
		return n > 0
	})
}

func TestWhileHeadgateFailsEventsWait(t *testing.T) {
	s := openSite(t, open)
	s.visit(s.pages.URL + "/a?tag=data-manual")
	s.fail(true)
	s.run(steps(0, 20), nil)
	s.process.Until("has refused a request", func() bool { return s.requests("POST /e") >= 2 })
	s.fail(false)
	s.each("step", 20)
}

func TestOneOfTwoTabsTakesWhatWasKept(t *testing.T) {
	s := openSite(t, open)
	s.visit(s.pages.URL + "/a?tag=data-manual")
	s.network(false)
	s.run(steps(0, 10), nil)
	s.tried()
	s.close()
	s.network(true)
	// Both are there before either has asked for what is kept.
	s.tab(s.pages.URL + "/frames.html")
	s.each("step", 10)
	if n := s.requests("POST /e"); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

func TestThePageOutOfTheBackForwardCacheIsAView(t *testing.T) {
	s := openSite(t, open)
	s.visit(s.pages.URL + "/one")
	s.run(`headgate.set({kept: 'in memory'})`, nil)
	s.goTo(s.pages.URL + "/two")
	s.events(2, "page_view")
	s.back()
	got := s.events(3, "page_view")
	// A page that is loaded again would not know what was set.
	if len(got) != 3 || got[2].Page.Path != "/one" || got[2].ID == got[0].ID || got[2].Params["kept"] != "in memory" {
		t.Errorf("%+v", got)
	}
}

func TestAPrerenderedPageIsAViewOnceItIsShown(t *testing.T) {
	s := openSite(t, open)
	s.ask(map[string]any{"do": "alone", "url": s.pages.URL + "/speculate.html"}, nil)
	got := s.events(2, "page_view", "early")
	if len(got) != 2 || got[1].Name != "page_view" || got[1].Params["began"] != "prerendering" || got[1].Params["early"] != "none" || got[1].Page.View != got[0].Page.View {
		t.Errorf("%+v", got)
	}
}

func TestAStrictPolicyIsKept(t *testing.T) {
	s := openSite(t, open)
	policy := "default-src 'none'; script-src EDGE/a.js EDGE/a.js/; connect-src EDGE; img-src data:; require-trusted-types-for 'script'"
	s.visit(s.pages.URL + "/api2.html?policy=" + url.QueryEscape(policy))
	s.run(`headgate.track('step', {i: 0})`, nil)
	s.events(2, "page_view", "step")
}
