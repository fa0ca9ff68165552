package console_test

import (
	"strings"
	"testing"
)

func TestNothingThatCameFromOutsideRuns(t *testing.T) {
	s := open(t)
	s.arrive(1400, 900, false)
	s.signIn()
	for _, screen := range s.screens() {
		s.goTo(screen.path, screen.shows)
	}
	// What is folded or asked for is looked at, too: the event in all its fields, a golden request, a search for hostile text.
	s.goTo("/events/"+s.deadLetter(), "Reached")
	s.click("button", "fields")
	s.goTo("/destinations/ads", "a purchase needs its currency")
	s.click("checkbox", "a purchase needs its currency")
	s.click("button", "Retry")
	s.sees("become pending")
	s.press("Escape")
	s.goTo("/live?where="+"name+%3D%3D+%22%3Cimg+src%3Dx+onerror%3Dhacked()%3E%22", "Showing every event")
	s.goTo("/sign-in?error=%3Cimg+src%3Dx+onerror%3Dhacked()%3E&to=javascript:hacked()", "")
	s.sound("hostile", "1400-light")
	var text string
	s.goTo("/destinations/ads", "a purchase needs its currency")
	s.ask(map[string]any{"do": "text"}, &text)
	if !strings.Contains(text, hostile) {
		t.Errorf("the vendor's words are not shown as they are:\n%s", text)
	}
}

func TestBackAndReloadKeepTheView(t *testing.T) {
	s := open(t)
	s.arrive(1400, 900, false)
	s.signIn()
	s.goTo("/?since=7d", "This machine")
	s.click("button", "ads rejected")
	s.sees("Dead letters")
	view := s.at()
	if view != "/?since=7d&open=ads.rejected" {
		t.Errorf("the open box is not in the address: %s", view)
	}
	s.ask(map[string]any{"do": "reload", "shows": "Dead letters"}, nil)
	s.click("link", "Dead letters")
	s.sees("grouped by reason")
	if at := s.at(); at != "/destinations/ads?since=7d" {
		t.Errorf("the time is not taken along: %s", at)
	}
	s.ask(map[string]any{"do": "back", "shows": "Dead letters"}, nil)
	if at := s.at(); at != view {
		t.Errorf("back leads to %s, not to %s", at, view)
	}
	s.goTo(`/live?name=purchase&country=DE`, "Showing every event")
	s.ask(map[string]any{"do": "reload", "shows": "Showing every event"}, nil)
	if at := s.at(); at != "/live?name=purchase&country=DE" {
		t.Errorf("the filters are lost: %s", at)
	}
	s.send(42) // a purchase from Germany
	s.sees("T-42")
}

func TestTheKeyboardIsEnough(t *testing.T) {
	s := open(t)
	s.arrive(1400, 900, false)
	s.signIn()
	s.sees("This machine")
	s.press("?")
	s.sees("Next, previous row")
	s.press("Escape")
	s.press("/")
	s.write("ads")
	s.sees("destination · running")
	s.press("Enter")
	s.sees("grouped by reason")
	s.tab("Choose: ")
	s.press("Space")
	s.tab("Retry")
	s.press("Enter")
	s.sees("become pending")
	s.press("Escape")
	var focused string
	s.ask(map[string]any{"do": "focused"}, &focused)
	if !strings.HasPrefix(focused, "Retry") {
		t.Errorf("when the dialog is closed the focus is on %q", focused)
	}
	s.press("g", "l")
	s.sees("Showing every event")
	s.send(42)
	s.sees("T-42")
	s.press("Space")
	s.sees("Paused.")
	s.press("j", "Enter")
	s.sees("Reached")
	s.press("r")
	s.sees("Consent is asked again")
	s.press("Escape", "g", "c")
	s.sees("Impact preview")
	s.tab("Text of headgate.yaml") // into the editor,
	s.tab("sample purchase")       // and out of it again
}

func TestAPersonIsFoundByTheirAddressAndSuppressed(t *testing.T) {
	s := open(t)
	s.arrive(1400, 900, false)
	s.signIn()
	s.goTo("/people", "hashed here")
	s.ask(map[string]any{"do": "fill", "label": "Who", "text": "Anna@Example.com "}, nil)
	s.press("Enter")
	s.sees("asked as")
	if at := s.at(); strings.Contains(strings.ToLower(at), "anna") || !strings.Contains(at, "as=email") {
		t.Errorf("the address stands in the address: %s", at)
	}
	s.sees("purchase")
	s.click("button", "Suppress")
	s.sees("Nothing of this person is sent from now on")
	s.ask(map[string]any{"do": "fill", "label": "Why", "text": "ticket 4711"}, nil)
	s.press("Enter")
	s.sees("Nothing of this person is sent any more")
	s.press("Enter")
	s.sees("Suppressed.")
	s.goTo("/audit?action=person.suppress", "person.suppress")
}

func TestADestinationIsPausedAndResumed(t *testing.T) {
	s := open(t)
	s.arrive(390, 844, false)
	s.signIn()
	s.goTo("/destinations/stats", "running")
	s.click("button", "Pause")
	s.sees("Resume")
	if state := s.process.Status().Destinations["stats"].State; state != "paused" {
		t.Errorf("stats is %s", state)
	}
	s.click("button", "Resume")
	s.sees("running")
}

func TestADeadLetterIsRetriedFromItsEvent(t *testing.T) {
	s := open(t)
	s.arrive(1400, 900, false)
	s.signIn()
	s.goTo("/events/"+s.deadLetter(), "ads rejected it")
	s.process.Ask("POST", "/api/destinations/ads/pause", nil) // it is pending for as long as we look
	s.click("button", "Retry this one")
	s.sees("ads and crm will get it")
	s.sees("It will be sent again.")
	s.goTo("/sign-in", "") // who is signed in goes on
	s.sees("This machine")
	s.click("button", "sign out")
	s.sees("Sign in")
	s.goTo("/audit", "Sign in")
}

func TestWhoOpensAScreenInATabBehindIsAskedToSignIn(t *testing.T) {
	s := open(t)
	s.ask(map[string]any{"do": "open", "url": s.url, "width": 1400, "height": 900, "behind": true}, nil)
	s.goTo("/audit", "Sign in")
	if at := s.at(); at != "/sign-in?to=%2Faudit" {
		t.Errorf("at %s", at)
	}
}

func TestAWrongTokenIsRefused(t *testing.T) {
	s := open(t)
	s.arrive(390, 844, true)
	s.ask(map[string]any{"do": "fill", "label": "Token", "text": "not this one"}, nil)
	s.press("Enter")
	s.sees("This token is not known here")
}

func TestALiveViewUnderAFloodSaysWhatItLeavesOut(t *testing.T) {
	s := open(t)
	s.arrive(1400, 900, false)
	s.signIn()
	s.goTo("/live", "Showing every event")
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				s.send(i)
			}
		}
	}()
	s.sees("Showing 1 in")
	close(stop)
	<-done
	var rows int
	s.ask(map[string]any{"do": "count", "selector": "main tbody tr"}, &rows)
	if rows == 0 || rows > 60 {
		t.Errorf("%d rows", rows)
	}
}

func TestAMappingIsFixedInTheEditor(t *testing.T) {
	s := open(t)
	s.arrive(1400, 900, false)
	s.signIn()
	refused := s.process.Status().Destinations["ads"].Rejected
	s.goTo("/configuration?find=params.value", "No mistake.")
	s.tab("Text of headgate.yaml")
	s.press("End", "Enter")
	s.write("params.currency: =page.ulr")
	s.sees("did you mean \"page.url\"?")
	s.press("Shift+Home")
	s.write("params.currency: EUR")
	s.sees("No mistake.")
	s.click("button", "Compare")
	s.sees("Something changes.")
	s.click("button", "Save draft")
	s.ask(map[string]any{"do": "fill", "label": "Why", "text": "ads needs the currency"}, nil)
	s.press("Enter")
	s.sees("Nothing is changed.")
	s.send(42)
	if now := s.process.Drained("ads").Destinations["ads"].Rejected; now != refused {
		t.Errorf("ads has refused %d, before the mistake was fixed %d", now, refused)
	}
	s.goTo("/configuration?tab=history", "ads needs the currency")
	s.click("button", "Diff")
	s.sees("+      params.currency: EUR")
	s.sound("fixed", "1400-light")
}
