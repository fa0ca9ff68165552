package rules_test

import (
	"strings"
	"testing"
)

// mistakes are what a person reads who wrote something wrong.
var mistakes = []struct{ formula, message string }{
	{`page.ulr == "x"`, `rules.yaml:14:9: no field "page.ulr"; did you mean "page.url"?`},
	{`params.value > 1 and page.ulr == "x"`, `rules.yaml:14:30: no field "page.ulr"; did you mean "page.url"?`},
	{`batch[0].page.ulr`, `rules.yaml:14:9: no field "batch[].page.ulr"; did you mean "batch[].page.url"?`},
	{`pgae.url`, `rules.yaml:14:9: no field "pgae"; did you mean "page"?`},
	{`url`, `rules.yaml:14:9: no field "url"; did you mean "page.url"?`},
	{`EUR`, `rules.yaml:14:9: no field "EUR"; write texts in quotes: "EUR"`},
	{`upper`, `rules.yaml:14:9: upper is a function; write upper(text)`},
	{`consent.adz`, `rules.yaml:14:9: no purpose "adz"; did you mean "ads"?`},
	{`settings.pixelid`, `rules.yaml:14:9: no setting "pixelid"; did you mean "pixel_id"?`},
	{`uper(name)`, `rules.yaml:14:9: no function "uper"; did you mean "upper"?`},
	{`string(5)`, `rules.yaml:14:9: no function "string"; did you mean "text"?`},
	{`map(items, .pric)`, `rules.yaml:14:20: no field ".pric" in an item; did you mean ".price"?`},
	{`map(items, .colour)`, `rules.yaml:14:20: no field ".colour" in an item; what else a site says of an item is in params: .params.colour`},
	{`items.price`, `rules.yaml:14:9: items is a list of items and has no field "price"; write first(items).price, map(items, .price) or sum(items, .price)`},
	{`page.url.host`, `rules.yaml:14:9: page.url is text and has no field "host"`},
	{`page.url > 5`, `rules.yaml:14:18: > cannot compare text with a number; write number(page.url)`},
	{`page.url == 5`, `rules.yaml:14:18: page.url is text and this is a number: they are never equal; write number(page.url)`},
	{`name + 1`, `rules.yaml:14:9: + expects numbers, but name is text; text(...) makes a text of a number, number(...) a number of a text`},
	{`5 + name`, `rules.yaml:14:13: + expects numbers, but name is text; text(...) makes a text of a number, number(...) a number of a text`},
	{`name * 2`, `rules.yaml:14:9: * expects numbers, but name is text; write number(name)`},
	{`session.number == "3"`, `rules.yaml:14:24: session.number is a number and this is text: they are never equal; write numbers without quotes`},
	{`5 == name`, `rules.yaml:14:11: this is a number and name is text: they are never equal; write number(name)`},
	{`geo.eu > 5`, `rules.yaml:14:9: > compares numbers, texts or times, and geo.eu is true or false`},
	{`geo.eu ? 1 : pgae`, `rules.yaml:14:22: no field "pgae"; did you mean "page"?`},
	{`name ? 1 : 2`, `rules.yaml:14:9: a condition is true or false, but this is text`},
	{`page.`, `rules.yaml:14:14: the formula ends too early`},
	{`received > "yesterday"`, `rules.yaml:14:20: "yesterday" is not a time; a time is 2026-11-22T10:00:00Z, 2026-11-22, or unix seconds or milliseconds`},
	{`received == "yesterday"`, `rules.yaml:14:21: "yesterday" is not a time; a time is 2026-11-22T10:00:00Z, 2026-11-22, or unix seconds or milliseconds`},
	{`page.5`, `rules.yaml:14:13: ".5" cannot follow here; an operator is missing before it, such as == or and`},
	{`name == 'it''s'`, `rules.yaml:14:21: "s" cannot follow here; an operator is missing before it, such as == or and`},
	{`name == “purchase”`, `rules.yaml:14:17: the character “ is not allowed here; write texts in straight quotes: "..."`},
	{`{1 + 1: 2}`, `rules.yaml:14:12: "+" is not allowed here`},
	{`format_time(time, "shape")`, `rules.yaml:14:27: the form "shape" has no part of a time; such as YYYY-MM-DD hh:mm:ss`},
	{`format_time(time, "YYYY", "Mars")`, `rules.yaml:14:35: no time zone "Mars"; such as "Europe/Berlin"`},
	{`format_time(time, name)`, `rules.yaml:14:27: the form of a time has to be a text in quotes`},
	{`len(5)`, `rules.yaml:14:13: len expects a list, an object or text, but this is a number`},
	{`lookup(name, "a")`, `rules.yaml:14:16: the table of lookup has to be a text in quotes`},
	{`name[0]`, `rules.yaml:14:9: name is text and has no elements`},
	{`session.number[0:1]`, `rules.yaml:14:9: session.number is a number and has no parts`},
	{`request.header(5)`, `rules.yaml:14:24: request.header expects text here, but this is a number; write request.header("...")`},
	{`request.header()`, `rules.yaml:14:9: request.header takes 1 argument, not 0; write request.header("...")`},
	{`not name`, `rules.yaml:14:9: not expects true or false, but name is text`},
	{`name and true`, `rules.yaml:14:9: and expects true or false on both sides, but name is text; compare it with something: ... == ...`},
	{`round("5")`, `rules.yaml:14:15: round expects a number here, but this is text; write number(this)`},
	{`upper(5)`, `rules.yaml:14:15: upper expects text here, but this is a number; write texts in quotes`},
	{`replace("a", "b")`, `rules.yaml:14:9: replace takes 3 arguments, not 2; write replace(text, from, to)`},
	{`uuid("a", "b")`, `rules.yaml:14:9: uuid takes 0 to 1 arguments, not 2; write uuid([text])`},
	{`lookup("margins", "a")`, `rules.yaml:14:16: no table "margins"; did you mean "margin"?`},
	{`in_cidr(device.ip, "198.51.100.0/240")`, `rules.yaml:14:28: no address range "198.51.100.0/240"; such as "198.51.100.0/24" or "2001:db8::/32"`},
	{`name matches "("`, "rules.yaml:14:22: the pattern cannot be read: missing closing ): `(`; the syntax is RE2's, which has no look-around and no back-references"},
	{`name matches page.url`, `rules.yaml:14:22: the pattern of matches has to be a text in quotes`},
	{`name = "purchase"`, `rules.yaml:14:14: = alone compares nothing; write == to compare`},
	{`name == "purchase" AND geo.eu`, `rules.yaml:14:28: "AND" is not an operator; write it in lower case: and`},
	{`name is "purchase"`, `rules.yaml:14:14: "is" is not an operator; write ==`},
	{`name == "purchase" geo.eu`, `rules.yaml:14:28: "geo" cannot follow here; an operator is missing before it, such as == or and`},
	{`name ==`, `rules.yaml:14:16: the formula ends too early; something is missing after "=="`},
	{`upper(name`, `rules.yaml:14:19: the formula ends too early; something is missing after "upper(name"`},
	{`name == "purchase`, `rules.yaml:14:17: a quote is opened here and never closed; close it`},
	{`params.a > 1e999`, `rules.yaml:14:24: the number is too large; write long ids in quotes`},
	{`params.id == 12345678901234567890`, `rules.yaml:14:41: the number is too large; write long ids in quotes`},
	{`params.a == 12ab`, `rules.yaml:14:23: "12a" is not a number; write texts, and names that begin with a digit, in quotes`},
	{`params.a == 0x`, `rules.yaml:14:22: this is not a number; write texts, and names that begin with a digit, in quotes`},
	{`name == "a\q"`, `rules.yaml:14:20: the backslash before this character has no meaning; write \\ for the backslash itself`},
	{`name == "a" /* why`, `rules.yaml:14:27: a comment is opened with /* and never closed; close it with */`},
	{`name)`, `rules.yaml:14:13: ")" closes nothing, or something is missing before it`},
	{`#.id`, `rules.yaml:14:9: "#" stands for an element, but there is none here; it is known inside all(), any(), map() and the like`},
	{`any(items)`, `rules.yaml:14:18: expected a list and an expression for its elements; such as any(items, .id == "A1")`},
	{`any(items, .id)`, `rules.yaml:14:20: any expects true or false for each element, but this is text; write any(list, condition)`},
	{`any(name, true)`, `rules.yaml:14:13: any expects a list, but name is text`},
	{`any([1], any([1], any([1], true)))`, `rules.yaml:14:27: any is nested in two others of its kind already; two levels are the limit, since the work multiplies`},
	{`items contains "x"`, `rules.yaml:14:9: contains expects texts, but items is a list of items; whether something is in a list is asked the other way round: ... in items`},
	{`"a" in "abc"`, `rules.yaml:14:16: in expects a list or an object on the right, but this is text; write this contains ...`},
	{`a ?? b and c`, `rules.yaml:14:16: ?? cannot be combined with another operator; put one of them in parentheses: (a ?? b)`},
	{`let name = 1; name`, `rules.yaml:14:13: "name" is already a name; call the variable something else`},
	{`map(items, {id: .id})`, `rules.yaml:14:23: ":" is not allowed here; write an object inside map() in parentheses: map(items, ({id: .id}))`},
	{`1; 2`, `rules.yaml:14:9: a formula is one expression; remove the ;`},
	{`name.upper()`, `rules.yaml:14:14: values have no functions of their own; write upper(name)`},
	{`request.heder("x")`, `rules.yaml:14:9: no function "request.heder"; did you mean "request.header"?`},
	{`request.agent`, `rules.yaml:14:9: no field "request.agent"; there is request.path, host, method, scheme, header(...), query(...) and cookie(...)`},
	{`1 / 0`, `rules.yaml:14:11: division by zero`},
	{``, `rules.yaml:14:9: the formula is empty; a value that YAML itself takes away, such as !bot or #id, has to be quoted`},
	{strings.Repeat("1<(1<", 20) + "1" + strings.Repeat("<1?1:2)<1", 20), `rules.yaml:14:126: comparisons are nested too deep here; write a < b and b < c instead of a < b < c`},
	{`page[name]`, `rules.yaml:14:13: the name of a field of page has to be written out; page["name"]`},
	{`page.ulr == pgae.url`, "rules.yaml:14:9: no field \"page.ulr\"; did you mean \"page.url\"?\nrules.yaml:14:21: no field \"pgae\"; did you mean \"page\"?"},
}

func TestMistakesAreFoundWhenAFormulaIsLoaded(t *testing.T) {
	l := language(t)
	for _, c := range mistakes {
		if got := run(t, l, c.formula); got != c.message {
			t.Errorf("%s\n got %s\nwant %s", c.formula, got, c.message)
		}
	}
}

// failures happen only for some events: the formula yields nothing, and the trace shows this.
var failures = []struct{ formula, message string }{
	{`params.missing * 2`, `rules.yaml:14:9: params.missing is nil and cannot be calculated with; write default(params.missing, 0)`},
	{`params.text_number * 2`, `rules.yaml:14:9: params.text_number is text ("12"), not a number; write number(params.text_number)`},
	{`params.text_number > 2`, `rules.yaml:14:28: > cannot compare text with a number: params.text_number is text ("12"); number(...) makes a number of a text`},
	{`params.currency and true`, `rules.yaml:14:9: params.currency is text ("eur"), not true or false; compare it with something: ... == ...`},
	{`params.list contains "two"`, `rules.yaml:14:9: params.list is a list, not text`},
	{`"x" in params.value`, `rules.yaml:14:16: params.value is a number, not a list`},
	{`upper(params.list)`, `rules.yaml:14:15: upper expects text here, but params.list is a list`},
	{`round(params.currency)`, `rules.yaml:14:15: round expects a number here, but params.currency is text ("eur"); number(...) makes a number of a text`},
	{`unix(params.currency)`, `rules.yaml:14:14: params.currency is text ("eur"), not a time; a time is 2026-11-22T10:00:00Z, 2026-11-22, or unix seconds or milliseconds`},
	{`params.value / (params.tax - 19)`, `rules.yaml:14:22: division by zero`},
	{`params.currency + params.value`, `rules.yaml:14:27: params.value is a number, but + joins only texts; write text(params.value)`},
	{`params.value ** 1000 ** 5`, `rules.yaml:14:22: the result of ** is not a number`},
	{`all(1..params.value * 80, any(1..1000, # == 0) or true)`, `rules.yaml:14:35: the formula does too much work for one event`},
	{`all(1..9000, page.url + "` + strings.Repeat("x", 300) + `" contains "y" or true)`, `the formula does too much work for one event`},
	{`all(1..9000, sha256(page.url + "` + strings.Repeat("x", 300) + `") != "y")`, `the formula does too much work for one event`},
	{`1..params.value * 1000`, `rules.yaml:14:10: the range has more than 10000 numbers`},
	{`let a = replace(text(params.value), "1", "` + strings.Repeat("x", 1000) + `"); let b = replace(a, "x", a); let c = replace(b, "x", b); c`,
		`the text becomes longer than 1 MiB`},
	{`let a = [params.value, 1, 1, 1, 1, 1, 1, 1, 1]; let b = [a,a,a,a,a,a,a,a]; let c = [b,b,b,b,b,b,b,b]; let d = [c,c,c,c,c,c,c,c]; let e = [d,d,d,d,d,d,d,d]; [e,e,e,e]`,
		`the formula does too much work for one event`},
}

func TestFailuresSayWhatTheEventHadInstead(t *testing.T) {
	l := language(t)
	for _, c := range failures {
		got := run(t, l, c.formula)
		if got != c.message && !(strings.HasSuffix(got, c.message) && !strings.HasPrefix(c.message, "rules.yaml")) {
			t.Errorf("%s\n got %s\nwant %s", c.formula, got, c.message)
		}
	}
}
