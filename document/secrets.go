package document

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Secrets are the values that nobody may see: what ${NAME} and ${file:} were filled in with. They are hidden by value, so
// that they stay hidden wherever a rule, a header or a vendor's answer carries them. Values are only ever added: a secret
// that was replaced by a reload may still stand in a stored answer. It is safe for concurrent use; a nil one hides nothing.
type Secrets struct {
	mu       sync.Mutex
	values   []string
	replacer atomic.Pointer[strings.Replacer]
}

// shortestHidden is the length from which a value is hidden wherever it stands. A shorter one, such as a port, stands in too
// many texts that have nothing to do with it.
const shortestHidden = 6

// Add notes values to be hidden. Those shorter than 6 bytes are not.
func (s *Secrets) Add(values ...string) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.values)
	for _, v := range values {
		if v = strings.TrimSpace(v); len(v) >= shortestHidden && !slices.Contains(s.values, v) {
			s.values = append(s.values, v)
		}
	}
	if len(s.values) > before {
		s.replacer.Store(hiding(s.values))
	}
}

// Hide returns a text with *** in the place of every secret: as it is, within JSON, percent-encoded, in hexadecimal and in
// base64, also as a part of what was encoded, such as the password of basic authentication.
func (s *Secrets) Hide(text string) string {
	if s == nil {
		return text
	}
	r := s.replacer.Load()
	if r == nil {
		return text
	}
	return r.Replace(text)
}

// Writer returns a writer that hides secrets in what is written to out. Each Write is looked at by itself, so callers must
// write a secret in one piece: a line of a log, a formatted sentence, a JSON value.
func (s *Secrets) Writer(out io.Writer) io.Writer { return hidingWriter{s, out} }

type hidingWriter struct {
	secrets *Secrets
	out     io.Writer
}

func (w hidingWriter) Write(p []byte) (int, error) {
	text := string(p)
	hidden := w.secrets.Hide(text)
	if hidden == text {
		return w.out.Write(p)
	}
	if _, err := io.WriteString(w.out, hidden); err != nil {
		return 0, err
	}
	return len(p), nil
}

func hiding(values []string) *strings.Replacer {
	var forms []string
	for _, v := range values {
		forms = append(forms, formsOf(v)...)
	}
	slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) }) // the longest that matches at a place wins
	forms = slices.Compact(forms)
	pairs := make([]string, 0, 2*len(forms))
	for _, f := range forms {
		pairs = append(pairs, f, masked)
	}
	return strings.NewReplacer(pairs...)
}

// formsOf returns how a secret may be written.
func formsOf(secret string) []string {
	percent := url.QueryEscape(secret)
	digits := hex.EncodeToString([]byte(secret))
	forms := []string{secret, percent, strings.ReplaceAll(percent, "+", "%20"), url.PathEscape(secret), lowerEscapes(percent),
		digits, strings.ToUpper(digits)}
	if text, err := json.Marshal(secret); err == nil {
		forms = append(forms, string(text[1:len(text)-1]))
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(secret) == nil {
		forms = append(forms, strings.Trim(b.String(), "\"\n"))
	}
	for offset := range 3 {
		for _, alphabet := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			if form := inner(alphabet, secret, offset); len(form) >= shortestHidden {
				forms = append(forms, form)
			}
		}
	}
	slices.Sort(forms)
	return slices.Compact(forms)
}

// inner returns the characters of a base64 text that depend on the secret alone, where it begins that many bytes after a
// multiple of three.
func inner(alphabet *base64.Encoding, secret string, offset int) string {
	encoded := alphabet.EncodeToString(append(make([]byte, offset), secret...))
	first := (offset*8 + 5) / 6
	last := (offset + len(secret)) * 8 / 6
	return encoded[first:last]
}

// lowerEscapes returns a percent-encoded text with its digits in lower case.
func lowerEscapes(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:], strings.ToLower(string(b[i+1:i+3])))
			i += 2
		}
	}
	return string(b)
}
