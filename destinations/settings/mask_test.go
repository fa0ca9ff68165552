package settings

import (
	"testing"

	"headgate/event"
)

func TestSecretsAreMaskedInWhateverFormTheyComeBack(t *testing.T) {
	s := Set{
		values: event.Map{{Key: "a", Value: event.String("to/ken+1")}, {Key: "b", Value: event.String("to/ken+12")}, {Key: "c", Value: event.String("public")}, {Key: "d", Value: event.String("abc")}},
		masked: event.Map{{Key: "a", Value: event.String(Mask)}, {Key: "b", Value: event.String(Mask)}, {Key: "c", Value: event.String("public")}, {Key: "d", Value: event.String(Mask)}},
	}
	if got := s.Masker(nil)("to/ken+12 to/ken+1 to%2Fken%2B1 public abc"); got != "*** *** *** public abc" {
		t.Fatal(got)
	}
}
