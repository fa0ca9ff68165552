package personal

import (
	"crypto/md5"  //nolint:gosec // to recognise what vendors are sent, not to protect anything
	"crypto/sha1" //nolint:gosec // the same
	"crypto/sha256"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode"

	"headgate/consent/personal/patterns"
	"headgate/event"
	"headgate/event/wire"
)

// takenOut replaces a value in a text. Without it the text before and after could form the value again.
const takenOut = "[redacted]"

// trail holds the values that must no longer be found. clean takes them out of the texts that they were copied to: in upper
// or lower case, percent-encoded, in base64 or hex, or hashed; an address in any spelling, a phone number with any separators,
// the parts of a name.
type trail struct {
	lexicon   lexicon
	known     map[string]bool // what was added
	hashable  []string        // of which digests are looked for
	digests   map[string]bool // raw; made when the first text asks
	addresses []netip.Addr
	truncate  bool     // an address is replaced by its network
	phones    []string // their last digits
	anyDigest bool     // what looks like a SHA-256 is taken for one of a person's data
}

// shortestText is the length from which a value is looked for anywhere. Shorter ones may stand somewhere by chance, and count
// only as whole words.
const shortestText = 6

// mostHashable bounds how many values are hashed. Real events have a few dozen.
const mostHashable = 256

// reset empties the trail and keeps its memory.
func (t *trail) reset() {
	*t = trail{lexicon: lexicon{lexemes: t.lexicon.lexemes[:0]}, hashable: t.hashable[:0], addresses: t.addresses[:0], phones: t.phones[:0]}
}

func (t *trail) empty() bool {
	return len(t.lexicon.lexemes) == 0 && len(t.addresses) == 0 && !t.anyDigest
}

// add notes a value that is looked for: from six bytes on anywhere, from shortest bytes on as a word.
func (t *trail) add(s string, shortest int) {
	s = strings.TrimSpace(s)
	if len(s) < shortest || t.known[s] {
		return
	}
	if t.known == nil {
		t.known = map[string]bool{}
	}
	t.known[s] = true
	t.lexicon.add(s, len(s) < shortestText)
	t.hash(s)
}

func (t *trail) hash(s string) {
	if len(t.hashable) < mostHashable {
		t.hashable = append(t.hashable, s)
	}
}

// addID notes an id, and the parts of it that identify as well: the halves of Google's client ids.
func (t *trail) addID(s string) {
	const identifying = 8
	t.add(s, 4)
	for part := range strings.SplitSeq(s, ".") {
		if len(part) >= identifying {
			t.add(part, identifying)
		}
	}
}

// addContact notes contact data, as what its key or its look says it is.
func (t *trail) addContact(key, s string) {
	switch {
	case strings.Contains(s, "@"):
		t.addEmail(s)
	case strings.Contains(key, "birth"), strings.Contains(key, "dob"), strings.Contains(key, "geb"):
		t.addDate(s)
	case phoneDigits(s) != "":
		t.addPhone(s)
	case strings.Contains(key, "name"), strings.HasSuffix(key, "fn"), strings.HasSuffix(key, "ln"):
		t.addName(s)
	default:
		t.add(s, shortestText)
	}
}

// addName notes a name and, of several words, each.
func (t *trail) addName(s string) {
	const shortest = 3
	t.add(s, shortest)
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' && r != '-' }) {
		t.add(word, shortest)
	}
}

// addEmail notes an e-mail address and the name before the @, unless that is one that every company has.
func (t *trail) addEmail(s string) {
	t.add(s, shortestText)
	local, domain, _ := strings.Cut(s, "@")
	base, _, tagged := strings.Cut(local, "+")
	if bare := strings.ReplaceAll(base, ".", ""); tagged || bare != base {
		t.hash(bare + "@" + domain) // as some vendors ask for it
		t.hash(base + "@" + domain)
	}
	switch strings.ToLower(local) {
	case "info", "mail", "shop", "contact", "kontakt", "hello", "office", "sales", "support", "service", "admin":
	default:
		t.addName(local)
	}
}

// phoneDigits returns the digits of a text that is a phone number and nothing else, "" for any other.
func phoneDigits(s string) string {
	const fewest, most = 7, 15
	digits := make([]byte, 0, most)
	for i := range len(s) {
		switch c := s[i]; {
		case wire.IsDigit(c):
			digits = append(digits, c)
		case strings.IndexByte(" +-./()", c) < 0:
			return ""
		}
	}
	if len(digits) < fewest || len(digits) > most {
		return ""
	}
	return string(digits)
}

// addPhone notes a phone number by its last digits, which are the same with a country's code and without.
func (t *trail) addPhone(s string) {
	const identifying = 8
	digits := phoneDigits(s)
	t.add(s, shortestText)
	t.phones = append(t.phones, digits[max(0, len(digits)-identifying):])
	t.hash(digits)
	t.hash("+" + digits)
}

// addDate notes a date in the formats that people and vendors use.
func (t *trail) addDate(s string) {
	t.add(s, shortestText)
	for _, layout := range []string{time.DateOnly, "02.01.2006", "2.1.2006", "01/02/2006", "20060102", "2006/01/02", time.RFC3339} {
		date, err := time.Parse(layout, strings.TrimSpace(s))
		if err != nil {
			continue
		}
		for _, as := range []string{time.DateOnly, "02.01.2006", "2.1.2006", "01/02/2006", "1/2/2006", "02/01/2006", "2/1/2006", "20060102",
			"2006/01/02", "02-01-2006", "01022006", "02012006", "2 January 2006", "January 2, 2006"} {
			t.add(date.Format(as), shortestText)
		}
	}
}

// addAddresses notes every network address in a text.
func (t *trail) addAddresses(s string) {
	patterns.EachAddress(s, func(start, end int, a netip.Addr) bool {
		t.addAddress(a)
		t.hash(s[start:end])
		return true
	})
}

func (t *trail) addAddress(a netip.Addr) {
	if !slices.Contains(t.addresses, a) {
		t.addresses = append(t.addresses, a)
	}
}

// addHosts notes the addresses as the names of providers' hosts hold them.
func (t *trail) addHosts() {
	for _, a := range t.addresses {
		if a.Is4() {
			t.lexicon.add(strings.ReplaceAll(a.String(), ".", "-"), true)
		}
	}
}

// addValue notes all texts and numbers of a value, at any depth, by their keys.
func (t *trail) addValue(key string, v event.Value, add func(key, s string)) {
	switch v.Kind() {
	case event.Object:
		for _, p := range v.Object() {
			t.addValue(p.Key, p.Value, add)
		}
	case event.List:
		for _, one := range v.List() {
			t.addValue(key, one, add)
		}
	case event.Text, event.Numeric:
		add(key, v.Text())
	}
}

// isDigest reports whether bytes are a hash of something noted.
func (t *trail) isDigest(raw []byte) bool {
	switch len(raw) {
	case md5.Size, sha1.Size, sha256.Size:
	default:
		return false
	}
	if t.digests == nil {
		t.digests = make(map[string]bool, 9*len(t.hashable))
		for _, a := range t.addresses {
			t.hash(a.String())
		}
		for _, s := range t.hashable {
			for _, as := range [...]string{s, strings.ToLower(s), strings.ToUpper(s)} {
				long, short, old := sha256.Sum256([]byte(as)), sha1.Sum([]byte(as)), md5.Sum([]byte(as)) //nolint:gosec // see above
				t.digests[string(long[:])], t.digests[string(short[:])], t.digests[string(old[:])] = true, true, true
			}
		}
	}
	return t.digests[string(raw)] || t.anyDigest && len(raw) == sha256.Size
}
