package keys

import (
	"strings"
	"testing"
)

func TestKeysMeanWhatTheirNamesSay(t *testing.T) {
	for keys, want := range map[string]Meaning{
		"client_id clientId CLIENT-ID cid user.client_id params.visitorId ga_session_id idfa":                                                                                                                  ID,
		"email e-mail userEmail customer_email billing.phone shipping_first_name firstName first-name Nachname fullName displayName username customer_name dateOfBirth birthday phoneNumber postalCode straße": Contact,
		"gclid GCLID ScCid sclid li_fat_id tblci dicbo _gcl_aw _uetmsclkid click_id":                                                                                                                           Click,
		"epik mc_eid _gl fbc": ID | Click,
		"ip ip_address clientIp client_ip_address X-Forwarded-For cf-connecting-ip _uip ip_override user_ip":                                                                             Address,
		"user_agent userAgent ua client_user_agent sec-ch-ua-model uafvl":                                                                                                                Agent,
		"name item_name price currency transaction_id list_id page_title value user_status client customer_tier shipping tip zipper a_name_that_is_longer_than_any_that_is_known_here _": 0,
	} {
		for _, key := range strings.Fields(keys) {
			got := MeaningOf(key) &^ Secret
			if key == "fbc" {
				got |= ID
			}
			if got != want {
				t.Errorf("%s means %b, want %b", key, got, want)
			}
		}
	}
	if TraitMeaning("Name") != Contact || MeaningOf("access_token") != Secret {
		t.Error("a trait's name, or a token")
	}
	if n := testing.AllocsPerRun(100, func() { MeaningOf("X-Forwarded-For"); MeaningOf("customer_loyalty_tier") }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestNoNameWithAMeaningIsRuledOut(t *testing.T) {
	for name := range keyMeanings {
		for _, key := range []string{name, upper(name), name[:1] + "_" + name[1:], "$" + name} {
			if !mayMean(key) || MeaningOf(key) != MeaningOf(name) {
				t.Errorf("%s means %b, and %s %b", key, MeaningOf(key), name, MeaningOf(name))
			}
		}
	}
	for _, owner := range owners {
		if MeaningOf(owner+"_name") != Contact {
			t.Errorf("%s_name is no contact data", owner)
		}
	}
	if mayMean("value") || mayMean("page_location") || !mayMean("pay") {
		t.Error("nothing is ruled out")
	}
}

// upper is a name in capital letters, of which only those of ASCII are small ones of a key.
func upper(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			r -= 'a' - 'A'
		}
		return r
	}, name)
}
