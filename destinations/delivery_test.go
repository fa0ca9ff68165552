package destinations

import (
	"testing"

	"headgate/destinations/catalog"
	"headgate/document"
)

func TestHowEventsAreHandedOver(t *testing.T) {
	spec := func(b catalog.Batch) *catalog.Spec {
		return &catalog.Spec{Name: "x", Send: catalog.Sends{{Batch: b}}}
	}
	by := &document.Node{Kind: document.Text, Text: "=id"}
	for _, c := range []struct {
		name                    string
		spec                    *catalog.Spec
		config                  DeliveryConfig
		events, request, atOnce int
		wrong                   bool
	}{
		{"one event a request", spec(catalog.Batch{}), DeliveryConfig{}, handedOver, 1, 16, false},
		{"many events a request", spec(catalog.Batch{Events: 1000}), DeliveryConfig{}, 1000, 1000, 4, false},
		{"by a key", spec(catalog.Batch{Events: 25, By: by}), DeliveryConfig{}, handedOver, 25, 16, false},
		{"fewer than the vendor takes", spec(catalog.Batch{Events: 1000}), DeliveryConfig{Batch: 10}, 10, 10, 4, false},
		{"more than the vendor takes", spec(catalog.Batch{Events: 1000}), DeliveryConfig{Batch: 1001}, 1001, 1000, 4, true},
		{"more than is usual", spec(catalog.Batch{Events: 500, Max: 10000}), DeliveryConfig{Batch: 5000}, 5000, 5000, 4, false},
		{"more handed over than share a request", spec(catalog.Batch{Events: 25, By: by}), DeliveryConfig{Batch: 1000, AtOnce: 2}, 1000, 25, 2, false},
		{"a driver", &catalog.Spec{Name: "x", Driver: "y"}, DeliveryConfig{Batch: 50000}, 50000, 50000, 4, false},
	} {
		d, ms := c.config.resolve(c.spec, document.Place{})
		if d.Events != c.events || d.Request != c.request || d.AtOnce != c.atOnce || (len(ms) > 0) != c.wrong {
			t.Errorf("%s: %+v %v", c.name, d, ms)
		}
	}
}

func TestTheSlowerRateCountsAndFewEventsWaitForIt(t *testing.T) {
	for _, c := range []struct {
		name             string
		vendors, written document.Rate
		events           int
		rate             float64
	}{
		{"none", 0, 0, handedOver, 0},
		{"the vendor's", 1, 0, 10, 1},
		{"a slower one", 1, 0.25, 3, 0.25},
		{"a faster one", 1, 50, 10, 1},
		{"only one's own", 0, 50, handedOver, 50},
	} {
		spec := &catalog.Spec{Name: "x", Rate: c.vendors, Send: catalog.Sends{{}}}
		if d, ms := (&DeliveryConfig{Rate: c.written}).resolve(spec, document.Place{}); d.Rate != c.rate || d.Events != c.events || len(ms) > 0 {
			t.Errorf("%s: %+v %v", c.name, d, ms)
		}
	}
}
