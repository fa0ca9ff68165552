package document

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
)

// Docs writes the reference of a shape in Markdown: a table with a line for each key, <name> standing for keys of the
// editor's choice and [] for the items of a list.
func (s *Shape) Docs() []byte {
	var b strings.Builder
	b.WriteString("| key | takes | default | what it says |\n|---|---|---|---|\n")
	s.rows(&b, "", 0)
	return []byte(b.String())
}

func (s *Shape) rows(b *strings.Builder, path string, depth int) {
	if depth > 8 {
		return
	}
	for _, p := range s.Properties {
		at := p.Key
		if path != "" {
			at = path + "." + p.Key
		}
		p.Shape.row(b, at, p.Required)
		p.Shape.below(b, at, depth)
	}
	if s.Values != nil {
		s.Values.below(b, strings.TrimPrefix(path+".<name>", "."), depth)
	}
}

// below writes the keys under a path, through lists and maps.
func (s *Shape) below(b *strings.Builder, path string, depth int) {
	switch {
	case s.Items != nil:
		s.Items.below(b, path+"[]", depth+1)
	case len(s.Properties) > 0 || s.Values != nil:
		s.rows(b, path, depth+1)
	}
	for _, option := range s.AnyOf {
		option.below(b, path, depth+1)
	}
}

func (s *Shape) row(b *strings.Builder, path string, required bool) {
	help := s.Description
	if required {
		help = strings.TrimSpace("Required. " + help)
	}
	if len(s.Examples) > 0 {
		help = strings.TrimSpace(help + " Example: `" + written(s.Examples[0]) + "`")
	}
	d := ""
	if s.Default != nil {
		d = "`" + written(s.Default) + "`"
	}
	fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", path, cell(s.takes()), cell(d), cell(help))
}

func cell(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\n", " "), "|", `\|`)
}

// takes says for a person what may be written.
func (s *Shape) takes() string {
	switch {
	case len(s.Enum) > 0:
		return "`" + strings.Join(s.Enum, "` or `") + "`"
	case s.Takes != "":
		return s.Takes
	case len(s.AnyOf) > 0:
		options := make([]string, len(s.AnyOf))
		for i, o := range s.AnyOf {
			options[i] = o.takes()
		}
		return strings.Join(options, " or ")
	case s.Type == "array" && s.Items != nil && s.Items.takes() != "map":
		return "list of " + s.Items.takes()
	case s.Type == "array":
		return "list"
	case s.Type == "object":
		return "map"
	case s.Type == "string":
		return "text"
	case s.Type == "integer":
		return "whole number"
	case s.Type == "":
		return "anything"
	}
	return s.Type
}

// written shows a value in YAML's short form.
func written(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []any:
		items := make([]string, len(v))
		for i := range v {
			items[i] = written(v[i])
		}
		return "[" + strings.Join(items, ", ") + "]"
	case map[string]any:
		return writtenMap(v)
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

func writtenMap(m map[string]any) string {
	parts := make([]string, 0, len(m))
	for k, v := range m {
		parts = append(parts, k+": "+written(v))
	}
	sort.Strings(parts)
	return "{" + strings.Join(parts, ", ") + "}"
}
