package rules_test

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nyaruka/phonenumbers"

	"headgate/document"
	"headgate/event"
	"headgate/rules"
)

// normalisations are read as the reference of what each vendor gets; null is sent to nobody.
var normalisations = []struct{ formula, result string }{
	{`email(" Some.One+news@Gmail.com ")`, `"some.one+news@gmail.com"`},
	{`email("Some.One+news@Gmail.com", "google")`, `"someone@gmail.com"`},
	{`email("Some.One+news@shop.example", "google")`, `"some.one+news@shop.example"`},
	{`email("Some.One+news@gmail.com", "ga4")`, `"someone+news@gmail.com"`},
	{`email("Some.One+news@shop.example", "reddit")`, `"someone@shop.example"`},
	{`email("Some One@shop.example")`, `"someone@shop.example"`},
	{`email("Some One@shop.example", "meta")`, `null`},
	{`email("nobody")`, `null`},
	{`email("a@b")`, `null`},
	{`email(user.phone)`, `null`},
	{`sha256(email("nobody"))`, `null`},
	{`sha256(email("3B578EF9230B75989D90F06093AB404B7934E7864EF47625D675D1CB8D150DFD"))`, `"3b578ef9230b75989d90f06093ab404b7934e7864ef47625d675d1cb8d150dfd"`},

	{`phone("(800) 555-0100", "US")`, `"+18005550100"`},
	{`phone("020 7946 0958", "GB", "meta")`, `"442079460958"`},
	{`phone("020 7946 0958", "United Kingdom", "tiktok")`, `"+442079460958"`},
	{`phone("+44 20 7946 0958", "US")`, `"+442079460958"`},
	{`phone("0044 20 7946 0958")`, `"+442079460958"`},
	{`phone("020 7946 0958")`, `null`},
	{`phone("020 7946 0958", geo.country)`, `null`},
	{`phone("4915112345678", "DE")`, `"+4915112345678"`},
	{`phone("015112345678", "DE")`, `"+4915112345678"`},
	{`phone("491 5112345678", "DE", "meta")`, `"4915112345678"`},
	{`phone("14155550132", "US")`, `"+14155550132"`},
	{`phone("390612345678", "IT")`, `"+390612345678"`},
	{`phone("393 123 4567", "IT")`, `"+393931234567"`},
	{`phone("0033142868326", "US")`, `"+33142868326"`},
	{`phone("011 33 142868326", "US")`, `"+33142868326"`},
	{`phone("442079460958", "FR")`, `"+442079460958"`},
	{`phone("+33 1 42 86 83 26", "DE")`, `"+33142868326"`},
	{`phone("(+33) 1 42 86 83 26", "DE")`, `"+33142868326"`},
	{`phone("+44 (0)20 7946 0958", "DE", "meta")`, `"442079460958"`},
	{`phone("442079460958")`, `"+442079460958"`},
	{`phone("030 1234567 ext. 9", "DE")`, `"+49301234567"`},
	{`phone("1234", "DE")`, `null`},
	{`phone("000000000", "DE")`, `null`},
	{`phone("99999999999999", "DE", "tiktok")`, `null`},
	{`phone("12345678901234567890", "US", "meta")`, `null`},
	{`phone("n/a", nil, "meta")`, `null`},
	{`phone("3B578EF9230B75989D90F06093AB404B7934E7864EF47625D675D1CB8D150DFD", "DE")`, `"3b578ef9230b75989d90f06093ab404b7934e7864ef47625d675d1cb8d150dfd"`},
	{`phone("+1 (650) 555-1212 ext 9", "US", "meta")`, `"16505551212"`},
	{`phone("call me", "US")`, `null`},
	{`phone("(800) 555-0100", nil, "google")`, `null`},
	{`phone("00 44 20 7946 0958", nil, "google")`, `"+442079460958"`},
	{`phone("555-0100", nil, "google")`, `null`},

	{`first_name("  Dr. José-María ")`, `"drjosémaría"`},
	{`first_name("Mrs. Mary Jane", "google")`, `"mary jane"`},
	{`last_name("Petrov", "google")`, `"petrov"`},
	{`last_name("Doe, Jr.", "google")`, `"doe"`},
	{`last_name("O'Connor-Müller", "google")`, `"o'connor-müller"`},
	{`last_name("O'Connor-Müller 2", "ga4")`, `"oconnormüller"`},
	{`last_name("Doe Jr.", "google")`, `"doe"`},
	{`last_name("Nguyen, MD", "google")`, `"nguyen"`},
	{`first_name("Dr. Ada", "google")`, `"ada"`},
	{`first_name("ΟΔΥΣΣΕΥΣ", "meta")`, `"οδυσσευς"`},
	{`first_name("İpek", "meta")`, `"i̇pek"`},
	{`external_id("ΝΙΚΟΣ", "meta")`, `"νικος"`},
	{`street("1600 Amphitheatre Pkwy, #4", "ga4")`, `"1600 amphitheatre pkwy 4"`},
	{`street(" Long  Street 1 ")`, `"long street 1"`},
	{`city("St. Louis 2", "ga4")`, `"st louis"`},
	{`region("Nordrhein-Westfalen", "ga4")`, `"nordrheinwestfalen"`},
	{`city("São Paulo")`, `"sãopaulo"`},
	{`city("São Paulo", "meta")`, `"sopaulo"`},
	{`city("St. Louis", "google")`, `"st louis"`},
	{`region("California", "meta")`, `"ca"`},
	{`region("Bayern")`, `"bayern"`},
	{`postal_code("94107-1234")`, `"94107"`},
	{`postal_code("100-0001")`, `"1000001"`},
	{`postal_code("K1A 0A6", "meta")`, `"k1a0a6"`},
	{`postal_code(" 94107-1234", "google")`, `"94107"`},
	{`postal_code("SW1A 1AA", "google")`, `"SW1A 1AA"`},
	{`country("de")`, `"DE"`},
	{`country("DEU")`, `"DE"`},
	{`country("Côte d'Ivoire")`, `"CI"`},
	{`country("Österreich")`, `"AT"`},
	{`country("Nowhere")`, `null`},
	{`country("Germany", "meta")`, `"de"`},
	{`birth_date("1997-02-16")`, `"19970216"`},
	{`birth_date("16/2/1997")`, `"19970216"`},
	{`birth_date("1997-02-16", "month")`, `"02"`},
	{`birth_date("2099-02-16")`, `null`},
	{`birth_date("yesterday")`, `null`},
	{`gender("Woman")`, `"f"`},
	{`gender("other")`, `null`},
	{`gender("non-binary", "pinterest")`, `"n"`},
	{`external_id(" User 1 ")`, `"User 1"`},
	{`currency("Euro")`, `null`},

	{`fbc(nil, "AbC", time, "shop.example")`, `"fb.1.1795341598123.AbC"`},
	{`fbc("fb.1.123.AbC", "AbC", time, "shop.example")`, `"fb.1.123.AbC"`},
	{`fbc("fb.1.123.AbC", nil, time, "shop.example")`, `"fb.1.123.AbC"`},
	{`fbc("fb.1.123.AbC", "New", time, "shop.co.uk")`, `"fb.2.1795341598123.New"`},
	{`fbc("broken", nil, time, "shop.example")`, `null`},
	{`fbp(cookies._fbp)`, `"fb.1.2.3"`},
	{`fbp("fb.1.x.3")`, `null`},
	{`fbp(nil, time, "127.0.0.1", bucket(user.client_id, 1000))`, `"fb.0.1795341598123.569"`},
	{`public_ip("10.0.0.1", "fe80::1")`, `null`},
}

func TestNormalisation(t *testing.T) {
	l := language(t)
	for _, c := range normalisations {
		if got := run(t, l, c.formula); got != c.result {
			t.Errorf("%s\n got %s\nwant %s", c.formula, got, c.result)
		}
	}
}

func TestAVariantIsCheckedWhenTheFormulaIsLoaded(t *testing.T) {
	l := language(t)
	for formula, want := range map[string]string{
		`email(user.email, "gogle")`:                 `rules.yaml:14:27: no variant "gogle"; did you mean "google"?`,
		`email(user.email, params.a)`:                `rules.yaml:14:27: the variant has to be a text in quotes`,
		`phone(user.phone, "Nowhere")`:               `rules.yaml:14:27: no country "Nowhere"; such as "DE", or geo.country`,
		`phone(user.phone, geo.country, "facebook")`: `rules.yaml:14:40: no variant "facebook"; there is google, meta, meta_sdk, microsoft, pinterest, reddit, snapchat, tiktok, x`,
	} {
		if got := run(t, l, formula); got != want {
			t.Errorf("%s\n got %s\nwant %s", formula, got, want)
		}
	}
}

// vectors are the collected hash vectors of vendors' documents and libraries.
type vectors struct {
	Vectors []struct {
		Vendor, Profile, Field       string
		Input, Normalised            *string
		SHA256, SHA256MD5, MD5, Note string
	}
	Cookies []struct {
		Name     string
		Query    map[string]string
		Cookies  map[string]string
		Referer  *string
		Now      int64 `json:"now_ms"`
		Random   int64 `json:"random_payload"`
		Expected struct {
			FBC, FBP *string
			Domain   string `json:"cookie_domain"`
		}
	} `json:"meta_fbc_fbp_vectors"`
	Addresses []struct {
		Cookies   map[string]string
		Forwarded *string `json:"x_forwarded_for"`
		Remote    *string `json:"remote_addr"`
		Best      *string `json:"best_ip_without_appendix"`
	} `json:"meta_client_ip_vectors"`
}

func readVectors(t *testing.T) (v vectors) {
	t.Helper()
	data, err := os.ReadFile("../../shared/vectors/normalisation.json")
	if os.IsNotExist(err) {
		t.Skip("the shared vectors are not here: ../../shared/vectors/normalisation.json")
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// formulaOf returns the formula that a catalogue file would have for a vector's field, of the text params.x.
func formulaOf(vendor, profile, field string) string {
	variant := map[string]string{"meta": "meta", "criteo": "criteo", "linkedin": "linkedin", "microsoft": "microsoft", "pinterest": "pinterest",
		"reddit": "reddit", "snapchat": "snapchat", "tiktok": "tiktok", "x": "x"}[vendor]
	if strings.HasPrefix(profile, "python-business-sdk") {
		variant = "meta_sdk"
	}
	field, _, _ = strings.Cut(strings.TrimPrefix(field, "sdk:"), "(")
	switch field {
	case "email", "em", "SHA256_EMAIL", "hashed_email":
		return `email(params.x, "` + variant + `")`
	case "phone", "ph", "phone_number", "hashed_phone_number":
		return `phone(params.x, nil, "` + variant + `")`
	case "name", "fn", "first_name":
		return `first_name(params.x, "` + variant + `")`
	case "f5first":
		return `first_name(params.x, "meta_sdk")[:5]`
	case "fi":
		return `first_name(params.x, "meta_sdk")[:1]`
	case "city", "ct":
		return `city(params.x, "` + variant + `")`
	case "state", "st":
		return `region(params.x, "` + variant + `")`
	case "zip", "zp", "zip_code":
		if profile == "capi-param-builder" {
			variant = "meta_builder"
		}
		return `postal_code(params.x, "` + variant + `")`
	case "country":
		return `country(params.x, "` + variant + `")`
	case "dob", "db":
		return `birth_date(params.x)`
	case "doby":
		return `birth_date(params.x, "year")`
	case "dobm":
		return `birth_date(params.x, "month")`
	case "dobd":
		return `birth_date(params.x, "day")`
	case "gender", "ge":
		if variant == "snapchat" {
			variant = "meta"
		}
		return `gender(params.x, "` + variant + `")`
	case "external_id":
		return `external_id(params.x, "` + variant + `")`
	case "currency":
		return `lower(currency(params.x))`
	case "ip_address":
		return `trim(params.x)`
	}
	return ""
}

func TestVectorsOfVendors(t *testing.T) {
	v := readVectors(t)
	l, ms := rules.NewLanguage(rules.Options{Now: func() time.Time { return time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC) }})
	if len(ms) > 0 {
		t.Fatal(ms.Err())
	}
	m := l.Machine()
	done := 0
	for _, c := range v.Vectors {
		source := formulaOf(c.Vendor, c.Profile, c.Field)
		f, ms := l.Formula(document.Words{Value: source}, rules.RuleScope(), rules.Any)
		if source == "" || len(ms) > 0 {
			t.Fatalf("%s %s: %q %v", c.Vendor, c.Field, source, ms)
		}
		hash, _ := l.Formula(document.Words{Value: "sha256(" + source + ")"}, rules.RuleScope(), rules.Any)
		e := &event.Event{}
		if c.Input != nil {
			e.Params.Set("x", event.String(*c.Input))
		}
		got, err := f.Value(m, &rules.Env{Event: e})
		sum, hashErr := hash.Value(m, &rules.Env{Event: e})
		if err != nil || hashErr != nil {
			t.Fatal(err, hashErr)
		}
		want := ""
		if c.Normalised != nil {
			want = *c.Normalised
		}
		if strings.HasPrefix(source, "phone(") && c.Input != nil && otherNumber(*c.Input, want, got.Text()) {
			done++
			continue
		}
		if !strings.EqualFold(got.Text(), want) || got.Text() != want && len(want) != 64 {
			t.Errorf("%s %s: %s of %q: got %q, want %q %s", c.Vendor, c.Profile, source, *c.Input, got.Text(), want, c.Note)
		} else if c.SHA256 != "" && sum.Text() != c.SHA256 && want != "" {
			t.Errorf("%s %s of %q: hash %q, want %q", c.Vendor, source, *c.Input, sum.Text(), c.SHA256)
		}
		if c.MD5 != "" {
			if sum := md5.Sum([]byte(got.Text())); hex.EncodeToString(sum[:]) != c.MD5 {
				t.Errorf("%s: MD5 of %q", c.Vendor, got.Text())
			}
		}
		done++
	}
	if done < 1900 {
		t.Errorf("only %d vectors", done)
	}
}

// otherNumbers are read as whoever dials them would, and not digit by digit as the vendor's library does.
var otherNumbers = map[string]string{
	"1-800-FLOWERS":       "18003569377",  // letters are on the keys
	"1-800-GO-FEDEX":      "18004633339",  //
	"+44 (0)844 412-4653": "448444124653", // (0) is only dialled within the country
	"0049 30 123456":      "+4930123456",  // 00 is dialled for +
	"415.555.0000x9":      "",             // no country is known
}

// otherNumber reports whether a telephone number intentionally differs from a vector: vendors' libraries hash any digits,
// and here what is no valid number is not sent, since it can match nobody.
func otherNumber(input, theirs, ours string) bool {
	if want, known := otherNumbers[input]; known {
		return ours == want
	}
	n, err := phonenumbers.Parse("+"+strings.TrimPrefix(theirs, "+"), "")
	nonsense := err != nil || !phonenumbers.IsValidNumber(n) || strings.Contains(input, "alreadyHasPhoneCode")
	return ours == "" && nonsense
}

func TestVectorsOfMetasCookies(t *testing.T) {
	v := readVectors(t)
	l, _ := rules.NewLanguage(rules.Options{})
	compile := func(s string) *rules.Formula {
		f, ms := l.Formula(document.Words{Value: s}, rules.RuleScope(), rules.Any)
		if len(ms) > 0 {
			t.Fatal(ms.Err())
		}
		return f
	}
	fbc := compile(`fbc(cookies._fbc, params.fbclid ?? url_query(page.referrer, "fbclid"), time, params.domain)`)
	fbp := compile(`fbp(cookies._fbp, time, params.domain, params.random)`)
	m := l.Machine()
	for _, c := range v.Cookies {
		e := &event.Event{Time: time.UnixMilli(c.Now)}
		for name, value := range c.Cookies {
			e.Cookies.Set(name, event.String(value))
		}
		if id := c.Query["fbclid"]; id != "" {
			e.Params.Set("fbclid", event.String(id))
		}
		if c.Referer != nil {
			e.Page.Referrer = *c.Referer
		}
		e.Params.Set("domain", event.String(c.Expected.Domain))
		e.Params.Set("random", event.Float(float64(c.Random)))
		for _, one := range []struct {
			formula *rules.Formula
			want    *string
		}{{fbc, c.Expected.FBC}, {fbp, c.Expected.FBP}} {
			got, err := one.formula.Value(m, &rules.Env{Event: e})
			if err != nil {
				t.Fatal(err)
			}
			if want := withoutAppendix(one.want); got.Text() != want {
				t.Errorf("%s: %s: got %q, want %q", c.Name, one.formula, got.Text(), want)
			}
		}
	}
	if len(v.Cookies) < 12 {
		t.Errorf("only %d vectors", len(v.Cookies))
	}
}

// withoutAppendix takes off what Meta's own libraries add to say who they are; others leave it out.
func withoutAppendix(s *string) string {
	if s == nil {
		return ""
	}
	parts := strings.Split(*s, ".")
	if len(parts) == 5 && len(parts[4]) == 8 {
		parts = parts[:4]
	}
	return strings.Join(parts, ".")
}

func TestVectorsOfAddresses(t *testing.T) {
	v := readVectors(t)
	l, _ := rules.NewLanguage(rules.Options{})
	f, ms := l.Formula(document.Words{Value: `public_ip(cookies._fbi, params.forwarded, params.remote)`}, rules.RuleScope(), rules.Any)
	if len(ms) > 0 {
		t.Fatal(ms.Err())
	}
	m := l.Machine()
	for i, c := range v.Addresses {
		e := &event.Event{}
		e.Cookies.Set("_fbi", event.String(c.Cookies["_fbi"]))
		if c.Forwarded != nil {
			e.Params.Set("forwarded", event.String(*c.Forwarded))
		}
		if c.Remote != nil {
			e.Params.Set("remote", event.String(*c.Remote))
		}
		want := ""
		if c.Best != nil {
			want = *c.Best
		}
		if got, err := f.Value(m, &rules.Env{Event: e}); err != nil || got.Text() != want {
			t.Errorf("%s: got %q %v, want %q", strconv.Itoa(i), got.Text(), err, want)
		}
	}
	if len(v.Addresses) < 8 {
		t.Errorf("only %d vectors", len(v.Addresses))
	}
}
