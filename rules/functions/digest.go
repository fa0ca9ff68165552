package functions

import (
	"crypto/hmac"
	"crypto/md5"  //nolint:gosec // vendors ask for it as an identifier, not as protection
	"crypto/sha1" //nolint:gosec // vendors ask for it as an identifier, not as protection
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"io"
	"strings"

	"github.com/google/uuid"

	"headgate/event"
	"headgate/rules/formula"
	"headgate/rules/normalise"
)

var digestFunctions = map[string]*formula.Function{
	"sha256": textTo("sha256(text)", "SHA-256 in hex; a value that already is one (64 hex digits) is kept, in lower case; nothing for nothing",
		`sha256("person@shop.example") → "3b578ef9230b75989d90f06093ab404b7934e7864ef47625d675d1cb8d150dfd"`, sha256Hex),
	"sha1": textTo("sha1(text)", "SHA-1 in hex", `sha1("abc") → "a9993e364706816aba3e25717850c26c9cd0d89d"`, func(s string) string {
		if s == "" {
			return ""
		}
		sum := sha1.Sum([]byte(s)) //nolint:gosec // see above
		return hex.EncodeToString(sum[:])
	}),
	"md5": textTo("md5(text)", "MD5 in hex", `md5("abc") → "900150983cd24fb0d6963f7d28e17f72"`, func(s string) string {
		if s == "" {
			return ""
		}
		sum := md5.Sum([]byte(s)) //nolint:gosec // see above
		return hex.EncodeToString(sum[:])
	}),
	"hmac_sha256": {
		Usage: "hmac_sha256(text, key[, \"base64\"])", Help: "HMAC with SHA-256, in hex or base64", Params: []formula.Kind{formula.Text, formula.Text, formula.Text}, Optional: 1, Result: formula.Text,
		Example: `hmac_sha256("abc", "key") → "9c196e32dc0175f86f4b1cb89289d6619de6bee699e4c378e68309ed97a1a6ab"`,
		Run: func(m *formula.Machine, offset int, args []event.Value) event.Value {
			mac := hmac.New(sha256.New, []byte(args[1].Text()))
			io.WriteString(mac, args[0].Text()) //nolint:errcheck // a hash takes everything
			sum := mac.Sum(nil)
			if optional(args, 2).Text() == "base64" {
				return event.String(base64.StdEncoding.EncodeToString(sum))
			}
			return event.String(hex.EncodeToString(sum))
		},
	},
	"uuid": {
		Usage: "uuid([text])", Help: "a new UUID; of a text always the same one, so that a request sent again carries the same id",
		Example: `uuid("order-1") → "0bafe221-56d2-898c-943b-86040446d366"`, Params: []formula.Kind{formula.Text}, Optional: 1, Result: formula.Text, Impure: true, Nils: true,
		Run: func(m *formula.Machine, offset int, args []event.Value) event.Value {
			var b uuid.UUID
			version := byte(0x40)
			if s := optional(args, 0).Text(); s != "" {
				sum := sha256.Sum256([]byte(s))
				copy(b[:], sum[:])
				version = 0x80 // RFC 9562: made in a way of our own
			} else if _, err := io.ReadFull(m.Random(), b[:]); err != nil {
				return m.Fail(offset, "no random bytes: "+err.Error(), "")
			}
			b[6], b[8] = b[6]&0x0f|version, b[8]&0x3f|0x80
			return event.String(b.String())
		},
	},
	"ulid": {
		Usage: "ulid(time, text)", Help: "a ULID: 26 letters and digits that sort by time, and are always the same for a time and a text",
		Example: `ulid("2026-11-22T10:00:00Z", "order-1") → "01M81B5H801EQY48APT9MRR51V"`, Params: []formula.Kind{formula.Moment, formula.Text}, Result: formula.Text, Build: buildULID,
	},
}

// buildULID makes the id of 48 bits of milliseconds and 80 of a hash. https://github.com/ulid/spec
func buildULID(c *formula.Compiler, offset int, args []formula.Expression) formula.Expression {
	at, name := args[0], args[1]
	return c.Fold(formula.Expression{Kind: formula.Text, Offset: offset, Value: func(m *formula.Machine) event.Value {
		t, ok := at.AsMoment(m)
		s, named := name.AsText(m)
		if !ok || !named || t.UnixMilli() < 0 || t.UnixMilli() >= 1<<48 {
			return event.Value{}
		}
		sum := sha256.Sum256([]byte(s))
		var b [16]byte
		binary.BigEndian.PutUint64(b[:8], uint64(t.UnixMilli())<<16)
		copy(b[6:], sum[:10])
		return event.String(crockford(b))
	}}, at, name)
}

// crockford writes 128 bits as 26 digits of Crockford's base32, the highest first.
func crockford(b [16]byte) string {
	const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	high, low := binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])
	var out [26]byte
	for i := len(out) - 1; i >= 0; i-- {
		out[i] = digits[low&31]
		low = low>>5 | high<<59
		high >>= 5
	}
	return string(out[:])
}

func sha256Hex(s string) string {
	switch {
	case s == "":
		return ""
	case normalise.Hashed(s):
		return strings.ToLower(s)
	}
	sum := sha256.Sum256([]byte(s))
	var digits [2 * sha256.Size]byte
	hex.Encode(digits[:], sum[:])
	return string(digits[:])
}
