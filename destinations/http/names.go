package http

import (
	"slices"
	"strings"

	"headgate/document"
	"headgate/event"
)

// eventNames lists the names of the event's vocabulary that the formulas of a text begin with: "page" of "=page.url".
func eventNames(n *document.Node) (names []string) {
	if n == nil || n.Kind != document.Text {
		return nil
	}
	for _, formula := range formulasOf(n.Text) {
		for _, name := range rootNames(formula) {
			if vocabulary(name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// formulasOf are the formulas in a text: all of it after "=", or what stands in braces.
func formulasOf(text string) (formulas []string) {
	if whole, ok := strings.CutPrefix(text, "="); ok {
		return []string{whole}
	}
	text = strings.NewReplacer("{{", "", "}}", "").Replace(text)
	for {
		_, rest, ok := strings.Cut(text, "{")
		if !ok {
			return formulas
		}
		inner, after, ok := strings.Cut(rest, "}")
		if !ok {
			return formulas
		}
		formulas, text = append(formulas, inner), after
	}
}

// rootNames are the names in a formula that follow no dot and call nothing.
func rootNames(formula string) (names []string) {
	for i := 0; i < len(formula); {
		c := formula[i]
		switch {
		case c == '"' || c == '\'' || c == '`':
			i++
			for i < len(formula) && formula[i] != c {
				if formula[i] == '\\' && c != '`' {
					i++
				}
				i++
			}
			i++
		case isLetter(c):
			start := i
			for i < len(formula) && (isLetter(formula[i]) || formula[i] >= '0' && formula[i] <= '9') {
				i++
			}
			after := strings.TrimLeft(formula[i:], " ")
			if (start == 0 || formula[start-1] != '.' && formula[start-1] != '#') && !strings.HasPrefix(after, "(") && (!strings.HasPrefix(after, ":") || strings.Contains(formula[:start], "?")) {
				names = append(names, formula[start:i])
			}
		default:
			i++
		}
	}
	return names
}

func isLetter(c byte) bool { return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func vocabulary(name string) bool {
	if name == "theirs" || name == "event" {
		return true
	}
	return slices.ContainsFunc(event.Fields, func(f event.Field) bool {
		root, _, _ := strings.Cut(f.Path, ".")
		return root == name
	})
}
