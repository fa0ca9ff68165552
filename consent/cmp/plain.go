package cmp

import (
	"strings"

	"headgate/event/wire"
)

// Plain returns the value of a cookie or parameter as it was before it was encoded: percent-decoded at most twice, without
// quotes around it. "+" stays, which base64 uses.
func Plain(value string) string {
	for range 2 {
		if strings.IndexByte(value, '%') < 0 {
			break
		}
		value = wire.UnescapePercent(value)
	}
	if len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' {
		value = value[1 : len(value)-1]
	}
	return value
}
