package consent

import (
	"strings"

	"headgate/event"
)

// The names under which ids, contact data and click ids go in parameters and queries, in small letters. They are matched
// whole, and with _ or - before them.
var (
	idKeys = keySet("cid uid sid client_id clientid user_id userid customer_id customerid visitor_id visitorid anonymous_id " +
		"anonymousid session_id sessionid ga_session_id device_id deviceid external_id externalid member_id crm_id subscriber_id " +
		"ecid idfa gaid idfv advertising_id advertisingid fbp fbc ttp epik scid rdt_uuid mc_eid _gl _ga userpseudoid user_pseudo_id")
	contactKeys = keySet("email e_mail mail em email_address phone tel mobile ph phone_number firstname first_name fn lastname " +
		"last_name ln surname fullname full_name street address street_address zip postal_code postcode birthday birth_date " +
		"birthdate dob gender ssn iban user_data userdata customer billing shipping_address billing_address username user_name " +
		"login sha256_email_address sha256_phone_number")
	secretKeys = keySet("token access_token refresh_token id_token password passwd pwd code state session key sig signature jwt " +
		"otp reset auth authorization secret apikey api_key")
)

func keySet(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}

// forbiddenKey reports whether a parameter's name alone says that it is of a class that is to go.
func forbiddenKey(key string, ids, contact, clicks bool) bool {
	k := strings.ReplaceAll(strings.ToLower(key), "-", "_")
	k = k[strings.LastIndexByte(k, '.')+1:]
	bare := strings.TrimLeft(k, "_")
	is := func(set map[string]bool) bool { return set[k] || set[bare] }
	return ids && is(idKeys) || contact && is(contactKeys) || clicks && (event.FindClickID(k) != nil || event.FindClickID(bare) != nil)
}
