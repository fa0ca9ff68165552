package sources_test

import (
	"fmt"
	"strings"
	"testing"

	"headgate/sources"
)

// What Segment's specifications call an event and what it is here. It is written a second time, from the specifications.
var segmentSpecification = map[string]string{
	"Products Searched": "search", "Product List Viewed": "view_item_list", "Product Clicked": "select_item", "Product Viewed": "view_item",
	"Product Added": "add_to_cart", "Product Removed": "remove_from_cart", "Product Added to Wishlist": "add_to_wishlist",
	"Product Removed from Wishlist": "remove_from_wishlist", "Wishlist Product Added to Cart": "add_to_cart", "Cart Viewed": "view_cart",
	"Checkout Started": "begin_checkout", "Checkout Step Viewed": "checkout_step_viewed", "Checkout Step Completed": "checkout_step_completed",
	"Payment Info Entered": "add_payment_info", "Order Completed": "purchase", "Order Updated": "order_updated", "Order Refunded": "refund",
	"Order Cancelled": "order_cancelled", "Promotion Viewed": "view_promotion", "Promotion Clicked": "select_promotion",
	"Coupon Entered": "coupon_entered", "Coupon Applied": "coupon_applied", "Coupon Denied": "coupon_denied", "Coupon Removed": "coupon_removed",
	"Product Shared": "share", "Cart Shared": "share", "Product Reviewed": "product_reviewed", "Product List Filtered": "product_list_filtered",
	"Account Created": "account_created", "Account Deleted": "account_deleted", "Account Added User": "account_added_user",
	"Account Removed User": "account_removed_user", "Signed Up": "sign_up", "Signed In": "login", "Signed Out": "logout",
	"Invite Sent": "invite_sent", "Trial Started": "start_trial", "Trial Ended": "trial_ended", "Lead Generated": "generate_lead",
	"Application Installed": "application_installed", "Application Opened": "application_opened", "Application Updated": "application_updated",
	"Application Backgrounded": "application_backgrounded", "Application Crashed": "application_crashed",
	"Application Uninstalled": "application_uninstalled", "Install Attributed": "install_attributed",
	"Push Notification Received": "push_notification_received", "Push Notification Tapped": "push_notification_tapped",
	"Push Notification Bounced": "push_notification_bounced", "Deep Link Clicked": "deep_link_clicked", "Deep Link Opened": "deep_link_opened",
	"Video Playback Started": "video_start", "Video Content Playing": "video_progress", "Video Playback Completed": "video_complete",
	"Video Playback Buffer Completed": "video_playback_buffer_completed", "Video Content Completed": "video_content_completed",
	"Video Ad Playing": "video_ad_playing", "Video Quality Updated": "video_quality_updated",
}

func TestSegmentsNamesAreKnownInEverySpelling(t *testing.T) {
	t.Parallel()
	all := open(t, "segment: {}", sources.Limits{})
	for spec, want := range segmentSpecification {
		for _, spelling := range []string{spec, strings.ToLower(spec), strings.ToUpper(spec), strings.ReplaceAll(spec, " ", "_"),
			strings.ReplaceAll(spec, " ", ""), strings.ReplaceAll(strings.ToLower(spec), " ", "-")} {
			h := newHit("POST", "/v1/track", fmt.Sprintf(`{"event":%q,"anonymousId":"a"}`, spelling))
			r, err := sources.Read(claimant(t, all, h), h)
			if err != nil || len(r.Events) != 1 {
				t.Fatalf("%s: %v", spelling, err)
			}
			e := r.Events[0]
			if e.Name != want || spelling != want && e.Params.Text("original_name") != spelling {
				t.Errorf("%s is %q, of the original name %q; want %q", spelling, e.Name, e.Params.Text("original_name"), want)
			}
		}
	}
}

func TestASitesOwnNameStaysAsItIs(t *testing.T) {
	t.Parallel()
	all := open(t, "segment: {}", sources.Limits{})
	for _, name := range []string{"Order  Completed Twice", "completed order", "Orders", "Ördér Completed", strings.Repeat("Order Completed ", 10)} {
		h := newHit("POST", "/v1/track", fmt.Sprintf(`{"event":%q,"anonymousId":"a"}`, name))
		r, err := sources.Read(claimant(t, all, h), h)
		if err != nil || len(r.Events) != 1 || r.Events[0].Name != name {
			t.Errorf("%s: %v, %+v", name, err, r.Events)
		}
	}
}
