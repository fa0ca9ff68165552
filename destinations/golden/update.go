package golden

import (
	"strings"

	"headgate/document"
)

// Update writes what is sent now into a file of cases: the text of every `sends` that differs or is missing is
// replaced, and nothing else is touched.
func Update(data []byte, results []Result) []byte {
	lines := strings.Split(string(data), "\n")
	node, ms := document.Parse("", data)
	cases := node.Get("cases")
	if len(ms) > 0 || cases == nil || len(cases.Items) != len(results) {
		return data
	}
	// From the end, so that line numbers before it stay valid.
	for i := len(results) - 1; i >= 0; i-- {
		one := cases.Items[i]
		if sends := one.Get("sends"); results[i].Sends == "" || sends != nil && strings.TrimSpace(sends.Text) == results[i].Sends {
			continue
		}
		lines = writeSends(lines, one, results[i].Sends)
	}
	return []byte(strings.Join(lines, "\n"))
}

// writeSends replaces the key sends of a case, or adds it after events.
func writeSends(lines []string, one *document.Node, sends string) []string {
	var at document.Place
	replace := false
	for _, f := range one.Fields {
		if f.Key == "sends" {
			at, replace = f.At, true
			break
		}
		if f.Key == "events" {
			at = f.At
		}
	}
	if at.Line == 0 {
		return lines
	}
	start := at.Line - 1
	end := blockEnd(lines, start, at.Column-1)
	if !replace {
		start = end
	}
	indent := strings.Repeat(" ", at.Column-1)
	var text []string
	if sends == "nothing" {
		text = []string{indent + "sends: nothing"}
	} else {
		text = []string{indent + "sends: |"}
		for line := range strings.SplitSeq(sends, "\n") {
			text = append(text, strings.TrimRight(indent+"  "+line, " "))
		}
	}
	return append(lines[:start:start], append(text, lines[end:]...)...)
}

// blockEnd is the line after the value of a key: the first that is not indented deeper, without the blank lines before it.
func blockEnd(lines []string, start, indent int) int {
	end := start + 1
	for i := start + 1; i < len(lines); i++ {
		trimmed := strings.TrimLeft(lines[i], " ")
		if trimmed == "" {
			continue
		}
		if len(lines[i])-len(trimmed) <= indent {
			break
		}
		end = i + 1
	}
	return end
}
