package references

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"headgate/document"
)

// Dated is a secret that says when it ends.
type Dated struct {
	At   document.Place
	From string // the variable or file
	End  time.Time
}

// tokenExpiry returns the time at which a JSON Web Token ends (RFC 7519, claim exp); ok is false for other texts.
func tokenExpiry(value string) (end time.Time, ok bool) {
	parts := strings.Split(value, ".")
	if len(parts) != 3 || !strings.HasPrefix(value, "eyJ") {
		return end, false
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	var claims struct {
		Expiry float64 `json:"exp"`
	}
	if err != nil || json.Unmarshal(text, &claims) != nil || claims.Expiry <= 0 || claims.Expiry > 1e11 {
		return end, false
	}
	return time.Unix(int64(claims.Expiry), 0), true
}
