package console_test

import "testing"

// What people come to the console for, once more without a pointer.

func TestAMappingIsFixedWithTheKeyboard(t *testing.T) {
	s := open(t)
	s.arrive(1400, 900, false)
	s.signIn()
	s.goTo("/configuration?find=params.brand", "No mistake.")
	s.tab("Text of headgate.yaml")
	s.press("End", "Enter")
	s.write("params.currency: EUR")
	s.sees("No mistake.")
	s.tab("Compare")
	s.press("Enter")
	s.sees("Something changes.")
	s.press("Control+s")
	s.tab("Why")
	s.write("ads needs the currency")
	s.press("Enter")
	s.sees("Nothing is changed.")
	before := s.process.Status().Destinations["ads"].Rejected
	s.send(2) // a purchase
	if now := s.process.Drained("ads").Destinations["ads"].Rejected; now != before {
		t.Errorf("ads has rejected %d, before the mapping was fixed %d", now, before)
	}
}

func TestAPersonIsSuppressedWithTheKeyboard(t *testing.T) {
	s := open(t)
	s.arrive(390, 844, false)
	s.signIn()
	s.sees("This machine")
	s.press("g", "p")
	s.sees("hashed here")
	s.tab("Who")
	s.write("anna@example.com")
	s.press("Enter")
	s.sees("asked as")
	s.tab("Suppress")
	s.press("Enter")
	s.tab("Why")
	s.write("ticket 4711")
	s.press("Enter")
	s.sees("Nothing of this person is sent any more")
	s.press("Enter")
	s.sees("Suppressed.")
}

func TestADestinationIsAddedWithTheKeyboard(t *testing.T) {
	s := open(t)
	s.arrive(1400, 900, false)
	s.signIn()
	s.sees("This machine")
	s.tab("Add a destination")
	s.press("Enter")
	s.sees("Advertising")
	s.tab("Search the catalogue")
	s.write("webhook")
	s.tab("Whole events as a JSON list")
	s.press("Enter")
	s.sees("The dry run shows here")
	s.tab("Name in the configuration")
	s.press("Control+a")
	s.write("mirror")
	s.tab("url")
	s.write(s.sink + "/mirror")
	s.press("Enter")
	s.sees("What is written")
	s.tab("Add mirror")
	s.press("Enter")
	s.tab("Why")
	s.write("a mirror of it all")
	s.press("Enter")
	s.ask(map[string]any{"do": "reach", "path": "/destinations/mirror"}, nil)
	s.sees("running")
}
