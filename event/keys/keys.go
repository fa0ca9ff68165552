// Package keys knows what the names of parameters, traits and cookies stand for: an id, a contact, a click, an address, a secret.
package keys

import (
	"maps"
	"slices"
	"strings"
)

// Meaning says what a key of a parameter, a query or a trait stands for, as its name tells. A key may have several meanings:
// an epik is an id and a click id.
type Meaning uint8

// The meanings. What has none is content.
const (
	ID      Meaning = 1 << iota // distinguishes one visitor from another
	Contact                     // says who the visitor is
	Click                       // a click on an ad, or what carries one
	Address                     // a network address
	Agent                       // a user agent or a part of one
	Secret                      // of a query: a password or a token
)

// MeaningOf returns what a key stands for, whatever its case and its separators: client-id, clientId and user.client_id are
// one name. It does not allocate.
func MeaningOf(key string) Meaning {
	key = key[strings.LastIndexByte(key, '.')+1:]
	if !mayMean(key) {
		return 0
	}
	var room [longestKey]byte
	name, ok := Squash(room[:0], key)
	if !ok || len(name) == 0 {
		return 0
	}
	if m, known := keyMeanings[string(name)]; known {
		return m
	}
	for _, owner := range owners {
		if rest := name[min(len(owner), len(name)):]; len(rest) > 0 && string(name[:len(owner)]) == owner {
			if string(rest) == "name" {
				return Contact
			}
			return keyMeanings[string(rest)] & (Contact | Address)
		}
	}
	return 0
}

// mayMean rules out most names by their first three bytes. It rules out none that is shorter or begins with another byte than
// letters.
func mayMean(name string) bool {
	if len(name) < 3 {
		return true
	}
	at := 0
	for i := range 3 {
		letter := name[i] | ' ' - 'a'
		if letter >= 26 {
			return true
		}
		at = at<<5 | int(letter)
	}
	return beginnings[at/64]>>(at%64)&1 == 1
}

// TraitMeaning is MeaningOf a key that describes a person, where a name is the person's.
func TraitMeaning(key string) Meaning {
	if strings.EqualFold(key, "name") {
		return Contact
	}
	return MeaningOf(key)
}

// IsClickID reports whether what has a name, a parameter or a cookie, is or holds a click id, whatever its case.
func IsClickID(name string) bool { return MeaningOf(name)&Click != 0 }

// longestKey is longer than any key with a meaning.
const longestKey = 32

// Squash appends a name in small letters and without separators; ok is false when that is more than out has room for.
func Squash(out []byte, name string) (_ []byte, ok bool) {
	for i := range len(name) {
		c := name[i]
		switch {
		case c == '_' || c == '-' || c == ' ' || c == '[' || c == ']' || c == '$':
			continue
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		}
		if len(out) == cap(out) {
			return out, false
		}
		out = append(out, c)
	}
	return out, true
}

// owners are words before the name of contact data that say whose it is: billing_phone, customer.email.
var owners = []string{"user", "customer", "visitor", "client", "member", "guest", "buyer", "recipient", "contact", "billing", "shipping", "delivery", "payer"}

// clickIDNames are the names of ClickIDs.
func clickIDNames() string {
	var names strings.Builder
	for i := range ClickIDs {
		names.WriteString(ClickIDs[i].Name + " ")
	}
	return names.String()
}

// clickCarriers are what else holds a click id: other names of the same, cookies that tags keep one in, and Google's linker.
const clickCarriers = `sclid click_id click_ids obclickid aclk _gl fbc _fbc twclid _epik _uetmsclkid _rdt_cid
	_gcl_aw _gcl_dc _gcl_gb _gcl_ag _gcl_gf _gcl_ha _gcl_gs _gcl_au fpgclaw fpgcldc fpgclgb fpgclgs fpgclag fpau gclaw gcldc gclgb`

// beginnings has a bit for the first three letters of each name that has a meaning, and of each owner.
var beginnings = func() (bits [1 << 15 / 64]uint64) {
	for _, name := range slices.AppendSeq(slices.Clone(owners), maps.Keys(keyMeanings)) {
		at := 0
		for i := range min(3, len(name)) {
			at = at<<5 | int(name[i]-'a')&31
		}
		bits[at/64] |= 1 << (at % 64)
	}
	return bits
}()

// keyMeanings are the meanings of keys by their squashed names.
var keyMeanings = func() map[string]Meaning {
	out := map[string]Meaning{}
	for _, group := range []struct {
		meaning Meaning
		names   string
	}{
		{Click, clickIDNames()}, {Click, clickCarriers},
		{ID, `cid uid sid client_id user_id customer_id visitor_id anonymous_id aid anon_id session_id ga_session_id device_id
			external_id member_id crm_id subscriber_id contact_id profile_id person_id distinct_id installation_id advertising_id
			ecid idfa idfv gaid fbp fbc ttp epik scid rdt_uuid mc_eid _gl _hgl _ga _pin_unauth _uetsid _uetvid hubspotutk user_pseudo_id
			previous_id kla_id cookie cookies fingerprint membership_id loyalty_id passport_number national_id tax_id fplc fpid
			cto_bundle jsessionid phpsessid`},
		{Contact, `email e_mail mail em email_address mail_address phone tel mobile ph telephone phone_number telephone_number
			mobile_number mobile_phone cellphone fax whatsapp firstname fn lastname ln surname middle_name given_name family_name
			maiden_name fullname display_name nickname username login street street_address address
			address1 address2 address_line1 address_line2 house_number zip zip_code postal_code postcode birthday birth_date birthdate
			date_of_birth dob year_of_birth gender ssn social_security_number iban bic account_number card_number credit_card cc_number
			user_data userdata customer billing shipping_address billing_address sha256_email_address sha256_phone_number
			sha256_first_name sha256_last_name sha256_street sha256_email sha256_phone hashed_email hashed_phone email_hash email_sha256
			email_md5 phone_hash phone_sha256 passwd password
			vorname nachname familienname benutzername strasse straße plz postleitzahl telefon telefonnummer handy handynummer rufnummer
			geburtsdatum geburtstag geschlecht anrede salutation
			prenom prénom nom_de_famille courriel adresse code_postal date_de_naissance
			apellido apellidos nombre_completo correo correo_electronico teléfono telefono direccion codigo_postal fecha_de_nacimiento
			cognome indirizzo data_di_nascita voornaam achternaam telefoonnummer straat geboortedatum imie nazwisko sobrenome`},
		{Address, `_fbi ip ip_address ipaddress ipv4 ipv6 ip_override _uip uip client_ip client_ip_address remote_ip remote_addr remote_address
			visitor_ip user_ip user_ip_address real_ip x_real_ip x_forwarded_for forwarded forwarded_for xff cf_connecting_ip true_client_ip
			fastly_client_ip fly_client_ip x_client_ip x_cluster_client_ip`},
		{Agent, `user_agent useragent ua client_user_agent browser_user_agent http_user_agent agent_string uafvl user_agent_data
			sec_ch_ua sec_ch_ua_full_version_list sec_ch_ua_model sec_ch_ua_platform_version uap uapv uamb uam uaa uab uaw`},
		{Secret, `token access_token refresh_token id_token password passwd pwd code state session key sig signature jwt otp reset auth
			authorization secret apikey api_key`},
	} {
		for _, name := range strings.Fields(group.names) {
			var room [longestKey]byte
			squashed, ok := Squash(room[:0], name)
			if !ok {
				panic("BUG: " + name + " is longer than any key may be")
			}
			out[string(squashed)] |= group.meaning
		}
	}
	return out
}()
