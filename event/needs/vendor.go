package needs

import (
	"headgate/document"
	"headgate/document/shape"
)

// Vendor is who receives the events: its entry in the vendor lists of TCF and of Google's additional consent, and what a TC
// string that comes with an event must allow it.
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
func (Vendor) DocumentShape() *shape.Shape {
	return shape.AnyOf(&shape.Shape{Type: "integer"}, document.Schema(written{}))
}
