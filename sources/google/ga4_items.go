package google

import (
	"slices"
	"strconv"
	"strings"

	"headgate/event"
)

func (p *ga4Params) product(digits, value string) {
	n, err := strconv.Atoi(digits)
	if err != nil {
		panic("BUG: digits that are no number: " + digits)
	}
	for i := range p.items {
		if p.items[i].number == n {
			p.items[i].text = value
			return
		}
	}
	p.items = append(p.items, ga4Item{n, value})
}

func (p *ga4Params) finishItems() {
	if len(p.items) == 0 {
		return
	}
	slices.SortStableFunc(p.items, func(a, b ga4Item) int { return a.number - b.number })
	p.e.Items = make([]event.Item, len(p.items))
	for i, sent := range p.items {
		readGA4Item(&p.e.Items[i], sent.text)
	}
}

// maxParts is how many parts of an item are taken apart: gtag knows 18 keys and sends at most 27 parameters of two parts.
const maxParts = 100

// readGA4Item reads one prN: two-letter keys and their values, joined by "~", a "~" within a value doubled.
func readGA4Item(item *event.Item, text string) {
	var custom customParams
	for parts := 0; text != ""; parts++ {
		if parts == maxParts {
			item.Params.Set("rest", event.String(text))
			break
		}
		var part string
		part, text = cutPart(text)
		if len(part) < 2 {
			if part != "" {
				item.Params.Set(part, event.String(""))
			}
			continue
		}
		key, value := part[:2], part[2:]
		if custom.take(key, value) || setGA4Item(item, key, value) {
			continue
		}
		item.Params.Set(ga4ItemParam(key), event.String(value))
	}
	custom.add(&item.Params)
}

// cutPart cuts off the first part of an item and undoes its doubled tildes.
func cutPart(text string) (part, rest string) {
	doubled := false
	for i := 0; i < len(text); i++ {
		if text[i] != '~' {
			continue
		}
		if i+1 < len(text) && text[i+1] == '~' {
			doubled = true
			i++
			continue
		}
		part, rest = text[:i], text[i+1:]
		if doubled {
			part = strings.ReplaceAll(part, "~~", "~")
		}
		return part, rest
	}
	if doubled {
		text = strings.ReplaceAll(text, "~~", "~")
	}
	return text, ""
}

// setGA4Item sets the field of an item that a key stands for and reports whether there is one that can take the value.
func setGA4Item(item *event.Item, key, value string) bool {
	switch key {
	case "id":
		item.ID = value
	case "nm":
		item.Name = value
	case "br":
		item.Brand = value
	case "ca":
		item.Category = value
	case "c2":
		item.Category2 = value
	case "c3":
		item.Category3 = value
	case "c4":
		item.Category4 = value
	case "c5":
		item.Category5 = value
	case "va":
		item.Variant = value
	case "cp":
		item.Coupon = value
	case "li":
		item.ListID = value
	case "ln":
		item.ListName = value
	case "af":
		item.Affiliation = value
	case "lo":
		item.LocationID = value
	case "pr":
		return setNumber(&item.Price, value)
	case "qt":
		return setNumber(&item.Quantity, value)
	case "ds":
		return setNumber(&item.Discount, value)
	case "lp":
		return setNumber(&item.Index, value)
	default:
		return false
	}
	return true
}

func setNumber(n *event.Number, text string) bool {
	v, ok := event.NumberText(text)
	if !ok {
		return false
	}
	f, _ := v.Float()
	*n = event.Num(f)
	return true
}

// ga4ItemParam is GA4's name for a key that our items have no field for, or none that takes such a value.
func ga4ItemParam(key string) string {
	switch key {
	case "pi":
		return "promotion_id"
	case "pn":
		return "promotion_name"
	case "cn":
		return "creative_name"
	case "cs":
		return "creative_slot"
	case "pr":
		return "price"
	case "qt":
		return "quantity"
	case "ds":
		return "discount"
	case "lp":
		return "index"
	}
	return key
}

// customParams joins the names (k0color) and values (v0red) of a site's own item parameters. The sign after the letter is 0
// to 9, then A to Q.
type customParams struct {
	names, values [27]string
	named, valued uint32
}

func (c *customParams) take(key, value string) bool {
	i := -1
	switch sign := key[1]; {
	case sign >= '0' && sign <= '9':
		i = int(sign - '0')
	case sign >= 'A' && sign <= 'Q':
		i = int(sign-'A') + 10
	}
	switch {
	case i < 0:
		return false
	case key[0] == 'k':
		c.names[i], c.named = value, c.named|1<<i
	case key[0] == 'v':
		c.values[i], c.valued = value, c.valued|1<<i
	default:
		return false
	}
	return true
}

// add puts the joined parameters into m. A value without a name is kept under its sign.
func (c *customParams) add(m *event.Map) {
	for i := range c.names {
		bit := uint32(1) << i
		if (c.named|c.valued)&bit == 0 {
			continue
		}
		name := c.names[i]
		if c.named&bit == 0 {
			name = "v" + string("0123456789ABCDEFGHIJKLMNOPQ"[i])
		}
		m.Set(name, event.String(c.values[i]))
	}
}
