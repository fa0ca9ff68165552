package document

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

// YAML reads some things that people write in good faith as something else, without a word. This file finds them, each with
// a sentence of its own. explainSyntax does the same for what YAML cannot read at all.

var coreTags = map[string]bool{"": true, "!": true, "!!str": true, "!!int": true, "!!float": true, "!!bool": true, "!!null": true,
	"!!map": true, "!!seq": true, "!!merge": true, "!!timestamp": true}

// checkTag refuses tags: `when: !bot` has the tag !bot and the value "".
func (r *reader) checkTag(y *yaml.Node) {
	if coreTags[y.Tag] || coreTags[y.ShortTag()] && y.Style&yaml.TaggedStyle == 0 {
		return
	}
	whole := strings.TrimSpace(y.Tag + " " + y.Value)
	r.mistakes.Add(r.place(y), fmt.Sprintf("YAML takes %q for a tag, not for a part of the value", y.Tag),
		fmt.Sprintf("write the value in quotes: %s, or write \"not\" instead of \"!\"", quoted(whole)))
}

// checkTraps looks at a list, a map or a scalar as it was written.
func (r *reader) checkTraps(y *yaml.Node) {
	flow := y.Style&yaml.FlowStyle != 0
	switch y.Kind {
	case yaml.ScalarNode:
		r.checkComment(y)
	case yaml.SequenceNode:
		for i, item := range y.Content {
			if flow && i+1 < len(y.Content) && plain(item) && open(item.Value) {
				r.splitAtComma(item)
			}
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(y.Content); i += 2 {
			k, v := y.Content[i], y.Content[i+1]
			switch {
			case flow && i+2 < len(y.Content) && plain(v) && open(v.Value):
				r.splitAtComma(v)
			case plain(k) && (strings.Contains(k.Value, " ? ") || strings.HasPrefix(k.Value, "=")):
				r.mistakes.Add(r.place(k), `YAML takes ": " in this formula for the end of a key`,
					"write the whole formula in quotes: "+quoted(k.Value+" : "+v.Value))
			}
		}
	}
}

func (r *reader) splitAtComma(y *yaml.Node) {
	r.mistakes.Add(r.place(y), fmt.Sprintf("inside {} or [] YAML ends the value at the comma: %q is all that is left", y.Value),
		"write the value in quotes")
}

// checkComment finds values that were cut off: YAML starts a comment at every # after a space, people write one for
// `any(items, #.id == "x")` too.
func (r *reader) checkComment(y *yaml.Node) {
	c := y.LineComment
	if !plain(y) || !strings.HasPrefix(c, "#") {
		return
	}
	if strings.HasPrefix(c, "#.") || open(y.Value) || strings.HasPrefix(y.Value, "=") && len(c) > 1 && c[1] != ' ' && c[1] != '#' {
		c, _, _ = strings.Cut(c, "\n")
		r.mistakes.Add(r.place(y), fmt.Sprintf("YAML cuts this value off at %q, since # after a space starts a comment", firstWord(c)),
			"write the whole value in quotes: "+quoted(y.Value+" "+c))
	}
}

func plain(y *yaml.Node) bool { return y.Kind == yaml.ScalarNode && y.Style == 0 }

func firstWord(s string) string {
	w, _, _ := strings.Cut(s, " ")
	return w
}

// open reports whether a bracket or a quote in s is opened and not closed: a sign that s is only half of what was written.
func open(s string) bool {
	depth, quote := 0, rune(0)
	for i, c := range s {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"', c == '\'' && (i == 0 || strings.ContainsRune("(=<>, [+", rune(s[i-1]))):
			quote = c
		case c == '(', c == '[', c == '{':
			depth++
		case c == ')', c == ']', c == '}':
			depth--
		}
	}
	return depth > 0
}

// quoted writes s as a YAML scalar in single quotes.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

var linePrefix = regexp.MustCompile(`^[ \t]*(?:- +)*(?:(?:"[^"]*"|'[^']*'|[^\s"'#{\[:][^:]*):[ \t]+)?(?:- +)*`)

// explainSyntax says where and why the text is no YAML. yaml.v3 names the line where the surrounding block began, or none,
// so the line is found by trying.
func explainSyntax(file, text string, err error) Mistake {
	reason := strings.TrimPrefix(err.Error(), "yaml: ")
	if m := lineNumber.FindString(reason); m != "" {
		reason = reason[len(m):]
	}
	lines := strings.Split(text, "\n")
	number := failingLine(lines)
	line := strings.TrimRight(lines[number-1], "\r")
	prefix := linePrefix.FindString(line)
	value := strings.TrimRight(line[len(prefix):], " \t")
	start := len(line) - len(strings.TrimLeft(line, " \t"))
	atValue := Place{file, number, len([]rune(prefix)) + 1}
	atLine := Place{file, number, start + 1}

	if tab := strings.IndexByte(line[:start], '\t'); tab >= 0 {
		return Mistake{Place{file, number, tab + 1}, "a tab indents this line", "indent with spaces"}
	}
	if m, ok := explainValue(atValue, value, reason); ok {
		return m
	}
	switch {
	case strings.Contains(reason, "could not find expected ':'"):
		return Mistake{atLine, "there is no key on this line", `write "key: value", or indent it below the key it belongs to`}
	case strings.Contains(reason, "unknown anchor"):
		return Mistake{atLine, reason, "define it above with &, or write the value in quotes"}
	case strings.Contains(reason, "did not find expected"), strings.Contains(reason, "mapping values"):
		return Mistake{atLine, "the indentation does not fit the lines above", "align this line with its neighbours"}
	}
	return Mistake{atLine, "is no YAML: " + reason, ""}
}

var lineNumber = regexp.MustCompile(`^line \d+: `)

// explainValue knows the values that YAML cannot read.
func explainValue(at Place, value, reason string) (Mistake, bool) {
	whole := "write the whole value in quotes: " + quoted(value)
	if value == "" {
		return Mistake{}, false
	}
	switch c := value[0]; c {
	case '"', '\'':
		end := closing(value, c)
		switch {
		case strings.Contains(reason, "escape"):
			return Mistake{at, `a backslash in double quotes starts an escape, and YAML does not know this one`,
				"write the value in single quotes"}, true
		case end < 0:
			return Mistake{at, fmt.Sprintf("the quote %c is opened here and never closed", c), "close it"}, true
		case goesOn(value[end+1:]):
			return Mistake{at, fmt.Sprintf("the value starts with the quote %c and goes on after the closing one", c), whole}, true
		}
	case '{', '[':
		end := strings.IndexByte(value, map[byte]byte{'{': '}', '[': ']'}[c])
		if end >= 0 && goesOn(value[end+1:]) && !strings.ContainsAny(value[1:end], "{[:,") {
			return Mistake{at, fmt.Sprintf("the value starts with %c, which opens a YAML %s, and goes on after the closing %c", c,
				map[byte]string{'{': "map", '[': "list"}[c], value[end]), whole}, true
		}
		return Mistake{at, fmt.Sprintf("what %c opens here YAML cannot read to its end", c),
			"close it, and put values that contain any of , : { } [ ] in quotes"}, true
	case '@', '`', '%', '*', '&', '!', '|', '>':
		return Mistake{at, fmt.Sprintf("a value cannot start with %c", c), whole}, true
	}
	if strings.Contains(value, ": ") || strings.HasSuffix(value, ":") {
		return Mistake{at, `YAML takes ": " in this value for the end of a key`, whole}, true
	}
	return Mistake{}, false
}

func closing(s string, quote byte) int {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quote == '"':
			i++
		case s[i] == quote && quote == '\'' && i+1 < len(s) && s[i+1] == quote:
			i++
		case s[i] == quote:
			return i
		}
	}
	return -1
}

func goesOn(rest string) bool {
	rest = strings.TrimLeft(rest, " \t")
	return rest != "" && !strings.ContainsRune("#,:}]", rune(rest[0]))
}

// failingLine finds the line that makes the text unreadable: the first one from which on no longer beginning of the text
// can be read. Lists and maps over several lines make beginnings unreadable for a while, so a candidate is only believed
// when the lines after it do not heal it.
func failingLine(lines []string) int {
	fails := func(n int) bool {
		var y yaml.Node
		err := next(yaml.NewDecoder(strings.NewReader(strings.Join(lines[:n], "\n")+"\n")), &y)
		return err != nil && !errors.Is(err, errEnd)
	}
	const patience = 50 // lines within which a multi-line list or map is expected to end
	good, bad := 0, len(lines)
	for tries := 0; bad-good > 1 && tries < 200; tries++ {
		middle := (good + bad) / 2
		if fails(middle) {
			bad = middle
		} else {
			good = middle
		}
		if bad-good > 1 {
			continue
		}
		for n := bad + 1; n <= min(len(lines), bad+patience); n++ {
			if tries++; !fails(n) {
				good, bad = n, len(lines)
				break
			}
		}
	}
	return bad
}
