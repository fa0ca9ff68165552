package functions

import (
	"headgate/event"
	"headgate/rules/formula"
	"headgate/rules/normalise"
)

// contactFunctions write contact data as vendors hash it; the variants are those of package normalise.
var contactFunctions = map[string]*formula.Function{
	"email": normaliser("email(text[, variant])", "an e-mail address as it is hashed: lower case, no spaces; nil if it is not one",
		`email(" Some.One+news@Shop.example ") → "some.one+news@shop.example"`, normalise.EmailVariants),
	"first_name": normaliser("first_name(text[, variant])", "a first name as it is hashed: lower case, no spaces and punctuation",
		`first_name("Mary-Jane ") → "maryjane"`, normalise.NameVariants),
	"last_name": normaliser("last_name(text[, variant])", "a last name as it is hashed: lower case, no spaces and punctuation",
		`last_name("O'Connor") → "oconnor"`, normalise.NameVariants),
	"street": normaliser("street(text[, variant])", "street and number: lower case, single spaces", `street(" Long Street  1 ") → "long street 1"`, normalise.StreetVariants),
	"city":   normaliser("city(text[, variant])", "a city: lower case, no spaces, digits and punctuation", `city("St. Louis") → "stlouis"`, normalise.CityVariants),
	"region": normaliser("region(text[, variant])", "a state or province: lower case, no spaces and punctuation; for meta the code of those in the US and Canada",
		`region("New York", "meta") → "ny"`, normalise.RegionVariants),
	"postal_code": normaliser("postal_code(text[, variant])", "a postal code: lower case, no spaces and dashes, five digits in the US",
		`postal_code("SW1A 1AA") → "sw1a1aa"`, normalise.PostalCodeVariants),
	"country": normaliser("country(text[, variant])", "the two-letter code of a country from its code or name, in upper case; lower case for vendors that hash it",
		`country("Germany") → "DE"`, normalise.CountryVariants),
	"gender": normaliser("gender(text[, variant])", "m or f; nil for everything else", `gender("Female") → "f"`, normalise.GenderVariants),
	"external_id": normaliser("external_id(text[, variant])", "a customer's number as it is hashed", `external_id(" User 1 ", "meta") → "user1"`,
		normalise.ExternalIDs),
	"currency": textTo("currency(text)", "a currency's three letters, in upper case; nil if there are not three", `currency(" eur") → "EUR"`, normalise.CurrencyCode),

	"advertising_id": textTo("advertising_id(text)", "a device's advertising id: lower case; nil for the zeros that stand for one that is not shared",
		`advertising_id("6D92078A-8246-4BA4-AE5B-76104861E7DC") → "6d92078a-8246-4ba4-ae5b-76104861e7dc"`, normalise.AdvertisingID),
	"birth_date": birthDate, "fbc": fbc, "fbp": fbp, "public_ip": publicIP,
}

// normaliser makes a function of a text and, as a literal, a variant.
func normaliser(usage, help, example string, vs normalise.Variants) *formula.Function {
	return &formula.Function{Usage: usage, Help: help + variantHelp(normalise.VariantNames(vs)), Example: example, Params: []formula.Kind{formula.Text, formula.Text}, Optional: 1, Result: formula.Text,
		Build: func(c *formula.Compiler, offset int, args []formula.Expression) formula.Expression {
			name, ok := variant(c, args[1:], normalise.VariantNames(vs))
			if !ok {
				return formula.Constant(offset, formula.Text, event.Value{})
			}
			form := vs[name]
			return textOf(c, offset, named(usage), args[0], func(_ *formula.Machine, s string) string { return normalise.UnlessHashed(s, form) })
		}}
}
