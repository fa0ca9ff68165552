package advice

import (
	"regexp"
	"slices"
	"strings"
)

// The parser's messages are written for programmers. What it says most often is said again here for people who write one
// formula a month; anything else is passed on without the names of its tokens.

var (
	token       = regexp.MustCompile(`^unexpected token (\w+)(?:\("((?s).*)"\))?`)
	unexpected  = regexp.MustCompile(`(?:unexpected|unrecognized) character: U\+[0-9A-F]+(?: '(.*)')?`)
	badNumber   = regexp.MustCompile(`^(?:bad number syntax: "(.*)"|invalid \w+ literal: .*invalid syntax$)`)
	unknownName = regexp.MustCompile(`\w+\("([^"]*)"\)`)
)

// Syntax explains what the parser could not read: its message, about a place of the source in characters. It returns the place that
// the fact is about.
func Syntax(message, source string, at int) (fact, cure string, place int) {
	switch {
	case strings.HasPrefix(message, "unexpected token EOF"), strings.Contains(message, "unexpected end of expression"):
		at = len([]rune(source))
	case strings.Contains(message, "literal not terminated"):
		at = openQuote(source)
	}
	if fact, cure, at = foreignSyntax(source, at); fact == "" {
		fact, cure = explain(message, source, at)
	}
	return fact, cure, at
}

func explain(message, source string, at int) (fact, cure string) {
	if m := token.FindStringSubmatch(message); m != nil {
		return explainToken(m[1], m[2], source, at)
	}
	if m := unexpected.FindStringSubmatch(message); m != nil {
		if m[1] != "" && strings.Contains("“”„‟«»‘’‚‹›", m[1]) {
			return "the character " + m[1] + " is not allowed here", `write texts in straight quotes: "..."`
		}
		return "the character " + m[1] + " is not allowed here", ""
	}
	if m := badNumber.FindStringSubmatch(message); m != nil {
		fact, cure = "this is not a number", "write texts, and names that begin with a digit, in quotes"
		if m[1] != "" {
			fact = Quote(m[1]) + " is not a number"
		}
		return fact, cure
	}
	switch {
	case strings.Contains(message, "exceeds maximum allowed nodes"):
		return "the formula has more than 500 parts", "split it into several rules"
	case strings.HasPrefix(message, "Operator (") && strings.Contains(message, "??"):
		return "?? cannot be combined with another operator", "put one of them in parentheses: (a ?? b)"
	case strings.Contains(message, "literal not terminated"):
		return "a quote is opened here and never closed", "close it"
	case strings.HasSuffix(message, "value out of range"), strings.HasSuffix(message, "literal is too large"):
		return "the number is too large", "write long ids in quotes"
	case strings.Contains(message, "unescape"), strings.Contains(message, "char escape"):
		return "the backslash before this character has no meaning", `write \\ for the backslash itself`
	case strings.Contains(message, "unclosed comment"):
		return "a comment is opened with /* and never closed", "close it with */"
	case strings.Contains(message, "unexpected end of expression"):
		return "the formula ends too early", ""
	case strings.Contains(message, "expected at least"):
		return "expected a list and an expression for its elements", `such as any(items, .id == "A1")`
	case strings.Contains(message, "expected name"):
		return "a name is missing after the dot", ""
	case strings.Contains(message, "a map key must be"):
		return "the key of an object has to be a name or a text in quotes", ""
	case strings.Contains(message, "wrap predicate with brackets"):
		return "write let inside a function in { }", ""
	}
	return unknownName.ReplaceAllString(message, `"$1"`), ""
}

func explainToken(kind, what, source string, at int) (fact, cure string) {
	runes := []rune(source)
	single := at > 0 && at <= len(runes)
	switch {
	case kind == "EOF":
		return "the formula ends too early", "something is missing after " + Quote(lastWord(source))
	case what == "=" || single && runes[at-1] == '=' && what == "":
		return "= alone compares nothing", "write == to compare"
	case what == ":" && strings.Contains(source, ", {"):
		return `":" is not allowed here`, "write an object inside map() in parentheses: map(items, ({id: .id}))"
	case kind == "Bracket" && strings.Contains(")]}", what):
		return Quote(what) + " closes nothing, or something is missing before it", ""
	case what == "#" || what == ".":
		return Quote(what) + " stands for an element, but there is none here", "it is known inside all(), any(), map() and the like"
	case kind == "Identifier" && (strings.EqualFold(what, "is") || strings.EqualFold(what, "equals")):
		return Quote(what) + " is not an operator", "write =="
	case kind == "Identifier" && slices.Contains([]string{"and", "or", "not", "in", "contains", "matches"}, strings.ToLower(what)):
		return Quote(what) + " is not an operator", "write it in lower case: " + strings.ToLower(what)
	case kind == "Identifier" || kind == "String" || kind == "Number":
		return Quote(what) + " cannot follow here", "an operator is missing before it, such as == or and"
	}
	return Quote(what) + " is not allowed here", ""
}

func lastWord(s string) string {
	words := strings.Fields(s)
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}

// openQuote finds the quote that is never closed.
func openQuote(s string) int {
	open, quote, escaped := 0, rune(0), false
	for i, c := range []rune(s) {
		switch {
		case escaped:
			escaped = false
		case quote != 0 && c == '\\' && quote != '`':
			escaped = true
		case quote == 0 && strings.ContainsRune("\"'`", c):
			open, quote = i, c
		case c == quote:
			quote = 0
		}
	}
	return open
}
