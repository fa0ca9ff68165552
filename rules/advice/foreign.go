// Package advice knows how other tools write what formulas say: JavaScript, spreadsheets, Google Tag Manager. It is consulted only
// when a formula cannot be read, and writes the cure in terms of what was written. It reads texts; it knows no formula.
package advice

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// foreignNames are what other tools call the parts of an event, and their words for nothing and for truth.
var foreignNames = map[string]string{
	"event_name": "name", "eventName": "name", "action": "name", "undefined": "nil", "null": "nil", "NULL": "nil", "None": "nil",
	"TRUE": "true", "True": "true", "FALSE": "false", "False": "false", "hostname": "page.host", "pathname": "page.path",
	"location": "page.url", "referer": "page.referrer", "user_id": "user.user_id", "client_id": "user.client_id", "ip": "device.ip",
	"country": "geo.country", "city": "geo.city", "region": "geo.region", "products": "items",
}

// amounts and words are parameters that GA4 recommends, by what they hold.
// https://developers.google.com/analytics/devguides/collection/ga4/reference/events
var (
	amounts = []string{"value", "tax", "shipping", "discount", "price", "quantity", "revenue"}
	words   = []string{"currency", "transaction_id", "coupon", "affiliation", "payment_type", "shipping_tier", "method", "search_term",
		"item_list_id", "item_list_name", "content_type", "content_id"}
)

// IsAmount reports whether GA4 recommends a parameter of this name that holds a number, IsWord the same for a text.
func IsAmount(parameter string) bool { return slices.Contains(amounts, parameter) }

// IsWord is IsAmount for texts.
func IsWord(parameter string) bool { return slices.Contains(words, parameter) }

// Name is the cure for an unknown name, which rest begins with; "" when there is none.
func Name(name, rest string) string {
	if ours, ok := foreignNames[name]; ok {
		return "write " + ours
	}
	if m := dataLayer.FindStringSubmatch(rest); m != nil {
		return "write params." + m[1]
	}
	if IsAmount(name) || IsWord(name) {
		return "write params." + name
	}
	return ""
}

var afterOperator = regexp.MustCompile(`(?:[=<>!+\-*/%,(\[]|\b(?:contains|startsWith|endsWith|matches|in))\s*$`)

var beforeOperator = regexp.MustCompile(`^\s*(?:[=<>!]|\b(?:contains|startsWith|endsWith|matches|in)\b)`)

// IsSubject reports whether a name is what a comparison is about, by what stands before and after it: an operator follows it, and none
// is before it. A name elsewhere may be a text without quotes.
func IsSubject(before, after string) bool {
	return !afterOperator.MatchString(before) && beforeOperator.MatchString(after)
}

// methods are functions that values have in JavaScript; %[1]s is the value and %[2]s the first argument.
var methods = map[string]string{
	"includes": "%[1]s contains %[2]s", "indexOf": "%[1]s contains %[2]s", "contains": "%[1]s contains %[2]s",
	"startsWith": "%[1]s startsWith %[2]s", "endsWith": "%[1]s endsWith %[2]s", "match": "%[1]s matches %[2]s",
	"test": "%[2]s matches %[1]s", "equals": "%[1]s == %[2]s", "toUpperCase": "upper(%[1]s)", "toLowerCase": "lower(%[1]s)",
	"toUpper": "upper(%[1]s)", "toLower": "lower(%[1]s)", "toFixed": "round(%[1]s, %[2]s)", "toString": "text(%[1]s)",
	"some": "any(%[1]s, ...)", "every": "all(%[1]s, ...)", "reduce": "sum(%[1]s, ...)", "at": "%[1]s[%[2]s]",
}

// Method is the cure for value.name(first, ...); "" when there is none.
func Method(value, name, first string) string {
	form, ok := methods[name]
	if !ok || first == "" && strings.Contains(form, "%[2]s") {
		return ""
	}
	return "write " + strings.TrimSuffix(fmt.Sprintf(form, value, first), "%!(EXTRA string="+first+")")
}

// operators are what other tools write for ours, the longer first.
var operators = []struct{ theirs, ours string }{
	{"===", "=="}, {"!==", "!="}, {"<>", "!="}, {"=~", "matches"}, {"!~", "not ... matches"}, {"=>", ">="}, {"=<", "<="},
}

// foreignOperator finds the operator of another tool that covers a place of the source.
func foreignOperator(source string, at int) (theirs, ours string) {
	runes := []rune(source)
	for _, o := range operators {
		for start := max(0, at-len(o.theirs)); start <= at && start+len(o.theirs) <= len(runes); start++ {
			if string(runes[start:start+len(o.theirs)]) == o.theirs {
				return o.theirs, o.ours
			}
		}
	}
	return "", ""
}

var (
	tagVariable = regexp.MustCompile(`\{\{\s*([^{}]+?)\s*\}\}`)
	ifCall      = regexp.MustCompile(`\b(?:if|IF|iff)\s*\(\s*(.+?)\s*,\s*(.+?)\s*,\s*(.+?)\s*\)\s*$`)
	dataLayer   = regexp.MustCompile(`^(?:ecommerce|eventModel|properties|dataLayer|parameters)\.(\w+)`)
	numbered    = regexp.MustCompile(`\b(items|params\.[\w.]*?)\.(\d+)\b`)
)

// tagManager are built-in variables of Google Tag Manager and where an event has what they hold.
// https://support.google.com/tagmanager/answer/7182738
var tagManager = map[string]string{
	"page url": "page.url", "page path": "page.path", "page hostname": "page.host", "referrer": "page.referrer", "event": "name", "event name": "name",
	"page title": "page.title", "client id": "user.client_id", "user id": "user.user_id", "page location": "page.url", "page referrer": "page.referrer",
	"ip address": "device.ip", "user agent": "device.user_agent",
}

// TagVariable finds a variable of Google Tag Manager in a text, {{Page URL}}, and the path that has what it holds. Only names that it
// has, or that are written with capitals as people write them there, are taken for one.
func TagVariable(text string) (found, path string, offset int) {
	for _, m := range tagVariable.FindAllStringSubmatchIndex(text, -1) {
		name := text[m[2]:m[3]]
		path, known := tagManager[strings.ToLower(name)]
		if !known && name == strings.ToLower(name) {
			continue
		}
		if !known {
			path = "params." + parameterLike(name)
		}
		return text[m[0]:m[1]], path, len([]rune(text[:m[0]]))
	}
	return "", "", 0
}

// parameterLike is the name of a parameter that a variable was most likely made of: "DLV - ecommerce.value" is value.
func parameterLike(name string) string {
	name = name[strings.LastIndexAny(name, "-.:")+1:]
	return strings.ReplaceAll(strings.ToLower(strings.TrimSpace(name)), " ", "_")
}

// foreignSyntax explains formulas that cannot be read as those of another tool.
func foreignSyntax(source string, at int) (fact, cure string, place int) {
	if found, path, offset := TagVariable(source); found != "" {
		return found + " is a variable of Google Tag Manager", "write " + path, offset
	}
	if rest, ok := strings.CutPrefix(strings.TrimSpace(source), "="); ok && !strings.HasPrefix(rest, "=") && !strings.HasPrefix(rest, "~") {
		return "a formula begins here with =, which is written only where texts may stand too", "write " + strings.TrimSpace(rest), 0
	}
	if theirs, ours := foreignOperator(source, at); theirs != "" {
		return theirs + " is not an operator", "write " + ours, at
	}
	if m := ifCall.FindStringSubmatch(source); m != nil {
		return "if is not a function", fmt.Sprintf("write %s ? %s : %s", m[1], m[2], m[3]), strings.Index(source, m[0])
	}
	if m := numbered.FindStringSubmatchIndex(source); m != nil {
		base, number := source[m[2]:m[3]], source[m[4]:m[5]]
		return "an element of a list is not written " + source[m[0]:m[1]], fmt.Sprintf("write %s[%s]", base, number), len([]rune(source[:m[0]]))
	}
	return "", "", at
}
