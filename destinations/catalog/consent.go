package catalog

import "headgate/document"

// Needs are consent purposes. Written tells a file that says something from one that forgot it, None that it says none.
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
func (Needs) DocumentShape() *document.Shape {
	return document.AnyOf(document.Choice("none"), document.ListOf(document.TextShape()))
}

// Refused says what happens to an event whose consent is refused: Profile is the redaction profile, "" drops it.
type Refused struct {
	Written bool
	Profile string
}

// DecodeDocument reads the word drop, or redact: and a profile.
func (r *Refused) DecodeDocument(node *document.Node) (ms document.Mistakes) {
	*r = Refused{Written: true}
	switch {
	case node.Kind == document.Text && node.Text == "drop":
	case node.Kind == document.Map && len(node.Fields) == 1 && node.Fields[0].Key == "redact" && node.Fields[0].Value.Kind == document.Text:
		r.Profile = node.Fields[0].Value.Text
	default:
		ms.Add(node.At, "expected drop or a redaction", "write refused: drop, or refused: {redact: cookieless}")
	}
	return ms
}

// DocumentShape is drop, or a redaction.
func (Refused) DocumentShape() *document.Shape {
	redact := document.Property{Key: "redact", Required: true, Shape: document.TextShape()}
	return document.AnyOf(document.Choice("drop"), &document.Shape{Type: "object", Properties: []document.Property{redact}})
}

// Vendor says who receives the events, and what of a TC string must allow it: asked wherever one comes with an event.
type Vendor struct {
	At        document.Place `yaml:"-"`
	TCF       int            `yaml:"tcf" help:"id in IAB Europe's Global Vendor List, 0 when there is none" example:"793"`
	AC        int            `yaml:"ac" help:"id in Google's list of ad technology providers, for a vendor without a TCF id" example:"89"`
	Consent   []int          `yaml:"consent" help:"TCF purposes it needs consent for here; with neither list, consent to the vendor itself is enough" example:"[1]"`
	LI        []int          `yaml:"li" help:"TCF purposes that rest on its legitimate interest" example:"[7]"`
	Flexible  []int          `yaml:"flexible" help:"of these, the ones that rest on the other basis where the publisher asks for it" example:"[7]"`
	Publisher bool           `yaml:"publisher" help:"it is the site's own: the publisher's part of a TC string decides, where there is one; many consent tools leave it empty, which refuses all" example:"true"`
	Hosts     []string       `yaml:"hosts" help:"host names of the vendor; *.host for those below it" example:"[api.vendor.example]"`
}

// written is a Vendor as the map of its keys.
type written Vendor

// DecodeDocument reads an id of the Global Vendor List alone, or a map.
func (v *Vendor) DecodeDocument(node *document.Node) document.Mistakes {
	*v = Vendor{At: node.At}
	if node.Kind == document.Number {
		return document.Decode(node, &v.TCF)
	}
	return document.Decode(node, (*written)(v))
}

// Only reports whether nothing but the id was written.
func (v *Vendor) Only(id int) bool {
	return v.TCF == id && v.AC == 0 && len(v.Consent)+len(v.LI)+len(v.Flexible) == 0 && !v.Publisher
}

// DocumentShape is a number, or the map of a vendor's keys.
func (Vendor) DocumentShape() *document.Shape {
	return document.AnyOf(&document.Shape{Type: "integer"}, document.Schema(written{}))
}
