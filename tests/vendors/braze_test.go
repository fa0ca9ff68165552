package vendors_test

import (
	"fmt"
	"strings"
)

// https://www.braze.com/docs/api/endpoints/user_data/post_user_track
func braze() *vendor {
	whose := fields{"external_id": text, "user_alias": object(fields{"alias_name!": text, "alias_label!": text}), "braze_id": text, "email": text, "phone": text, "_update_existing_only": boolean}
	someone := func(s shape) shape { return both(s, oneOf("external_id", "user_alias", "braze_id", "email", "phone")) }
	with := func(more fields) fields {
		for key, one := range whose {
			if more[key+"!"] == nil {
				more[key] = one
			}
		}
		return more
	}
	product := object(fields{"product_id!": text, "product_name!": text, "variant_id!": text, "quantity!": integer, "price!": number, "metadata": objectWith(fields{}, anything)})
	commerce := object(fields{
		"source!": text, "currency!": currency, "total_value": number, "order_id": text, "cart_id": text, "checkout_id": text, "action": text, "product_id": text, "product_name": text,
		"variant_id": text, "price": number, "products": list(1, 1000, product), "metadata": objectWith(fields{}, anything),
	})
	event := func(at string, v any) []string {
		properties := objectWith(fields{}, anything)
		if strings.HasPrefix(textWithin(v, "name"), "ecommerce.") {
			properties = commerce
		}
		return someone(object(with(fields{"app_id": text, "name!": matching(`[^$].{0,254}`), "time!": clock, "properties": properties})))(at, v)
	}
	purchase := someone(object(with(fields{"app_id": text, "product_id!": text, "currency!": currency, "price!": number, "quantity": between(1, 100), "time!": clock, "properties": objectWith(fields{}, anything)})))
	attributes := someone(objectWith(with(fields{"country": country, "gender": choice("M F O N P"), "language": matching(`[a-z]{2}`)}), anything))
	body := both(object(fields{"attributes": list(1, 75, attributes), "events": list(1, 75, event), "purchases": list(1, 75, purchase), "partner": text}), func(at string, v any) []string {
		if n := len(listWithin(v, "attributes")) + len(listWithin(v, "events")) + len(listWithin(v, "purchases")); n > 75 {
			return fault(at, "has %d objects in all, of at most 75", n)
		}
		return nil
	})
	return &vendor{
		name:     "braze",
		settings: `{api_key: "${SECRET}-braze", endpoint: "%URL%"}`,
		needs:    "ads",
		takes:    "page_view view_item add_to_cart remove_from_cart begin_checkout purchase refund search generate_lead sign_up login",
		lacks:    "page_view_anonymous page_view_hashed purchase_us",
		read: func(r *received) []row {
			r.address("POST", "/users/track", nil)
			r.bearer("secret-braze")
			v := r.json(4_000_000, body)
			all := rows(listWithin(v, "events"), "properties", "ref")
			for i, one := range all {
				if one.id == "" {
					all[i].id = textWithin(one.value, "properties", "metadata", "ref")
				}
			}
			return append(all, rows(listWithin(v, "attributes"), "no id of an event")...)
		},
		taken: func(rows []row) answer {
			return answer{status: 201, body: fmt.Sprintf(`{"message":"success","events_processed":%d}`, len(rows))}
		},
		refuse: func(_ *received, rows []row, bad []int) answer {
			var errors []string
			for _, i := range bad {
				errors = append(errors, fmt.Sprintf(`{"type":"'order_id' is none of this workspace","input_array":"events","index":%d}`, i))
			}
			return answer{status: 201, body: fmt.Sprintf(`{"message":"success","events_processed":%d,"errors":[%s]}`, len(rows)-len(bad), strings.Join(errors, ","))}
		},
		why:       "'order_id' is none of this workspace",
		parts:     true,
		throttled: answer{status: 429, headers: map[string]string{"Retry-After": "1"}, body: `{"message":"Rate limit exceeded"}`, words: "Rate limit exceeded"},
		broken:    answer{status: 500, body: `{"message":"Internal Server Error, please retry"}`, words: "please retry"},
		expired:   answer{status: 401, body: `{"message":"Invalid API key"}`, words: "Invalid API key"},
	}
}
