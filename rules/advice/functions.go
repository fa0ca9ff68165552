package advice

import "strings"

// operatorWords are operators that other languages have as functions.
var operatorWords = map[string]string{"includes": "contains", "starts_with": "startsWith", "ends_with": "endsWith", "hasprefix": "startsWith",
	"hassuffix": "endsWith", "regexmatch": "matches", "regex_match": "matches", "equals": "=="}

// Operator is the operator that other languages have as a function of a name; "" when it is none.
func Operator(function string) string { return operatorWords[strings.ToLower(function)] }

// elsewhere maps names that other languages use, expr's own among them, to ours.
var elsewhere = map[string]string{"string": "text", "str": "text", "tostring": "text", "float": "number", "int": "number",
	"toJSON": "json", "fromJSON": "from_json", "toBase64": "base64", "uniq": "unique", "length": "len", "size": "len", "concat": "join",
	"coalesce": "default", "lowercase": "lower", "toLower": "lower", "toLowerCase": "lower", "toUpper": "upper", "toUpperCase": "upper", "ucase": "upper", "lcase": "lower", "parseFloat": "number", "parseInt": "number", "ifnull": "default", "isnull": "default", "substr": "clip", "substring": "clip", "encodeURIComponent": "url_encode", "decodeURIComponent": "url_decode", "average": "sum", "abs_value": "abs", "date": "iso8601", "uppercase": "upper", "md5sum": "md5", "sha256sum": "sha256", "hash": "sha256",
	"timestamp": "unix", "domain": "registrable_domain", "if": "? :", "reduce": "sum", "hasPrefix": "startsWith", "hasSuffix": "endsWith"}

// Function is our name of a function that other languages call otherwise; "" when it is none.
func Function(name string) string { return elsewhere[name] }
