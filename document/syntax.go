package document

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// This file explains what YAML cannot read at all, in terms of what the line was intended to say.

var linePrefix = regexp.MustCompile(`^[ \t]*(?:- +)*(?:(?:"[^"]*"|'[^']*'|[^\s"'#{\[:][^:]*):[ \t]+)?(?:- +)*`)

// explainSyntax says where and why the text is no YAML.
func explainSyntax(file, text string, err error) Mistake {
	reason := strings.TrimPrefix(err.Error(), "yaml: ")
	if m := lineNumber.FindString(reason); m != "" {
		reason = reason[len(m):]
	}
	lines := strings.Split(text, "\n")
	number := failingLine(lines, err)
	line := strings.TrimRight(lines[number-1], "\r")
	prefix := linePrefix.FindString(line)
	value := strings.TrimRight(line[len(prefix):], " \t")
	start := indentation(line)
	atValue := Place{file, number, len([]rune(prefix)) + 1}
	atLine := Place{file, number, start + 1}

	if tab := strings.IndexByte(line[:start], '\t'); tab >= 0 {
		return Mistake{Place{file, number, tab + 1}, "a tab indents this line", "indent with spaces"}
	}
	if m, ok := explainGlued(file, lines, number); ok {
		return m
	}
	if opensBlock.MatchString(line) {
		return misaligned(atLine, lines, number)
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
		return misaligned(atLine, lines, number)
	}
	return Mistake{atLine, "is no YAML: " + reason, ""}
}

var lineNumber = regexp.MustCompile(`^(?:yaml: )?line (\d+): `)

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

var (
	aKey       = regexp.MustCompile(`^[ ]*(?:- +)*[A-Za-z_][\w.-]*:(?: |$)`)
	opensBlock = regexp.MustCompile(`^[ ]*(?:- +)*[A-Za-z_][\w.-]*:\s*$`)
	gluedLine  = regexp.MustCompile(`^([ ]*(?:- +)*)([a-z_]+):([^\s:/"'{\[][^\s:]*)\s*$`)
)

// explainGlued finds a key without a space after its colon, on the failing line or the one above it, which YAML has read as a
// text without a complaint.
func explainGlued(file string, lines []string, number int) (Mistake, bool) {
	for n := number; n >= max(1, number-1); n-- {
		if m := gluedLine.FindStringSubmatch(lines[n-1]); m != nil {
			return Mistake{Place{file, n, len(m[1]) + 1}, fmt.Sprintf("a space is missing after the colon of %q", m[2]+":"+m[3]),
				fmt.Sprintf(`write "%s: %s"`, m[2], m[3])}, true
		}
	}
	return Mistake{}, false
}

// misaligned says with which line above one aligns that fits none: the nearest that begins with a key.
func misaligned(at Place, lines []string, number int) Mistake {
	const fact = "the indentation does not fit the lines above"
	for n := number - 1; n > 0; n-- {
		line := lines[n-1]
		if aKey.MatchString(line) && !opensBlock.MatchString(line) {
			column := len(line) - len(strings.TrimLeft(line, " -"))
			key, _, _ := strings.Cut(line[column:], ":")
			if column+1 == at.Column {
				break
			}
			return Mistake{at, fact, fmt.Sprintf("indent it by %d spaces, like %q in line %d", column, key, n)}
		}
	}
	return Mistake{at, fact, "align this line with its neighbours"}
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

// failingLine finds the line that makes the text unreadable. yaml.v3 names the right line where its scanner stumbles (from
// 1, none for the first); where its parser does, it names the line where the surrounding list or map began (from 0). For
// lists and maps in brackets that is the line to show. In block style the line to show is the last one it had to read.
func failingLine(lines []string, err error) int {
	named := 0
	if m := lineNumber.FindStringSubmatch(err.Error()); m != nil {
		named, _ = strconv.Atoi(m[1]) // digits
	}
	fails := func(n int) bool { return readLines(&lineReader{lines: lines[:n]}) != nil }
	switch {
	case strings.Contains(err.Error(), "tab character"): // some line from there on is indented by one
		for n := max(1, named); n <= len(lines); n++ {
			if strings.Contains(lines[n-1][:indentation(lines[n-1])], "\t") {
				return n
			}
		}
		return max(1, min(named, len(lines)))
	case strings.Contains(err.Error(), "end of stream") && fails(1): // a quote on the first line
		return 1
	case !strings.Contains(err.Error(), "did not find expected"):
		return max(1, min(named, len(lines)))
	case strings.Contains(err.Error(), "or '"): // "did not find expected ',' or ']'"
		if fails(1) {
			return 1
		}
		return min(named+1, len(lines))
	}
	r := &lineReader{lines: lines}
	_ = readLines(r) // how far it comes is what counts
	line := max(r.next, 1)
	for line > 1 && r.next-line < 3 && fails(line-1) {
		line--
	}
	return line
}

// indentation counts the blanks and tabs that a line begins with.
func indentation(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }

func readLines(r *lineReader) error {
	var y yaml.Node
	if err := next(yaml.NewDecoder(r), &y); !errors.Is(err, errEnd) {
		return err
	}
	return nil
}

// lineReader gives out a text line by line, so that it is known how many lines its reader has needed.
type lineReader struct {
	lines []string
	next  int
	rest  string
}

// Read returns the next line, or a part of it.
func (r *lineReader) Read(p []byte) (int, error) {
	if r.rest == "" {
		if r.next == len(r.lines) {
			return 0, io.EOF
		}
		r.rest = r.lines[r.next] + "\n"
		r.next++
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}
