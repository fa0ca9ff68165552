package http_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"headgate/destinations"
	"headgate/event/samples"
)

// What each of Google's destinations asks a token for.
var googleScopes = []struct{ name, settings, scope string }{
	{"google_ads", `account_id: "1234567890"`, "https://www.googleapis.com/auth/datamanager"},
	{"google_ads_upload", `customer_id: "1234567890", developer_token: d`, "https://www.googleapis.com/auth/adwords"},
	{"floodlight", `profile_id: "1", configuration_id: "2"`, "https://www.googleapis.com/auth/ddmconversions"},
}

func TestGooglesDestinationsTakeAServiceAccount(t *testing.T) {
	for _, g := range googleScopes {
		t.Run(g.name, func(t *testing.T) {
			google := &issuer{expires: 3599}
			server := httptest.NewServer(google)
			defer server.Close()
			d := opened(t, g.name, fmt.Sprintf(`settings: {%s, conversions: {purchase: "7"}, endpoint: %q, token_url: %q, service_account: %q}`,
				g.settings, server.URL, server.URL+"/token", serviceAccount(t, server.URL+"/token")), loopback)
			e, _ := samples.Get("purchase")
			if v := d.Deliver(t.Context(), []destinations.Sending{{Event: e, Attempt: 1}})[0]; v.Kind != destinations.Delivered {
				t.Fatalf("%s %q", v.Kind, v.Why)
			}
			form := google.forms[0]
			parts := strings.Split(form.Get("assertion"), ".")
			if form.Get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" || len(parts) != 3 {
				t.Fatalf("%v", form)
			}
			var claims struct{ Iss, Scope, Aud string }
			data, err := base64.RawURLEncoding.DecodeString(parts[1])
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(data, &claims); err != nil {
				t.Fatal(err)
			}
			if claims.Iss != "robot@project.example" || claims.Scope != g.scope || claims.Aud != server.URL+"/token" {
				t.Errorf("%+v", claims)
			}
		})
	}
}

func TestGooglesDestinationsAskForCredentials(t *testing.T) {
	for _, g := range googleScopes {
		_, ms := tryOpen(t, builtIn(t), g.name, fmt.Sprintf(`settings: {%s, conversions: {purchase: "7"}}`, g.settings), nil)
		if len(ms) != 3 || !strings.Contains(ms.Error(), "service_account or refresh_token") {
			t.Errorf("%s: %v", g.name, ms)
		}
	}
}

// The signature was computed outside of this program, after RFC 5849: the body takes no part in it.
func TestXIsSigned(t *testing.T) {
	var header string
	d := opened(t, "x", `settings: {pixel_id: o8z6j, conversions: {purchase: tw-o8z6j-o87ne}, consumer_key: consumer, consumer_secret: consumer secret, access_token: token, access_token_secret: token/secret}`,
		func(deps *destinations.Deps) {
			deps.Random = strings.NewReader(strings.Repeat("\x00", 16))
			deps.Client = vendor(func(r *http.Request, _ string) (int, string) {
				header = r.Header.Get("Authorization")
				return http.StatusOK, `{}`
			})
		})
	e, _ := samples.Get("purchase")
	d.Deliver(t.Context(), []destinations.Sending{{Event: e, Attempt: 1}})
	want := `OAuth oauth_consumer_key="consumer", oauth_nonce="00000000000000000000000000000000", oauth_signature="DnaNZwqw7MbKCDTeI7lbTDjRVEo%3D", ` +
		`oauth_signature_method="HMAC-SHA1", oauth_timestamp="1793614200", oauth_token="token", oauth_version="1.0"`
	if header != want {
		t.Errorf("%s\nwant %s", header, want)
	}
}
