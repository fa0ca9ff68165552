package sources

// segmentEvents are GA4's names for the events of Segment's e-commerce specification, version 2, and two of its B2B one.
// https://segment.com/docs/connections/spec/ecommerce/v2/
var segmentEvents = map[string]string{
	"Product List Viewed":       "view_item_list",
	"Product Clicked":           "select_item",
	"Product Viewed":            "view_item",
	"Product Added":             "add_to_cart",
	"Product Removed":           "remove_from_cart",
	"Product Added to Wishlist": "add_to_wishlist",
	"Cart Viewed":               "view_cart",
	"Checkout Started":          "begin_checkout",
	"Payment Info Entered":      "add_payment_info",
	"Order Completed":           "purchase",
	"Order Refunded":            "refund",
	"Promotion Viewed":          "view_promotion",
	"Promotion Clicked":         "select_promotion",
	"Products Searched":         "search",
	"Signed Up":                 "sign_up",
	"Signed In":                 "login",
}

// ofOneProduct are the events whose properties are a product, where GA4 has a list of one.
var ofOneProduct = map[string]bool{
	"select_item": true, "view_item": true, "add_to_cart": true, "remove_from_cart": true, "add_to_wishlist": true,
}

// segmentProperty is GA4's name for a property of Segment's specification, the name itself when there is no other.
func segmentProperty(event, name string) string {
	switch name {
	case "order_id":
		return "transaction_id"
	case "payment_method":
		return "payment_type"
	case "shipping_method":
		return "shipping_tier"
	case "query":
		if event == "search" {
			return "search_term"
		}
	}
	if event == "view_promotion" || event == "select_promotion" {
		switch name {
		case "name":
			return "promotion_name"
		case "creative":
			return "creative_name"
		case "position":
			return "creative_slot"
		}
	}
	return name
}

// segmentCalls are the kinds of calls by the last part of their path. The browser's library batches to /b.
var segmentCalls = map[string]string{
	"t": "track", "track": "track",
	"p": "page", "page": "page",
	"s": "screen", "screen": "screen",
	"i": "identify", "identify": "identify",
	"g": "group", "group": "group",
	"a": "alias", "alias": "alias",
	"b": callBatch, "batch": callBatch, "import": callBatch,
	"m": callMetrics,
}

const (
	callBatch    = "batch"
	callMetrics  = "metrics"  // how the library itself is doing: for Segment, not for the site
	callSettings = "settings" // what the library reads before it starts
)
