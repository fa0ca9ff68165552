package shape

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

// Docs writes the reference of a configuration in Markdown: a table of the keys at the top, then a section for each key
// that has keys below it. In paths <name> stands for names of the editor's choice and [] for the items of a list.
func (s *Shape) Docs() []byte {
	d := docs{listed: map[reflect.Type]string{}}
	top := *s
	top.Properties = nil
	var sections []Property
	for _, p := range s.Properties {
		if p.Shape.hasKeys() {
			sections = append(sections, p)
			continue
		}
		top.Properties = append(top.Properties, p)
	}
	d.table(&top, "")
	for _, p := range sections {
		fmt.Fprintf(&d.b, "\n## %s\n\n%s\n\n", p.Key, sentence(p.Shape.Description))
		d.table(p.Shape, p.Key)
	}
	return []byte(d.b.String())
}

// docs writes tables and remembers which struct it has listed where: the keys of a struct are listed once.
type docs struct {
	b      strings.Builder
	listed map[reflect.Type]string
}

func (d *docs) table(s *Shape, path string) {
	d.b.WriteString("| key | takes | default | example | what it says |\n|---|---|---|---|---|\n")
	d.below(s, path)
}

// below writes the keys under a path, through lists, maps and alternatives.
func (d *docs) below(s *Shape, path string) {
	if s.Of != nil {
		d.listed[s.Of] = path
	}
	for _, p := range s.Properties {
		at := strings.TrimPrefix(path+"."+p.Key, ".")
		d.row(p, at)
		if _, known := d.known(p.Shape); !known {
			d.below(p.Shape, at)
		}
	}
	if s.Items != nil {
		d.below(s.Items, path+"[]")
	}
	if s.Values != nil {
		d.below(s.Values, path+".<name>")
	}
	for _, option := range s.AnyOf {
		d.below(option, path)
	}
}

// known returns where the keys of a shape are listed already.
func (d *docs) known(s *Shape) (path string, known bool) {
	for s.Items != nil {
		s = s.Items
	}
	path, known = d.listed[s.Of]
	return path, known && s.Of != nil
}

func (d *docs) row(p Property, path string) {
	s := p.Shape
	help := sentence(s.Description)
	if p.Required {
		help = strings.TrimSpace("Required. " + help)
	}
	if elsewhere, known := d.known(s); known {
		help = strings.TrimSpace(help + " Its keys are those of `" + elsewhere + "`.")
	}
	example := ""
	if len(s.Examples) > 0 {
		example = written(s.Examples[0])
	}
	byDefault := ""
	if s.Default != nil {
		byDefault = written(s.Default)
	}
	if example == byDefault {
		example = ""
	}
	fmt.Fprintf(&d.b, "| `%s` | %s | %s | %s | %s |\n", path, cell(s.takes()), code(byDefault), code(example), cell(help))
}

// hasKeys reports whether anything below a shape is listed.
func (s *Shape) hasKeys() bool {
	switch {
	case len(s.Properties) > 0:
		return true
	case s.Items != nil:
		return s.Items.hasKeys()
	case s.Values != nil:
		return s.Values.hasKeys()
	}
	return false
}

// sentence writes help as a sentence: tags do without the capital letter and the full stop.
func sentence(help string) string {
	if help == "" {
		return ""
	}
	first, _, _ := strings.Cut(help, " ")
	if strings.ToLower(first) == first && !strings.ContainsAny(first, "_.:=(") {
		help = strings.ToUpper(help[:1]) + help[1:]
	}
	if !strings.HasSuffix(help, ".") {
		help += "."
	}
	return help
}

func cell(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\n", " "), "|", `\|`)
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + cell(s) + "`"
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
			items[i] = inFlow(v[i])
		}
		return "[" + strings.Join(items, ", ") + "]"
	case map[string]any:
		parts := make([]string, 0, len(v))
		for key, value := range v {
			parts = append(parts, key+": "+inFlow(value))
		}
		sort.Strings(parts)
		return "{" + strings.Join(parts, ", ") + "}"
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

// plainInFlow matches texts that need no quotes inside {} and [], unless they look like something else than text.
var plainInFlow = regexp.MustCompile(`^[A-Za-z0-9_=./][^,\[\]{}#"']*$`)

func inFlow(v any) string {
	s, isText := v.(string)
	if !isText {
		return written(v)
	}
	_, notNumber := strconv.ParseFloat(s, 64)
	if plainInFlow.MatchString(s) && !strings.Contains(s, ": ") && notNumber != nil && s != "true" && s != "false" && s != "null" {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"`
}
