package analytics

import (
	"fmt"
	"strings"

	"headgate/event"
	"headgate/sources/reading"
)

// name finds what the hit is, in Matomo's order of precedence, and sets what it says.
func (m *matomoHit) name() (why string) {
	said := func(name string) bool { return !m.said.Get(name).IsNull() }
	order := m.said.Text("idgoal") == "0"
	switch {
	case order && said("ec_id"):
		m.become("purchase", "ec_id", "transaction_id", "revenue", "value", "ec_st", "subtotal", "ec_tx", "tax", "ec_sh", "shipping", "ec_dt", "discount")
		return m.items()
	case order:
		m.become("update_cart", "revenue", "value")
		return m.items()
	case said("idgoal"):
		m.become("goal_conversion", "idgoal", "goal_id", "revenue", "value")
	case said("ma_id") && said("ma_mt"):
		m.media()
	case said("download"):
		m.become("file_download", "download", "link_url")
	case said("link"):
		m.become("click", "link", "link_url")
		m.e.Params.Set("outbound", event.Boolean(true))
	case said("search"):
		m.become("view_search_results", "search", "search_term", "search_cat", "search_category", "search_count", "search_count")
	case said("c_i"):
		m.become("select_content", "c_i", "interaction", "c_n", "content_name", "c_p", "content_piece", "c_t", "content_target")
	case said("c_n"):
		m.become("content_impression", "c_n", "content_name", "c_p", "content_piece", "c_t", "content_target")
	case said("e_c") && said("e_a"):
		m.become(m.said.Text("e_a"), "e_c", "category", "e_a", "action", "e_n", "label", "e_v", "value")
	case m.said.Text("ping") == "1":
		m.become("heartbeat") // the visit goes on: no page view
	default:
		m.become("page_view")
	}
	return ""
}

// become names the event and moves parameters from Matomo's names to ours, given in pairs. The others stay.
func (m *matomoHit) become(name string, names ...string) {
	m.e.Name = name
	for i := 0; i+1 < len(names); i += 2 {
		if v, ok := m.said.Find(names[i]); ok {
			m.e.Params.Set(names[i+1], matomoNumber(names[i], v))
		}
	}
	for _, p := range m.said {
		switch {
		case p.Key == "idgoal" || p.Key == "ec_items" || p.Key == "ping" || isNamed(names, p.Key):
		case name == "page_view" && strings.HasPrefix(p.Key, "_pk"): // events of their own
		default:
			m.rest.Set(p.Key, p.Value)
		}
	}
	if m.currency != "" && !m.e.Params.Get("value").IsNull() && m.said.Get("e_v").IsNull() {
		m.e.Params.Set("currency", event.String(m.currency))
	}
}

func isNamed(names []string, wire string) bool {
	for i := 0; i < len(names); i += 2 {
		if names[i] == wire {
			return true
		}
	}
	return false
}

// matomoNumber reads the parameters that are numbers.
func matomoNumber(name string, v event.Value) event.Value {
	switch name {
	case "revenue", "ec_st", "ec_tx", "ec_sh", "ec_dt", "e_v", "search_count", "ma_ps", "ma_le":
		if n, ok := event.NumberText(v.Text()); ok {
			return n
		}
	}
	return v
}

// media names the hit after the kind of its medium: Matomo sends how far a video or an audio has got.
func (m *matomoHit) media() {
	kind := "video"
	if m.said.Text("ma_mt") == "audio" {
		kind = "audio"
	}
	m.become(kind+"_progress", "ma_ti", kind+"_title", "ma_re", kind+"_url", "ma_ps", kind+"_current_time", "ma_le", kind+"_duration")
}

// items reads ec_items: a list of lists of sku, name, category or categories, price and quantity.
func (m *matomoHit) items() (why string) {
	said, ok := m.said.Find("ec_items")
	if !ok {
		return ""
	}
	list := reading.ParsedJSON(said).List()
	if len(list) == 0 {
		m.rest.Set("ec_items", said)
		return ""
	}
	if len(list) > m.limits.Items {
		return fmt.Sprintf("the event has %d items; %d are allowed", len(list), m.limits.Items)
	}
	m.e.Items = make([]event.Item, len(list))
	for i, one := range list {
		fields := append(one.List()[:len(one.List()):len(one.List())], make([]event.Value, 5)...)
		m.e.Items[i] = matomoItem(fields[0], fields[1], fields[2], fields[3], fields[4])
	}
	return ""
}

func matomoItem(sku, name, category, price, quantity event.Value) (item event.Item) {
	item.ID, item.Name = sku.Text(), name.Text()
	categories := category.List()
	if category.Kind() != event.List && category.Text() != "" {
		categories = []event.Value{category}
	}
	for i, field := range [...]*string{&item.Category, &item.Category2, &item.Category3, &item.Category4, &item.Category5} {
		if i < len(categories) {
			*field = categories[i].Text()
		}
	}
	if n, ok := reading.Number(price); ok {
		item.Price = event.Num(n)
	}
	if n, ok := reading.Number(quantity); ok {
		item.Quantity = event.Num(n)
	}
	return item
}

// shown adds an event for the product or the category that a page view says that it shows.
func (m *matomoHit) shown() {
	item := matomoItem(m.said.Get("_pks"), m.said.Get("_pkn"), reading.ParsedJSON(m.said.Get("_pkc")), m.said.Get("_pkp"), event.Value{})
	view := reading.CopyEvent(&m.e)
	switch {
	case item.ID+item.Name != "":
		view.Name, view.Items = "view_item", []event.Item{item}
	case item.Category != "":
		view.Name = "view_item_list"
		view.Params.Set("item_list_name", event.String(item.Category))
	default:
		return
	}
	m.events = append(m.events, view)
}
