package rules_test

import (
	"slices"
	"testing"

	"headgate/rules"
)

func TestAPhoneNumberIsWrittenInternationally(t *testing.T) {
	l, _ := rules.NewLanguage(rules.Options{})
	for _, c := range []struct{ number, country, want string }{
		{" +49 30 123456", "", "+4930123456"},
		{"0049 30 123456", "", "+4930123456"},
		{"030 123456", "DE", "+4930123456"},
		{"+44 20 7946 0018", "DE", "+442079460018"},
		{"030 123456", "", ""},
		{"nobody's", "DE", ""},
		{"", "DE", ""},
	} {
		if got := l.InternationalPhone(c.number, c.country); got != c.want {
			t.Errorf("%q in %q: %q, want %q", c.number, c.country, got, c.want)
		}
	}
}

func TestOnlyGmailsAddressesAreHashedInSeveralSpellings(t *testing.T) {
	l, _ := rules.NewLanguage(rules.Options{})
	if got := l.HashedEmails("an.na+shop@gmail.com"); !slices.Contains(got, "anna@gmail.com") || slices.Contains(got, "an.na+shop@gmail.com") {
		t.Errorf("%q", got)
	}
	if got := l.HashedEmails("an.na+shop@mark.example"); got != nil {
		t.Errorf("%q", got)
	}
}
