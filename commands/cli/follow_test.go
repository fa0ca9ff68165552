package cli

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

func TestTheBarOfAReplayHasItsTotal(t *testing.T) {
	var shown bytes.Buffer
	bar := NewBar(&shown, 1500)
	if err := bar.Set64(600); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(shown.String(), "(600/1500") || !strings.Contains(shown.String(), "40%") {
		t.Errorf("it shows %q", shown.String())
	}
}

func TestAReplayIsFollowedToItsEnd(t *testing.T) {
	w := &World{Errors: io.Discard}
	tally, err := w.Follow(strings.NewReader(`{"read":0,"of":3,"matched":0}` + "\n" + `{"read":5,"of":3,"matched":1}` + "\n" + `{"read":5,"of":3,"matched":2,"had":1,"done":true}`))
	if err != nil || tally.Matched != 2 || tally.Had != 1 {
		t.Errorf("%+v %v", tally, err)
	}
	if _, err := w.Follow(strings.NewReader(`{"error":"read group 7: gone"}`)); err == nil || err.Error() != "read group 7: gone" {
		t.Errorf("%v", err)
	}
	if _, err := w.Follow(strings.NewReader(`{"read":5`)); err == nil || !strings.Contains(err.Error(), "broke off") {
		t.Errorf("%v", err)
	}
}

func TestOnlyAYesGoesOn(t *testing.T) {
	for answer, goesOn := range map[string]bool{"y\n": true, "Yes\n": true, "n\n": false, "\n": false, "": false} {
		var shown bytes.Buffer
		w := &World{In: strings.NewReader(answer), Errors: &shown}
		if err := w.Confirm("All is lost.", "Go on?"); (err == nil) != goesOn || !strings.Contains(shown.String(), "All is lost.") {
			t.Errorf("%q: %v, shown %q", answer, err, shown.String())
		}
	}
}
