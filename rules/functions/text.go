package functions

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"

	"headgate/event"
	"headgate/event/wire"
	"headgate/rules/formula"
)

var textFunctions = map[string]*formula.Function{
	"lower": textTo("lower(text)", "lower case", `lower("EUR") → "eur"`, strings.ToLower),
	"upper": textTo("upper(text)", "upper case", `upper("eur") → "EUR"`, strings.ToUpper),
	"trim":  textTo("trim(text)", "without spaces at both ends", `trim("  a b ") → "a b"`, strings.TrimSpace),
	"hex":   textTo("hex(text)", "the bytes of the text in hex", `hex("az") → "617a"`, func(s string) string { return hex.EncodeToString([]byte(s)) }),
	"base64": textTo("base64(text)", "the text in base64", `base64("hello") → "aGVsbG8="`,
		func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }),
	"from_base64": textTo("from_base64(text)", "the text behind base64, either alphabet, padded or not; nil if it is not one",
		`from_base64("aGVsbG8") → "hello"`, fromBase64),
	"url_encode": textTo("url_encode(text)", "the text as it stands in a query", `url_encode("a b&c") → "a+b%26c"`, url.QueryEscape),
	"url_decode": textTo("url_decode(text)", "undoes url_encode", `url_decode("a+b%26c") → "a b&c"`, wire.Unescape),
	"text": {
		Usage: "text(value)", Help: "a number, true or false as text; lists and objects as JSON", Example: `text(12.50) → "12.5"`,
		Params: []formula.Kind{formula.Anything}, Result: formula.Text,
		Run: func(m *formula.Machine, offset int, args []event.Value) event.Value {
			if k := args[0].Kind(); k == event.List || k == event.Object {
				return jsonText(m, offset, args[0])
			}
			return event.String(args[0].Text())
		},
	},
	"replace": {
		Usage: "replace(text, from, to)", Help: "the text with to in place of every from", Example: `replace("1.234", ".", "") → "1234"`,
		Params: []formula.Kind{formula.Text, formula.Text, formula.Text}, Result: formula.Text,
		Run: func(m *formula.Machine, offset int, args []event.Value) event.Value {
			s, from, to := args[0].Text(), args[1].Text(), args[2].Text()
			if from == "" {
				return args[0]
			}
			if !m.Room(offset, len(s)+strings.Count(s, from)*max(len(to)-len(from), 0)) {
				return event.Value{}
			}
			return event.String(strings.ReplaceAll(s, from, to))
		},
	},
	"split": {
		Usage: "split(text, separator)", Help: "the parts of a text", Example: `split("a,b", ",") → ["a","b"]`,
		Params: []formula.Kind{formula.Text, formula.Text}, Result: formula.List,
		Run: func(m *formula.Machine, offset int, args []event.Value) event.Value {
			s, sep := args[0].Text(), args[1].Text()
			if sep == "" {
				return event.ListOf(args[0])
			}
			if !m.Spend(offset, strings.Count(s, sep)+1) {
				return event.Value{}
			}
			parts := strings.Split(s, sep)
			vs := make([]event.Value, len(parts))
			for i := range parts {
				vs[i] = event.String(parts[i])
			}
			return event.ListOf(vs...)
		},
	},
	"join": {
		Usage: "join(list, separator)", Help: "the elements as one text; nil ones are left out", Example: `join(["a", nil, 1], "-") → "a-1"`,
		Params: []formula.Kind{formula.List, formula.Text}, Optional: 1, Result: formula.Text,
		Run: func(m *formula.Machine, offset int, args []event.Value) event.Value {
			var b strings.Builder
			sep := optional(args, 1).Text()
			for _, v := range args[0].List() {
				s := v.Text()
				if s == "" {
					continue
				}
				if b.Len()+len(s)+len(sep) > formula.MaxText || !m.Spend(offset, 1+len(s)/formula.BytesPerSteps) {
					m.Room(offset, formula.MaxText+1)
					return event.Value{}
				}
				if b.Len() > 0 {
					b.WriteString(sep)
				}
				b.WriteString(s)
			}
			return event.String(b.String())
		},
	},
}

// fromBase64 reads all four spellings of base64.
func fromBase64(s string) string {
	s = strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(s), "=")
	b, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil {
		return ""
	}
	return string(b)
}
