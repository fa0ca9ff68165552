// Package cases writes what was found into the files of golden cases, which people read and edit.
package cases

import (
	"strings"

	"headgate/document"
)

// Write puts a text under a key of every case of a file that has a list of them under `cases`: the text of a key that
// differs is replaced, a missing key is added below the key after. Nothing else is touched; an empty text changes nothing.
func Write(data []byte, key, after string, texts []string) []byte {
	lines := strings.Split(string(data), "\n")
	node, ms := document.Parse("", data)
	all := node.Get("cases")
	if len(ms) > 0 || all == nil || len(all.Items) != len(texts) {
		return data
	}
	// From the end, so that line numbers before it stay valid.
	for i := len(texts) - 1; i >= 0; i-- {
		one := all.Items[i]
		if old := one.Get(key); texts[i] == "" || old != nil && strings.TrimSpace(old.Text) == texts[i] {
			continue
		}
		lines = writeBlock(lines, one, key, after, texts[i])
	}
	return []byte(strings.Join(lines, "\n"))
}

// writeBlock replaces a key of a case, or adds it below another.
func writeBlock(lines []string, one *document.Node, key, after, text string) []string {
	var at document.Place
	replace := false
	for _, f := range one.Fields {
		if f.Key == key {
			at, replace = f.At, true
			break
		}
		if f.Key == after {
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
	written := []string{indent + key + ": " + text}
	if strings.ContainsAny(text, "\n:") {
		written = []string{indent + key + ": |"}
		for line := range strings.SplitSeq(text, "\n") {
			written = append(written, strings.TrimRight(indent+"  "+line, " "))
		}
	}
	return append(lines[:start:start], append(written, lines[end:]...)...)
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
