package advice

import (
	"strings"
	"unicode/utf8"
)

// Quote puts a text in double quotes for a message.
func Quote(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "?")
	}
	return `"` + s + `"`
}
