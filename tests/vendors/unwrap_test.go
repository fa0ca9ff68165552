package vendors_test

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	percented   = regexp.MustCompile(`%[0-9a-fA-F]{2}`)
	unicoded    = regexp.MustCompile(`\\u[0-9a-fA-F]{4}`)
	based       = regexp.MustCompile(`[A-Za-z0-9+/_-]{12,}`)
	numberSigns = strings.NewReplacer(" ", "", "(", "", ")", "", "-", "", "+", "", ".", "", "/", "")
)

// unwrappedAll is all there is to read in some requests.
func unwrappedAll(requests []string) string {
	var all []string
	for _, request := range requests {
		all = append(all, layers(request)...)
	}
	return strings.Join(all, "\n")
}

// layers are a request as it was sent and with what it is wrapped in taken off, in small letters; and without what
// stands between the digits of a phone number.
func layers(request string) []string {
	seen := map[string]bool{request: true}
	todo := []string{request}
	for len(todo) > 0 && len(seen) < 10_000 {
		text := todo[0]
		todo = todo[1:]
		for _, inner := range unwrapped(text) {
			if !seen[inner] {
				seen[inner] = true
				todo = append(todo, inner)
			}
		}
	}
	var out []string
	for text := range seen {
		lower := strings.ToLower(text)
		out = append(out, lower, numberSigns.Replace(lower))
	}
	return out
}

// unwrapped is a text with one layer taken off, in every way that changes it.
func unwrapped(text string) (inner []string) {
	if percented.MatchString(text) {
		inner = append(inner, percented.ReplaceAllStringFunc(text, func(s string) string {
			plain, err := url.PathUnescape(s)
			if err != nil {
				return s
			}
			return plain
		}))
	}
	if strings.ContainsRune(text, '\\') {
		inner = append(inner, strings.NewReplacer(`\"`, `"`, `\\`, `\`, `\/`, `/`).Replace(unicoded.ReplaceAllStringFunc(text, func(s string) string {
			var plain string
			if json.Unmarshal([]byte(`"`+s+`"`), &plain) != nil {
				return s
			}
			return plain
		})))
	}
	for _, run := range based.FindAllString(text, -1) {
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			if plain, err := encoding.DecodeString(run); err == nil && readable(plain) {
				inner = append(inner, string(plain))
			}
		}
	}
	return inner
}

func readable(b []byte) bool {
	return !slices.ContainsFunc(b, func(c byte) bool { return c < ' ' && c != '\n' && c != '\t' || c == 0x7f })
}

func TestMarkersAreFoundHoweverTheyAreWrapped(t *testing.T) {
	t.Parallel()
	for name, wrapped := range map[string]string{
		"plain":               `{"email":"zqmail@zqmarker.example"}`,
		"capitals":            `{"email":"ZQMAIL@zqmarker.example"}`,
		"percent":             `?e=%7a%71%6d%61%69%6c%40zqmarker.example`,
		"percent twice":       `?e=%257aqmail%2540zqmarker`,
		"escapes of JSON":     `{"email":"\u007aqmail"}`,
		"JSON in JSON":        `{"x":"{\"email\":\"\\u007aqmail\"}"}`,
		"base64":              `{"x":"` + base64.StdEncoding.EncodeToString([]byte(`{"email":"zqmail@x.example"}`)) + `"}`,
		"base64 of addresses": `?cx=` + base64.RawURLEncoding.EncodeToString([]byte(`{"email":"zqmail@x.example?"}`)),
		"base64 of percent":   `Basic ` + base64.StdEncoding.EncodeToString([]byte(`%7aqmail@zqmarker:`)),
	} {
		if !found(strings.Join(layers(wrapped), "\n"), contacts[0]) {
			t.Errorf("%s: not found in %s", name, wrapped)
		}
	}
	for _, number := range []string{"+4915794612087", "01579 4612087", "(01579) 46-120-87", "%2B49%201579%204612087"} {
		if !found(strings.Join(layers(number), "\n"), contacts[1]) {
			t.Errorf("the number is not found in %s", number)
		}
	}
	if found(strings.Join(layers(`{"email":"`+strings.Repeat("ab", 32)+`"}`), "\n"), contacts[0]) {
		t.Error("a marker is found where there is none")
	}
}
