package body

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"headgate/document"
)

// form is one of the ways to write more than texts, formulas, lists and objects below body: and as:.
type form struct {
	name    string // the key by which it is known
	help    string
	keys    [][2]string // each key with what it says
	example string
}

// Reference is the page of the forms in Markdown.
func Reference() []byte {
	var b bytes.Buffer
	b.WriteString("# Bodies\n\nBelow `body:` and `as:` of a destination's file stand texts, formulas (`=params.value`), lists and objects. " +
		"What yields nothing is left out, with its key. These forms do more.\n")
	for _, f := range forms {
		fmt.Fprintf(&b, "\n## `%s`\n\n%s\n\n| key | what it says |\n|---|---|\n", f.name, f.help)
		for _, key := range f.keys {
			fmt.Fprintf(&b, "| `%s` | %s |\n", key[0], strings.ReplaceAll(key[1], "|", "\\|"))
		}
		fmt.Fprintf(&b, "\n```yaml\n%s\n```\n", f.example)
	}
	return b.Bytes()
}

var forms = [...]form{
	{"each", "A list: one element per event of the request, per item of the event, or per element of what a formula yields. A list in a list is spliced in.", [][2]string{
		{"each", "=batch, =items, or a formula that yields a list or an object"},
		{"as", "what each becomes; item is the element (of an object: item.key and item.value), index its position from 0"},
		{"where", "formula: which elements"},
		{"limit", "at most this many elements"},
	}, "{each: =items, where: item.price > 0, as: {id: =item.id}}"},
	{"copy", "The keys of an object, passed on. What looks like contact data stays here, and so do the objects app and device of params unless only lists them.", [][2]string{
		{"copy", "formula that yields an object"},
		{"only", "list of keys, or a formula that yields one"},
		{"except", "list of keys"},
		{"name", "regular expression that a whole key must match"},
		{"not", "regular expression that no whole key may match"},
		{"naming", "a key that the vendor would not take is made valid: ga4 (of parameters too), ga4_property, hubspot"},
		{"length", "number or formula: a longer text is cut to this many characters"},
		{"scalars", "true: no lists and objects"},
		{"text", "true: numbers, true and false become text"},
		{"limit", "at most this many keys"},
		{"prefix", "text before each key"},
		{"as", "what each becomes, with item.key and item.value; its value when left out"},
		{"personal", "keep lets contact data pass: say why in plain_reason"},
	}, "{copy: =params, only: [plan, margin]}"},
	{"when", "One of two things, by a condition.", [][2]string{
		{"when", "formula"},
		{"then", "what stands here when it holds"},
		{"else", "what stands here otherwise; nothing when left out"},
	}, "{when: consent.ads, then: full, else: limited}"},
	{"positions", "A list whose elements a vendor counts: an empty one stays, as an empty text.", [][2]string{
		{"positions", "list"},
	}, "{positions: [a2, =params.app.id, =params.app.version]}"},
	{"json_text", "A text that holds JSON, for vendors that take JSON within JSON.", [][2]string{
		{"json_text", "what the text holds: a list or an object"},
	}, "{json_text: {items: {each: =items, as: =item.id}}}"},
	{"*", "A key of an object: takes the keys of another object that are not written next to it.", [][2]string{
		{"*", "a copy, or a formula that yields an object"},
	}, `{value: =params.value, "*": {copy: =params}}`},
}

// known reports keys that a form does not have.
func (c *compiler) known(n *document.Node, name string) {
	var keys []string
	for _, key := range forms[slices.IndexFunc(forms[:], func(f form) bool { return f.name == name })].keys {
		keys = append(keys, key[0])
	}
	for _, f := range n.Fields {
		if !slices.Contains(keys, f.Key) {
			cure := document.Suggestion(f.Key, keys)
			if cure == "" {
				cure = name + " has the keys " + strings.Join(keys, ", ")
			}
			c.Mistakes.Add(f.At, fmt.Sprintf("unknown key %q next to %s", f.Key, name), cure)
		}
	}
}
