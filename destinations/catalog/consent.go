package catalog

import (
	"headgate/document"
	"headgate/document/shape"
)

// Needs are consent purposes. Written reports that the file has the key at all, None that it says none.
type Needs struct {
	At       document.Place
	Written  bool
	None     bool
	Purposes []string
}

// DecodeDocument reads a list of purposes or the word none.
func (n *Needs) DecodeDocument(node *document.Node) (ms document.Mistakes) {
	*n = Needs{At: node.At, Written: true}
	switch {
	case node.Kind == document.Text && node.Text == "none":
		n.None = true
	case node.Kind == document.List && len(node.Items) > 0:
		for _, item := range node.Items {
			if item.Kind != document.Text {
				ms.Add(item.At, "expected a consent purpose", "write one of necessary, functional, analytics, ads, personalized_ads, sharing")
				continue
			}
			n.Purposes = append(n.Purposes, item.Text)
		}
	default:
		ms.Add(node.At, "expected a list of consent purposes", "write needs: [analytics], or needs: none with a reason:")
	}
	return ms
}

// DocumentShape is none, or a list of purposes.
func (Needs) DocumentShape() *shape.Shape {
	return shape.AnyOf(shape.Choice("none"), shape.ListOf(shape.Text()))
}
