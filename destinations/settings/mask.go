package settings

import (
	"net/url"
	"slices"
	"strings"

	"headgate/document"
)

// Secrets are the values that nobody may see.
func (s Set) Secrets() []string {
	var out []string
	for i := range s.values {
		if s.values[i].Value.Text() != s.masked[i].Value.Text() {
			out = append(out, s.values[i].Value.Text())
		}
	}
	return out
}

// Masker returns what hides secrets in text from outside: the settings of the type secret, and what the whole configuration
// took from the environment and from files.
func (s Set) Masker(all *document.Secrets) func(string) string {
	secrets := s.Secrets()
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, secret := range secrets {
		if len(secret) < 4 {
			continue // masking every "a" would garble the words and reveal the secret
		}
		pairs = append(pairs, secret, Mask)
		if escaped := QueryEscape(secret); escaped != secret {
			pairs = append(pairs, escaped, Mask)
		}
	}
	own := strings.NewReplacer(pairs...)
	return func(words string) string { return all.Hide(own.Replace(words)) }
}

// QueryEscape is url.QueryEscape that leaves the mask readable.
func QueryEscape(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(url.QueryEscape(s), "%2A", "*"), "+", "%20")
}
