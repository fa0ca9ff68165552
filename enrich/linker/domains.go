package linker

import "strings"

// Domains are those that links may come from and lead to, in lower case. A domain stands for its sub-domains too.
type Domains []string

// Have reports whether a host, in lower case and without a port, is one of the domains or below one.
func (ds Domains) Have(host string) bool {
	for _, d := range ds {
		if rest, ok := strings.CutSuffix(host, d); ok && (rest == "" || rest[len(rest)-1] == '.') {
			return true
		}
	}
	return false
}

// Cut takes parameters of these names out of an address or a query, and returns the value of the first one found; the rest
// stays byte for byte. Parameters of the fragment count as well, since a page may have moved them there.
func Cut(address string, names ...string) (left string, values []string) {
	values = make([]string, len(names))
	for i, name := range names {
		for {
			start, end := locate(address, name)
			if start < 0 {
				break
			}
			if value := address[start+len(name)+1 : end]; values[i] == "" {
				values[i] = value
			}
			address = without(address, start, end)
		}
	}
	return address, values
}

// locate finds name=value in an address: start is where the name begins, -1 for nowhere.
func locate(address, name string) (start, end int) {
	for from := 0; ; {
		i := strings.Index(address[from:], name+"=")
		if i < 0 {
			return -1, 0
		}
		start = from + i
		if start == 0 || strings.IndexByte("?&#", address[start-1]) >= 0 {
			end = start + strings.IndexAny(address[start:]+"&", "&#")
			return start, end
		}
		from = start + 1
	}
}

// without removes a parameter and one of the separators around it.
func without(address string, start, end int) string {
	switch {
	case end < len(address) && address[end] == '&':
		return address[:start] + address[end+1:] // the separator before it stays
	case start > 0:
		return address[:start-1] + address[end:]
	}
	return address[end:]
}
