package golden

import (
	"strings"

	"headgate/destinations/http/words"
	"headgate/event"
	"headgate/event/trace"
)

// render writes requests as cases show them: JSON indented, several separated by a line of dashes.
func render(requests []trace.Request) string {
	var parts []string
	for _, r := range requests {
		var b strings.Builder
		if r.Method != "" {
			b.WriteString(r.Method + " " + r.URL + "\n")
		}
		for _, h := range r.Headers {
			b.WriteString(h.Name + ": " + h.Value + "\n")
		}
		for _, note := range r.Notes {
			b.WriteString("# " + note + "\n")
		}
		if len(r.Body) > 0 {
			if r.Method != "" {
				b.WriteByte('\n')
			}
			b.Write(pretty(r.Body))
		}
		parts = append(parts, strings.TrimSpace(b.String()))
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, "\n---\n")
}

// lineWidth is how long a line of a shown body gets before its list or object is written over several.
const lineWidth = 110

// pretty writes a JSON body for people: a list or object that fits on a line stays on it. Other bodies stay as they are.
func pretty(body []byte) []byte {
	v := words.ReadBody(body)
	if v.Kind() == event.Text {
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
