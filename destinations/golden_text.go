package destinations

import (
	"strings"

	"headgate/document"
	"headgate/event"
)

// UpdateCases writes what is sent now into a file of cases: the text of every `sends` that differs or is missing is
// replaced, and nothing else is touched.
func UpdateCases(data []byte, results []CaseResult) []byte {
	lines := strings.Split(string(data), "\n")
	node, ms := document.Parse("", data)
	cases := node.Get("cases")
	if len(ms) > 0 || cases == nil || len(cases.Items) != len(results) {
		return data
	}
	// From the end, so that the lines before keep their numbers.
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

// blockEnd is the line after the value of a key: the first that is indented no deeper, blank lines before it given back.
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

// lineDiff shows the lines that differ between two texts: - is wanted, + is there.
func lineDiff(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	// The longest common subsequence, from the end.
	common := make([][]int, len(a)+1)
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var out []string
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			i, j = i+1, j+1
		case j >= len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			out = append(out, "- "+a[i])
			i++
		default:
			out = append(out, "+ "+b[j])
			j++
		}
	}
	return strings.Join(out, "\n")
}

// lineWidth is how long a line of a shown body gets before its list or object is written over several.
const lineWidth = 110

// pretty writes a JSON body for people: a list or object that fits on a line stays on it. Other bodies stay as they are.
func pretty(body []byte) []byte {
	if !shallow(body) {
		return body
	}
	v, err := event.ParseJSON(body)
	if err != nil {
		return body
	}
	return appendPretty(nil, v, 0, 0)
}

// appendPretty writes v at an indent; used is what stands before it on its line.
func appendPretty(b []byte, v event.Value, indent, used int) []byte {
	flat := appendSpaced(nil, v)
	if len(v.List())+len(v.Object()) == 0 || indent+used+len(flat) <= lineWidth {
		return append(b, flat...)
	}
	line := func(first bool) {
		if !first {
			b = append(b, ',')
		}
		b = append(b, '\n')
		b = append(b, strings.Repeat(" ", indent+2)...)
	}
	end := byte(']')
	b = append(b, flat[0])
	for i, one := range v.List() {
		line(i == 0)
		b = appendPretty(b, one, indent+2, 0)
	}
	for i, p := range v.Object() {
		end = '}'
		line(i == 0)
		key := append(event.AppendString(nil, p.Key), ": "...)
		b = appendPretty(append(b, key...), p.Value, indent+2, len(key))
	}
	b = append(b, '\n')
	b = append(b, strings.Repeat(" ", indent)...)
	return append(b, end)
}

// appendSpaced writes v on one line, with blanks after colons and commas.
func appendSpaced(b []byte, v event.Value) []byte {
	switch v.Kind() {
	case event.List:
		b = append(b, '[')
		for i, one := range v.List() {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = appendSpaced(b, one)
		}
		return append(b, ']')
	case event.Object:
		b = append(b, '{')
		for i, p := range v.Object() {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = append(event.AppendString(b, p.Key), ": "...)
			b = appendSpaced(b, p.Value)
		}
		return append(b, '}')
	}
	return v.AppendJSON(b)
}
