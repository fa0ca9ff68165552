package consent

import (
	"slices"
	"strings"
)

// withQuery returns an address with only the allowed keys in its query, without its fragment and without a user's name.
func withQuery(address string, allowed []string) string {
	rest, _, _ := strings.Cut(address, "#")
	path, query, _ := strings.Cut(rest, "?")
	path = withoutUser(path)
	if q := allowedQuery(query, allowed); q != "" {
		return path + "?" + q
	}
	return path
}

// withoutUser takes user:password@ out of an address.
func withoutUser(address string) string {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return address
	}
	host, _, _ := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		return scheme + "://" + rest[at+1:]
	}
	return address
}

// allowedQuery returns a raw query with only the allowed keys.
func allowedQuery(query string, allowed []string) string {
	if query == "" || len(allowed) == 0 {
		return ""
	}
	var out strings.Builder
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		key, _, _ := strings.Cut(pair, "=")
		if !slices.Contains(allowed, unescape(key)) {
			continue
		}
		if out.Len() > 0 {
			out.WriteByte('&')
		}
		out.WriteString(pair)
	}
	return out.String()
}

// origin returns the scheme and host of an address: https://www.example.com/.
func origin(address string) string {
	scheme, rest, ok := strings.Cut(withoutUser(address), "://")
	if !ok {
		return ""
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	return scheme + "://" + rest + "/"
}
