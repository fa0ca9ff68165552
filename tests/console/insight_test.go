package console_test

import (
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestFromANumberOfInsightToTheVisitorsBehindIt(t *testing.T) {
	s := open(t)
	s.arrive(1400, 900, false)
	s.signIn()
	s.sees("This machine")
	s.press("g", "i")
	s.sees("Searched for")
	s.click("link", "Funnels")
	s.click("link", "checkout")
	s.sees("These visitors")
	s.click("button", "Strict")
	s.sees("strict")
	if at := s.at(); !strings.HasPrefix(at, "/insight/funnels/checkout?") || !strings.Contains(at, "mode=strict") {
		t.Errorf("the mode is not in the address: %s", at)
	}
	s.goTo("/insight/carts", "Who left one behind")
	s.goTo("/insight/funnels/-?steps=page_view,never", "These visitors")
	s.tab("CSV")
	var visitors int
	s.ask(map[string]any{"do": "count", "selector": ".visitors a"}, &visitors)
	if visitors == 0 {
		t.Fatal("nobody is behind the number")
	}
	s.ask(map[string]any{"do": "follow", "selector": ".visitors a"}, nil)
	s.sees("keyed hash")
	s.goTo("/audit?action=person.view", "person.view")
}

func TestAWalkIsInTheAddress(t *testing.T) {
	s := open(t)
	s.arrive(1400, 900, false)
	s.signIn()
	s.goTo("/insight/paths?direction=previous&from=purchase", "Step by step")
	s.ask(map[string]any{"do": "follow", "selector": ".miller > div:nth-child(2) button:enabled"}, nil)
	s.ask(map[string]any{"do": "reload", "shows": "Step by step"}, nil)
	if at := s.at(); !strings.Contains(at, "walk=") || !strings.Contains(at, "direction=previous") {
		t.Errorf("the walk is not in the address: %s", at)
	}
	s.goTo("/insight?filter=page.pth", "did you mean")
}

func TestWhereInsightIsOffItsPagesSayHowToTurnItOn(t *testing.T) {
	s := openCounting(t, "")
	s.arrive(390, 844, true)
	s.signIn()
	for _, path := range []string{"/insight", "/insight/funnels", "/insight/funnels/checkout", "/insight/paths", "/insight/carts", "/insight/campaigns", "/insight/visitors/1"} {
		s.goTo(path, "insight: {}")
		s.sound("off", "390-dark")
	}
	text, err := os.ReadFile(s.process.Path())
	if err != nil {
		t.Fatal(err)
	}
	s.process.Write(strings.ReplaceAll(string(text), "\ntests:", "\n"+insight+"tests:"))
	s.process.Signal(syscall.SIGHUP)
	s.goTo("/insight/funnels", "checkout")
}
