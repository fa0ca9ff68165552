package wire

import "strings"

// CutCookie cuts the first cookie off a raw Cookie header. The value is as sent: quotes and escapes are the cookie's own. The
// name may be empty; ok is false for what has no "=". It exists since HTTP libraries silently drop cookies that contain a
// quote or a backslash.
func CutCookie(header string) (name, value, rest string, ok bool) {
	pair := header
	if i := strings.IndexByte(header, ';'); i >= 0 {
		pair, rest = header[:i], header[i+1:]
	}
	if pair != "" && pair[0] == ' ' { // as browsers separate cookies
		pair = pair[1:]
	}
	if n := len(pair); n > 0 && (isMargin(pair[0]) || isMargin(pair[n-1])) {
		pair = strings.TrimSpace(pair)
	}
	if i := strings.IndexByte(pair, '='); i >= 0 {
		return pair[:i], pair[i+1:], rest, true
	}
	return pair, "", rest, false
}

// isMargin reports whether a byte may be white space, or part of it in UTF-8.
func isMargin(c byte) bool { return c <= ' ' || c >= 0x80 }
