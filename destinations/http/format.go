package http

import (
	"bytes"
	"strings"

	"headgate/destinations/http/body"
	"headgate/destinations/settings"
)

// contentTypes are what a format is sent as when the file does not say otherwise.
var contentTypes = map[string]string{
	"json":       "application/json",
	"form":       "application/x-www-form-urlencoded",
	"json_lines": "application/x-ndjson",
	"lines":      "text/plain; charset=utf-8",
	"text":       "text/plain; charset=utf-8",
}

// inFormat turns the JSON of a body into its format. broken reports that a line of a body of lines holds a line break.
func inFormat(format string, written []byte) (_ []byte, broken bool) {
	switch format {
	case "text":
		return []byte(body.Unquote(written)), false
	case "form":
		return asForm(written), false
	case "json_lines":
		return asLines(written, func(element []byte) []byte { return element }), false
	case "lines":
		lines := asLines(written, func(element []byte) []byte {
			line := body.Unquote(element)
			broken = broken || strings.ContainsAny(line, "\r\n")
			return []byte(line)
		})
		return lines, broken
	}
	return written, false
}

// asForm turns the members of a JSON object into form fields: texts as they are, the rest as JSON.
func asForm(object []byte) []byte {
	var out []byte
	members(object, func(key, value []byte) {
		if len(out) > 0 {
			out = append(out, '&')
		}
		out = append(out, settings.QueryEscape(body.Unquote(key))...)
		out = append(out, '=')
		out = append(out, settings.QueryEscape(body.Unquote(value))...)
	})
	return out
}

// asLines writes each element of a JSON list on a line of its own; anything but a list is one line.
func asLines(list []byte, line func([]byte) []byte) []byte {
	if len(list) == 0 || list[0] != '[' {
		return append(line(list), '\n')
	}
	var out []byte
	for rest := list[1:]; len(rest) > 0 && rest[0] != ']'; {
		end := valueEnd(rest)
		out = append(out, line(rest[:end])...)
		out = append(out, '\n')
		rest = bytes.TrimPrefix(rest[end:], []byte{','})
	}
	return out
}

// members visits the keys and values of a JSON object as our own encoder writes it: without blanks.
func members(object []byte, visit func(key, value []byte)) {
	if len(object) == 0 || object[0] != '{' {
		return
	}
	for rest := object[1:]; len(rest) > 0 && rest[0] != '}'; {
		end := valueEnd(rest)
		key := rest[:end]
		rest = rest[end+1:]
		end = valueEnd(rest)
		visit(key, rest[:end])
		rest = bytes.TrimPrefix(rest[end:], []byte{','})
	}
}

// valueEnd is where the JSON value at the start of b ends.
func valueEnd(b []byte) int {
	depth, text := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case text:
			if c == '\\' {
				i++
			} else if c == '"' {
				text = false
				if depth == 0 {
					return i + 1
				}
			}
		case c == '"':
			text = true
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth == 0 {
				return i
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case depth == 0 && (c == ',' || c == ':'):
			return i
		}
	}
	return len(b)
}
