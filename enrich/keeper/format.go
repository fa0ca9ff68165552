package keeper

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"

	"headgate/event/wire"
)

// The formats of cookies. A value that has another one is neither kept nor set: it was not the tag that wrote it.

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// isDigits accepts a number that fits into 64 bits.
func isDigits(s string) bool { return wire.IsDigits(s) && len(s) <= 19 }

// hasOnly reports whether a text has letters, digits and some other bytes only, and a length within bounds.
func hasOnly(s, others string, least, most int) bool {
	for i := range len(s) {
		if !isAlphanumeric(s[i]) && strings.IndexByte(others, s[i]) < 0 {
			return false
		}
	}
	return len(s) >= least && len(s) <= most
}

// isWord accepts letters, digits, - and _: uuids and base64url.
func isWord(least, most int) func(string) bool {
	return func(s string) bool { return hasOnly(s, "-_", least, most) }
}

func isHex(least, most int) func(string) bool {
	return func(s string) bool {
		return len(s) >= least && len(s) <= most && strings.Trim(s, "0123456789abcdefABCDEF") == ""
	}
}

func isUUID(s string) bool {
	parts := strings.Split(s, "-")
	if len(s) != 36 || len(parts) != 5 {
		return false
	}
	for i, n := range [...]int{8, 4, 4, 4, 12} {
		if !isHex(n, n)(parts[i]) {
			return false
		}
	}
	return true
}

// isClick accepts a click id, percent-encoded or not, of up to 500 bytes.
func isClick(s string) bool { return hasOnly(s, "-_.~%=", 8, 500) }

// isBase64 accepts base64 of either alphabet, percent-encoded or not.
func isBase64(s string) bool { return hasOnly(s, "+/=-_%.", 16, 500) }

// isDepth accepts Google's second field: labels of the domain, and the depth of a path.
func isDepth(s string) bool {
	labels, path, deeper := strings.Cut(s, "-")
	return isDigits(labels) && len(labels) <= 2 && (!deeper || isDigits(path) && len(path) <= 2)
}

// isGoogleClient accepts GA1.<depth>.<random>.<unix s>.
func isGoogleClient(s string) bool {
	p := strings.Split(s, ".")
	return len(p) == 4 && p[0] == "GA1" && isDepth(p[1]) && isDigits(p[2]) && isDigits(p[3])
}

// isGoogleSession accepts GS1.<depth>.<five to seven fields> and GS2.<depth>.<letter><value>$...
func isGoogleSession(s string) bool {
	version, rest, _ := strings.Cut(s, ".")
	depth, fields, ok := strings.Cut(rest, ".")
	if !ok || !isDepth(depth) || len(s) > 200 {
		return false
	}
	switch version {
	case "GS1":
		p := strings.Split(fields, ".")
		return len(p) >= 5 && len(p) <= 7 && isDigits(p[0]) && isDigits(p[1]) && hasOnly(fields, ".-_", 1, 200)
	case "GS2":
		return hasOnly(fields, "$-_.%", 2, 200) && (strings.HasPrefix(fields, "s") || strings.Contains(fields, "$s"))
	}
	return false
}

// isGoogleClick accepts GCL.<unix s>.<id>[.<labels>], 1.<unix s>.<id> and 2.<depth>.k<id>$i<unix s>...
func isGoogleClick(s string) bool {
	kind, rest, _ := strings.Cut(s, ".")
	second, id, ok := strings.Cut(rest, ".")
	if !ok || len(s) > 500 {
		return false
	}
	switch kind {
	case "GCL", "1":
		return isDigits(second) && hasOnly(id, "-_.", 1, 500)
	case "2":
		return isDepth(second) && strings.HasPrefix(id, "k") && hasOnly(id, "$-_.%", 2, 500)
	}
	return false
}

// isGoogleBrowser accepts 1.<depth>.<random>.<unix s>, with up to three numbers of a session after it.
func isGoogleBrowser(s string) bool {
	p := strings.Split(s, ".")
	if len(p) < 4 || len(p) > 7 || p[0] != "1" || !isDepth(p[1]) {
		return false
	}
	for _, n := range p[2:] {
		if !isDigits(n) {
			return false
		}
	}
	return true
}

// isMeta accepts fb.<dots of the domain>.<unix ms>.<payload>[.<appendix of 2 or 8 characters>].
func isMeta(s string) bool {
	p := strings.Split(s, ".")
	if len(p) < 4 || len(p) > 5 || p[0] != "fb" || !isDigits(p[1]) || !isDigits(p[2]) || !hasOnly(p[3], "-_~%", 1, 500) {
		return false
	}
	return len(p) == 4 || hasOnly(p[4], "-_", 2, 8)
}

// isPinterest accepts the base64 of uid=<base64 of a uuid>.
func isPinterest(s string) bool {
	decoded, err := url.PathUnescape(s)
	if err != nil || len(s) > 200 {
		return false
	}
	plain, err := base64.StdEncoding.DecodeString(decoded)
	if err != nil {
		return false
	}
	id, ok := strings.CutPrefix(string(plain), "uid=")
	return ok && hasOnly(id, "+/=-_", 8, 100)
}

// isMicrosoftClick accepts _uet<32 hex digits>.
func isMicrosoftClick(s string) bool {
	id, ok := strings.CutPrefix(s, "_uet")
	return ok && isHex(32, 32)(id)
}

// isMicrosoftVisitor accepts 32 hex digits, and what newer tags write after them behind a bar.
func isMicrosoftVisitor(s string) bool {
	decoded, err := url.PathUnescape(s)
	id, rest, _ := strings.Cut(decoded, "|")
	return err == nil && isHex(32, 32)(id) && hasOnly(rest, "|", 0, 40)
}

// isReddit accepts <unix ms>.<uuid>.
func isReddit(s string) bool {
	ms, id, ok := strings.Cut(s, ".")
	return ok && isDigits(ms) && isUUID(id)
}

// isXClick accepts the percent-encoded JSON object whose member twclid is the click id.
func isXClick(s string) bool {
	decoded, err := url.PathUnescape(s)
	if err != nil || len(s) > 500 {
		return false
	}
	var object struct {
		Click string `json:"twclid"`
	}
	return json.Unmarshal([]byte(decoded), &object) == nil && isClick(object.Click)
}

// isHubSpot accepts <hash>.<32 hex digits>.<three times in ms>.<count>.
func isHubSpot(s string) bool {
	p := strings.Split(s, ".")
	if len(p) != 6 || !isHex(32, 32)(p[1]) {
		return false
	}
	for _, n := range []string{p[0], p[2], p[3], p[4], p[5]} {
		if !isDigits(n) {
			return false
		}
	}
	return true
}

// isQuotedWord accepts a uuid or another word, in quotes (as they are or percent-encoded) or not.
func isQuotedWord(s string) bool {
	decoded, err := url.PathUnescape(s)
	if len(decoded) >= 2 && decoded[0] == '"' && decoded[len(decoded)-1] == '"' {
		decoded = decoded[1 : len(decoded)-1]
	}
	return err == nil && isWord(8, 64)(decoded)
}

// isRudder accepts RS_ENC_v3_<base64>, percent-encoded or not, or a plain id.
func isRudder(s string) bool {
	decoded, err := url.PathUnescape(s)
	if coded, ok := strings.CutPrefix(decoded, "RS_ENC_v3_"); ok {
		return hasOnly(coded, "+/=", 8, 200)
	}
	return err == nil && isQuotedWord(decoded)
}

// isJitsu accepts a word, or a client id as Google has it.
func isJitsu(s string) bool { return hasOnly(s, "-_.+/=", 8, 64) }

// isSnowplow accepts <uuid>.<created>.<visits>.<now>.<last>.<session uuid>, with more fields in newer trackers, some of them empty.
func isSnowplow(s string) bool {
	p := strings.Split(s, ".")
	if len(p) < 6 || len(p) > 11 || !isUUID(p[0]) || !isUUID(p[5]) || len(s) > 300 {
		return false
	}
	for _, n := range []string{p[1], p[2], p[3]} {
		if !isDigits(n) {
			return false
		}
	}
	return hasOnly(s, ".-", 1, 300)
}

// isMatomo accepts <16 hex digits>.<unix s>. and what older versions write after it.
func isMatomo(s string) bool {
	id, rest, ok := strings.Cut(s, ".")
	since, more, _ := strings.Cut(rest, ".")
	return ok && isHex(16, 16)(id) && isDigits(since) && hasOnly(more, ".", 0, 100)
}

// isClarity accepts <id>|2|<word>|0|<n>, with bars, percent-encoded bars or carets.
func isClarity(s string) bool {
	decoded, err := url.PathUnescape(s)
	p := strings.FieldsFunc(decoded, func(r rune) bool { return r == '|' || r == '^' })
	return err == nil && len(p) == 5 && isWord(4, 32)(p[0]) && hasOnly(strings.Join(p, ""), "", 8, 80)
}
