package personal

import (
	"strings"
	"time"

	"headgate/event"
)

// marked returns an event in which every field holds a value of its own that can be looked for: "mark-ip", and so on.
func marked() event.Event {
	var e event.Event
	for i := range event.Fields {
		f := &event.Fields[i]
		switch ref := f.Ref(&e).(type) {
		case *string:
			*ref = mark(f.Path)
		case *event.Map:
			*ref = event.Map{{Key: "k", Value: event.String(mark(f.Path))}}
		case *time.Time:
			*ref = today
		}
	}
	e.Device.IP = "203.0.113.77"
	e.Consent = nil
	e.Items = []event.Item{{ID: "sku", Name: "shoe"}}
	return e
}

func mark(path string) string { return "mark-" + strings.ReplaceAll(path, ".", "-") }

// Everything personal also stands where nobody should have put it: in addresses, titles, parameters, items.
func seeded() event.Event {
	e := marked()
	e.User.Email = "ann@shop.example"
	e.User.Phone = "+4915112345678"
	leak := "c=" + e.User.ClientID + " u=" + e.User.UserID + " mail ann@shop.example " + e.User.FirstName + " " + e.Device.IP
	e.Page.URL = "https://www.shop.example/p?uid=" + e.User.UserID + "&utm_source=news&gclid=G-123456#ann@shop.example"
	e.Page.Query = "uid=" + e.User.UserID + "&utm_source=news&gclid=G-123456"
	e.Page.Title = leak
	e.Page.Referrer = "https://user:pw@partner.example/path?id=" + e.User.ClientID
	e.Campaign.ClickIDs = event.Map{{Key: "gclid", Value: event.String("G-123456")}}
	e.Device.Browser, e.Device.OS, e.Device.Type, e.Device.Language = "Firefox", "Linux", "desktop", "de-DE"
	e.Params = event.Map{
		{Key: "value", Value: event.Float(12.5)},
		{Key: "note", Value: event.String(leak)},
		{Key: "ga4", Value: event.ObjectOf(event.Map{{Key: "cid", Value: event.String(e.User.ClientID)}})},
		{Key: "user_data", Value: event.ObjectOf(event.Map{{Key: "x", Value: event.String("mark-hidden-contact")}})},
		{Key: "nested", Value: event.ListOf(event.ObjectOf(event.Map{
			{Key: "customer_id", Value: event.String("mark-hidden-id")}, {Key: "click", Value: event.String("G-123456")},
			{Key: "color", Value: event.String("red")}}))},
	}
	e.Items = []event.Item{{ID: "sku", Name: "for ann@shop.example", Affiliation: e.User.UserID,
		Params: event.Map{{Key: "email", Value: event.String("mark-hidden-contact")}}}}
	return e
}

// forbidden are the values that must be gone, by class.
func forbidden(e *event.Event, classes ...event.Class) (out []string) {
	for i := range event.Fields {
		f := &event.Fields[i]
		for _, c := range classes {
			if f.Class != c {
				continue
			}
			switch ref := f.Ref(e).(type) {
			case *string:
				if *ref != "" {
					out = append(out, *ref)
				}
			case *event.Map:
				for _, p := range *ref {
					out = append(out, p.Value.Text())
				}
			}
		}
	}
	return out
}

// today is when a marked event was received.
var today = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

func texts(kv ...string) (m event.Map) {
	for i := 0; i < len(kv); i += 2 {
		m.Add(kv[i], event.String(kv[i+1]))
	}
	return m
}
