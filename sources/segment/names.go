package segment

import "strings"

// segmentSpecs are the names of Segment's specifications and ours for them: GA4's where one fits, "" where none does and the
// name in small letters with _ is ours.
var segmentSpecs = map[string]string{
	// https://segment.com/docs/connections/spec/ecommerce/v2/
	"Products Searched":              "search",
	"Product List Viewed":            "view_item_list",
	"Product List Filtered":          "",
	"Promotion Viewed":               "view_promotion",
	"Promotion Clicked":              "select_promotion",
	"Product Clicked":                "select_item",
	"Product Viewed":                 "view_item",
	"Product Added":                  "add_to_cart",
	"Product Removed":                "remove_from_cart",
	"Cart Viewed":                    "view_cart",
	"Checkout Started":               "begin_checkout",
	"Checkout Step Viewed":           "",
	"Checkout Step Completed":        "",
	"Payment Info Entered":           "add_payment_info",
	"Order Updated":                  "",
	"Order Completed":                "purchase",
	"Order Refunded":                 "refund",
	"Order Cancelled":                "",
	"Coupon Entered":                 "",
	"Coupon Applied":                 "",
	"Coupon Denied":                  "",
	"Coupon Removed":                 "",
	"Product Added to Wishlist":      "add_to_wishlist",
	"Product Removed from Wishlist":  "remove_from_wishlist",
	"Wishlist Product Added to Cart": "add_to_cart",
	"Product Shared":                 "share",
	"Cart Shared":                    "share",
	"Product Reviewed":               "",

	// https://segment.com/docs/connections/spec/b2b-saas/ and what sites send of leads
	"Account Created":      "",
	"Account Deleted":      "",
	"Account Added User":   "",
	"Account Removed User": "",
	"Signed Up":            "sign_up",
	"Signed In":            "login",
	"Signed Out":           "logout",
	"Invite Sent":          "",
	"Trial Started":        "start_trial",
	"Trial Ended":          "",
	"Lead Generated":       "generate_lead",
	"Lead Qualified":       "qualify_lead",
	"Lead Disqualified":    "disqualify_lead",
	"Lead Converted":       "close_convert_lead",

	// https://segment.com/docs/connections/spec/mobile/ : Google Analytics keeps its own names of these (first_open, app_update,
	// notification_open) to its library.
	"Application Installed":      "",
	"Application Opened":         "",
	"Application Updated":        "",
	"Application Backgrounded":   "",
	"Application Foregrounded":   "",
	"Application Crashed":        "",
	"Application Uninstalled":    "",
	"Install Attributed":         "",
	"Push Notification Received": "",
	"Push Notification Tapped":   "",
	"Push Notification Bounced":  "",
	"Deep Link Clicked":          "",
	"Deep Link Opened":           "",

	// https://segment.com/docs/connections/spec/video/
	"Video Playback Started":          "video_start",
	"Video Playback Paused":           "",
	"Video Playback Interrupted":      "",
	"Video Playback Buffer Started":   "",
	"Video Playback Buffer Completed": "",
	"Video Playback Seek Started":     "",
	"Video Playback Seek Completed":   "",
	"Video Playback Resumed":          "",
	"Video Playback Completed":        "video_complete",
	"Video Playback Exited":           "",
	"Video Content Started":           "",
	"Video Content Playing":           "video_progress",
	"Video Content Completed":         "",
	"Video Ad Started":                "",
	"Video Ad Playing":                "",
	"Video Ad Completed":              "",
	"Video Quality Updated":           "",
}

// segmentEvents are our names by Segment's, bare.
var segmentEvents = func() map[string]string {
	m := make(map[string]string, len(segmentSpecs))
	for spec, name := range segmentSpecs {
		if name == "" {
			name = strings.ReplaceAll(strings.ToLower(spec), " ", "_")
		}
		var b [longestSpec]byte
		m[string(bare(&b, spec))] = name
	}
	return m
}()

// longestSpec is more than the longest bare name has.
const longestSpec = 32

// bare writes a name without case and separators: sites write order completed, Order_Completed and orderCompleted for Order
// Completed. It is nil for a name that is too long to be one of the specifications.
func bare(b *[longestSpec]byte, name string) []byte {
	n := 0
	for i := range len(name) {
		c := name[i]
		switch {
		case c == ' ' || c == '_' || c == '-' || c == '.' || c == ':':
			continue
		case n == len(b):
			return nil
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		}
		b[n] = c
		n++
	}
	return b[:n]
}

// segmentEvent is our name for an event of Segment's specifications, the name itself for any other.
func segmentEvent(name string) string {
	var b [longestSpec]byte
	if ours, ok := segmentEvents[string(bare(&b, name))]; ok {
		return ours
	}
	return name
}

// ofOneProduct are the events whose properties are a product, where GA4 has a list of one.
var ofOneProduct = map[string]bool{
	"select_item": true, "view_item": true, "add_to_cart": true, "remove_from_cart": true, "add_to_wishlist": true,
	"remove_from_wishlist": true, "share": true, "product_reviewed": true,
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
	}
	switch event {
	case "search":
		if name == "query" {
			return "search_term"
		}
	case "share":
		if name == "share_via" {
			return "method"
		}
	case "view_item_list", "product_list_filtered":
		switch name {
		case "list_id":
			return "item_list_id"
		case "category":
			return "item_list_name"
		}
	case "view_promotion", "select_promotion":
		switch name {
		case "name":
			return "promotion_name"
		case "creative":
			return "creative_name"
		case "position":
			return "creative_slot"
		}
	case "video_start", "video_progress", "video_complete":
		switch name {
		case "title":
			return "video_title"
		case "position":
			return "video_current_time"
		case "total_length":
			return "video_duration"
		case "video_player":
			return "video_provider"
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
	callMetrics  = "metrics"  // the library's own metrics: for Segment, not for the site
	callSettings = "settings" // what the library reads before it starts
	callAny      = "event"    // of the kind that its body names
)
