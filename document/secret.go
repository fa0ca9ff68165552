package document

import (
	"fmt"
	"log/slog"
	"math"
	"net/url"
	"regexp"
	"strings"
)

// Secret is text that never shows: however it is printed, logged or encoded, it is ***. Only Reveal gives it away.
type Secret struct {
	value string
	at    Place
}

const masked = "***"

// NewSecret makes a secret that was not read from a document.
func NewSecret(value string) Secret { return Secret{value: value} }

// Reveal returns the text.
func (s Secret) Reveal() string { return s.value }

// Where returns where the secret, or the reference to it, was written.
func (s Secret) Where() Place { return s.at }

// IsEmpty reports whether there is no secret.
func (s Secret) IsEmpty() bool { return s.value == "" }

// String returns ***, or nothing when there is no secret.
func (s Secret) String() string {
	if s.value == "" {
		return ""
	}
	return masked
}

// Format keeps every verb of fmt from looking inside.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, s.String()) }

// MarshalText keeps encoders from looking inside.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue keeps slog from looking inside.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

func (s *Secret) fill(d *decoder, n *Node, name string) {
	if n.Kind == Number || n.Kind == Bool {
		d.mistakes.Add(n.At, name+" takes text", "write it in quotes") // the text itself is not repeated
		return
	}
	if !d.text(n, name) {
		return
	}
	d.mistakes = append(d.mistakes, n.CheckSecret(name)...)
	*s = Secret{n.Text, n.At}
}

// CheckSecret finds a secret that stands in the document itself. The name says which setting it is, for the message.
func (n *Node) CheckSecret(name string) Mistakes {
	if len(n.From)+len(n.Missing) > 0 || strings.Contains(n.Text, "${") || !looksSecret(n.Text) {
		return nil
	}
	variable := strings.ToUpper(strings.Trim(notWord.ReplaceAllString(name, "_"), "_"))
	return Mistakes{{n.At, name + " is a secret, and it stands here for all to read",
		fmt.Sprintf("move it into the environment and write ${%s}, or into a file and write ${file:/run/secrets/%s}",
			variable, strings.ToLower(variable))}}
}

var (
	notWord     = regexp.MustCompile(`[^A-Za-z0-9]+`)
	secretStart = regexp.MustCompile(`^(sk_live_|sk_test_|rk_live_|AKIA|ASIA|ghp_|gho_|github_pat_|glpat-|xox[abpr]-|EAA[A-Za-z0-9]|ya29\.|AIza|eyJ[A-Za-z0-9_-]+\.|-----BEGIN )`)
)

// looksSecret distinguishes tokens from placeholders such as "test-token": a known prefix, a password in an address, or 16 and more
// letters and digits without a pattern.
func looksSecret(s string) bool {
	if secretStart.MatchString(s) && len(s) >= 16 {
		return true
	}
	if strings.Contains(s, "://") {
		u, err := url.Parse(s)
		if err != nil || u.User == nil {
			return false
		}
		password, set := u.User.Password()
		return set && password != ""
	}
	return len(s) >= 16 && !strings.ContainsAny(s, " \t\n") && strings.ContainsAny(s, "0123456789") &&
		strings.ContainsAny(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz") && entropy(s) >= 3.2
}

// entropy is Shannon's, in bits a character.
func entropy(s string) float64 {
	counts := map[rune]float64{}
	for _, c := range s {
		counts[c]++
	}
	bits, length := 0.0, float64(len([]rune(s)))
	for _, n := range counts {
		bits -= n / length * math.Log2(n/length)
	}
	return bits
}
