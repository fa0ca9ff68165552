package catalog

import (
	"slices"
	"strings"

	"headgate/document"
	"headgate/document/shape"
)

// Names are the vendor's names of one event of ours; none means that it is not sent, "=" that it keeps its own.
type Names []string

// DecodeDocument reads a name, a list of names, or off.
func (n *Names) DecodeDocument(node *document.Node) (ms document.Mistakes) {
	*n = Names{}
	switch node.Kind {
	case document.Text:
		if node.Text != "off" {
			*n = Names{node.Text}
		}
	case document.Bool:
		if slices.Contains([]string{"true", "on", "yes"}, strings.ToLower(node.Text)) {
			ms.Add(node.At, "expected a name", `write the vendor's name of the event, "=" for our own, or off`)
		}
	case document.Number:
		ms.Add(node.At, "expected a name, not a number", `write it in quotes: "`+node.Text+`"`)
	case document.List:
		for _, item := range node.Items {
			if item.Kind != document.Text || item.Text == "" {
				ms.Add(item.At, "expected a name", "write the vendor's name of the event as text")
				continue
			}
			*n = append(*n, item.Text)
		}
	default:
		ms.Add(node.At, "expected a name", `write the vendor's name of the event, a list of names, "=" for our own, or off`)
	}
	return ms
}

// DocumentShape is a text, a list of texts, or false for off.
func (Names) DocumentShape() *shape.Shape {
	return shape.AnyOf(shape.Text(), shape.ListOf(shape.Text()), &shape.Shape{Type: "boolean"})
}
