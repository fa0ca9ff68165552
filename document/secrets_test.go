package document_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"headgate/document"
)

func TestASecretIsHiddenInEveryFormItTravelsIn(t *testing.T) {
	for _, secret := range []string{"s3cr3t", "whsec_abc/+def==", `quo"te\slash`, "päss wörd", "line one\nline two", "<a&b>token"} {
		var s document.Secrets
		s.Add(secret)
		quoted, err := json.Marshal(secret)
		if err != nil {
			t.Fatal(err)
		}
		basic := func(before, after string) string {
			return base64.StdEncoding.EncodeToString([]byte(before + secret + after))
		}
		for form, text := range map[string]string{
			"as it is":          "Bearer " + secret,
			"within JSON":       `{"echo":` + string(quoted) + `}`,
			"percent-encoded":   "https://vendor.example/?key=" + url.QueryEscape(secret) + "&v=1",
			"in lower escapes":  strings.ToLower(url.QueryEscape(secret)) + "",
			"in a path":         "/hooks/" + url.PathEscape(secret),
			"hexadecimal":       hex.EncodeToString([]byte(secret)),
			"HEXADECIMAL":       strings.ToUpper(hex.EncodeToString([]byte(secret))),
			"base64":            basic("", ""),
			"base64, a user":    basic("me:", ""),
			"base64, two bytes": basic("ab", "!"),
			"base64, in text":   "Basic " + basic("user", "\r\n"),
			"base64 for URLs":   base64.URLEncoding.EncodeToString([]byte("x" + secret)),
		} {
			if form == "in lower escapes" && strings.ToLower(secret) != secret {
				continue
			}
			if got := s.Hide(text); !strings.Contains(got, "***") {
				t.Errorf("%q %s: %q shows it", secret, form, got)
			}
		}
	}
}

func TestWhatIsHiddenStaysHidden(t *testing.T) {
	var none *document.Secrets
	none.Add("anything")
	if got := none.Hide("anything"); got != "anything" {
		t.Errorf("without secrets: %q", got)
	}
	var s document.Secrets
	if got := s.Hide("plain"); got != "plain" {
		t.Errorf("with none yet: %q", got)
	}
	s.Add("8080", "first-token")
	s.Add("first-token-and-more")
	if got := s.Hide("8080 first-token-and-more first-token"); got != "8080 *** ***" {
		t.Errorf("a port is none, the longer one wins, and the first is still hidden: %q", got)
	}
}
