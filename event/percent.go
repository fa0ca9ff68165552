package event

import "strings"

// UnescapePercent undoes percent-encoding and leaves "+" alone, which base64 uses. Otherwise it is Unescape.
func UnescapePercent(s string) string {
	i := strings.IndexByte(s, '%')
	if i < 0 {
		return s
	}
	out := make([]byte, i, len(s))
	copy(out, s)
	for ; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && unhex[s[i+1]] < 16 && unhex[s[i+2]] < 16 {
			out = append(out, unhex[s[i+1]]<<4|unhex[s[i+2]])
			i += 2
			continue
		}
		out = append(out, s[i])
	}
	return string(out)
}
