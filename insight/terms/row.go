package terms

import (
	"strings"

	"headgate/event"
	"headgate/insight/count"
)

// Facts are what is kept of an event, besides who did it and when.
type Facts struct {
	Texts [count.Columns]string
	Value int64
}

// longestPage is how many bytes of a page's path are kept.
const longestPage = 200

// clicks name the source and medium of a click id where no campaign is named.
var clicks = []struct{ id, source, medium string }{
	{"gclid", "google", "cpc"}, {"gbraid", "google", "cpc"}, {"wbraid", "google", "cpc"}, {"dclid", "google", "display"}, {"msclkid", "bing", "cpc"},
	{"fbclid", "facebook", "social"}, {"ttclid", "tiktok", "social"}, {"li_fat_id", "linkedin", "social"}, {"twclid", "twitter", "social"},
	{"epik", "pinterest", "social"}, {"ScCid", "snapchat", "social"},
}

// IsMeasurement reports whether an event of a name says how a page was looked at (how long, how far down) or how fast it was. That is
// nothing a visitor did: it is not counted, is no step of a path or a funnel, and keeps no session open.
func IsMeasurement(name string) bool { return name == "user_engagement" || name == "web_vitals" }

// FactsOf returns what is kept of an event.
func (t *Terms) FactsOf(e *event.Event) (f Facts) {
	currency := strings.ToUpper(strings.TrimSpace(e.Params.Text("currency")))
	if len(currency) != 3 {
		currency = ""
	}
	if v, ok := e.Params.Get("value").Float(); ok {
		f.Value = Minor(v, currency)
	}
	source, medium := e.Campaign.Source, e.Campaign.Medium
	if source == "" && medium == "" && e.Campaign.Name == "" {
		for _, c := range clicks {
			if _, ok := e.Campaign.ClickIDs.Find(c.id); ok {
				source, medium = c.source, c.medium
				break
			}
		}
	}
	path := e.Page.Path
	if path != "" {
		path = t.Clean(path)
	}
	f.Texts = [count.Columns]string{
		count.Site: e.Site, count.Event: Clip(e.Name, longestText), count.Page: Clip(path, longestPage), count.Referrer: e.Page.ReferrerClass,
		count.Source: Clip(source, longestText), count.Medium: Clip(medium, longestText), count.Campaign: Clip(e.Campaign.Name, longestText),
		count.Country: e.Geo.Country, count.Device: e.Device.Type, count.Currency: currency,
		count.Order: Clip(e.Params.Text("transaction_id"), longestText), count.Term: Clip(strings.TrimSpace(e.Params.Text("search_term")), longestText),
		count.Items: ItemsText(e.Items),
	}
	return f
}

// Row returns an event as a row, without who did it and when.
func (t *Terms) Row(e *event.Event, s *count.Symbols) count.Row {
	f := t.FactsOf(e)
	r := count.Row{Value: f.Value}
	for c := range count.Columns {
		*r.At(c) = s.ID(f.Texts[c])
	}
	return r
}
