package reading

import (
	"fmt"
	"slices"

	"headgate/event"
)

// ItemName is what our vocabulary calls the field of an item that JSON clients (GA4, Segment, our own) call name, "" when
// it has no name of its own.
func ItemName(name string) string {
	switch name {
	case "id", "item_id", "product_id":
		return "id"
	case "name", "item_name":
		return "name"
	case "brand", "item_brand":
		return "brand"
	case "category", "item_category":
		return "category"
	case "category2", "item_category2":
		return "category2"
	case "category3", "item_category3":
		return "category3"
	case "category4", "item_category4":
		return "category4"
	case "category5", "item_category5":
		return "category5"
	case "variant", "item_variant":
		return "variant"
	case "index", "position":
		return "index"
	case "list_id", "item_list_id":
		return "list_id"
	case "list_name", "item_list_name":
		return "list_name"
	case "price", "quantity", "coupon", "discount", "affiliation", "location_id":
		return name
	}
	return ""
}

// Items reads the products of a JSON event; fact says what is wrong with them, "" when nothing is.
func Items(list []event.Value) (items []event.Item, fact string) {
	items = make([]event.Item, len(list))
	for i, v := range list {
		if v.Kind() != event.Object {
			return nil, fmt.Sprintf("item %d is no object", i)
		}
		fillItem(&items[i], v.Object())
	}
	return items, ""
}

// Item reads one product of a JSON event.
func Item(m event.Map) (item event.Item) {
	fillItem(&item, m)
	return item
}

// fillItem reads one product into an empty item. What has no name, a second name for the same thing, and a value that is of no use (a price
// that is no number) are kept in its params.
func fillItem(item *event.Item, m event.Map) {
	taken := make([]string, 0, 20)
	for _, p := range m {
		if p.Key == "params" && p.Value.Kind() == event.Object {
			Merge(&item.Params, p.Value.Object())
			continue
		}
		name := ItemName(p.Key)
		if name == "" || slices.Contains(taken, name) || item.Set(name, p.Value) != "" {
			item.Params.Set(p.Key, p.Value)
			continue
		}
		taken = append(taken, name)
	}
	// Segment has a "product_id" and a "sku", the shop's own number for it: one alone is the id.
	if sku := item.Params.Text("sku"); item.ID == "" && sku != "" {
		item.ID = sku
		item.Params.Delete("sku")
	}
}
