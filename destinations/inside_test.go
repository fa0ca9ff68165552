package destinations

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"headgate/document"
	"headgate/event"
	"headgate/rules"
)

// The example of OAuth Core 1.0, appendix A: https://oauth.net/core/1.0/#anchor30
func TestOAuth1SignsLikeItsSpecification(t *testing.T) {
	u, err := url.Parse("http://photos.example.net/photos?file=vacation.jpg&size=original")
	if err != nil {
		t.Fatal(err)
	}
	base := signatureBase("GET", u, nil, [][2]string{
		{"oauth_consumer_key", "dpf43f3p2l4k3l03"}, {"oauth_nonce", "kllo9940pd9333jh"}, {"oauth_signature_method", "HMAC-SHA1"},
		{"oauth_timestamp", "1191242096"}, {"oauth_token", "nnch734d00sl2jdk"}, {"oauth_version", "1.0"},
	})
	want := "GET&http%3A%2F%2Fphotos.example.net%2Fphotos&file%3Dvacation.jpg%26oauth_consumer_key%3Ddpf43f3p2l4k3l03%26oauth_nonce%3Dkllo9940pd9333jh%26" +
		"oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D1191242096%26oauth_token%3Dnnch734d00sl2jdk%26oauth_version%3D1.0%26size%3Doriginal"
	if base != want {
		t.Fatalf("got  %s\nwant %s", base, want)
	}
	mac := hmac.New(sha1.New, []byte("kd94hf93k423kf44&pfkkdhi9sl3r4s00"))
	mac.Write([]byte(base))
	if got := base64.StdEncoding.EncodeToString(mac.Sum(nil)); got != "tR3+Ty81lMeYAr/Fid0kMTYa/WM=" {
		t.Fatal(got)
	}
}

func TestAFormTakesPartInTheSignature(t *testing.T) {
	u, _ := url.Parse("https://EXAMPLE.com:443/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b")
	base := signatureBase("POST", u, url.Values{"c2": {""}, "a3": {"2 q"}}, [][2]string{
		{"oauth_consumer_key", "9djdj82h48djs9d2"}, {"oauth_token", "kkk9d7dh3k39sjv7"}, {"oauth_signature_method", "HMAC-SHA1"},
		{"oauth_timestamp", "137131201"}, {"oauth_nonce", "7d8f3e4a"},
	})
	// RFC 5849, section 3.4.1.1, but for the scheme.
	want := "POST&https%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26" +
		"oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
	if base != want {
		t.Fatalf("got  %s\nwant %s", base, want)
	}
}

func TestPublicAddresses(t *testing.T) {
	for text, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true, "1.1.1.1": true, "64:ff9b::808:808": true,
		"127.0.0.1": false, "10.0.0.1": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "100.64.0.1": false,
		"0.0.0.0": false, "224.0.0.1": false, "255.255.255.255": false, "198.18.0.1": false, "240.0.0.1": false,
		"::1": false, "::": false, "fe80::1": false, "fc00::1": false, "fd12::1": false, "ff02::1": false, "::7f00:1": false,
		"64:ff9b::7f00:1": false, "64:ff9b::a00:1": false, "2002:7f00:1::": false, "2001:db8::1": false,
	} {
		if got := public(netip.MustParseAddr(text).Unmap()); got != want {
			t.Errorf("%s public: %v, want %v", text, got, want)
		}
	}
}

func TestAnotherHostIsNotDialled(t *testing.T) {
	e := newEgress([]string{"api.vendor.example"}, nil)
	if _, err := e.dial(t.Context(), "tcp", "evil.example:443"); err == nil || err.Error() != "evil.example is no host of this destination" {
		t.Fatal(err)
	}
}

func TestSecretsAreMaskedInWhateverFormTheyComeBack(t *testing.T) {
	s := Settings{
		values: event.Map{{Key: "a", Value: event.String("to/ken+1")}, {Key: "b", Value: event.String("to/ken+12")}, {Key: "c", Value: event.String("public")}, {Key: "d", Value: event.String("abc")}},
		masked: event.Map{{Key: "a", Value: event.String(mask)}, {Key: "b", Value: event.String(mask)}, {Key: "c", Value: event.String("public")}, {Key: "d", Value: event.String(mask)}},
	}
	if got := s.masker(nil)("to/ken+12 to/ken+1 to%2Fken%2B1 public abc"); got != "*** *** *** public abc" {
		t.Fatal(got)
	}
}

func TestUpdatingCasesTouchesNothingElse(t *testing.T) {
	before := `# a comment
settings: {a: 1}
cases:
  - name: one   # stays
    events: [purchase]
    sends: |
      POST old

      {"a": 1}

    answer: 200
  - events:
      - {sample: purchase}
      - page_view
    name: two

  - name: three
    events: [purchase]
    sends: nothing
`
	want := `# a comment
settings: {a: 1}
cases:
  - name: one   # stays
    events: [purchase]
    sends: |
      POST new

      {}

    answer: 200
  - events:
      - {sample: purchase}
      - page_view
    sends: nothing
    name: two

  - name: three
    events: [purchase]
    sends: nothing
`
	got := string(UpdateCases([]byte(before), []CaseResult{{Sends: "POST new\n\n{}"}, {Sends: "nothing"}, {Sends: "nothing"}}))
	if got != want {
		t.Errorf("%s", lineDiff(want, got))
	}
	if again := string(UpdateCases([]byte(got), []CaseResult{{Sends: "POST new\n\n{}"}, {Sends: "nothing"}, {Sends: "nothing"}})); again != got {
		t.Errorf("a second update changes it again:\n%s", lineDiff(got, again))
	}
}

func TestHowEventsAreHandedOver(t *testing.T) {
	spec := func(b Batch) *Spec { return &Spec{Name: "x", Send: Sends{{Batch: b}}} }
	by := &document.Node{Kind: document.Text, Text: "=id"}
	for _, c := range []struct {
		name                    string
		spec                    *Spec
		config                  DeliveryConfig
		events, request, atOnce int
		wrong                   bool
	}{
		{"one event a request", spec(Batch{}), DeliveryConfig{}, handedOver, 1, 16, false},
		{"many events a request", spec(Batch{Events: 1000}), DeliveryConfig{}, 1000, 1000, 4, false},
		{"by a key", spec(Batch{Events: 25, By: by}), DeliveryConfig{}, handedOver, 25, 16, false},
		{"fewer than the vendor takes", spec(Batch{Events: 1000}), DeliveryConfig{Batch: 10}, 10, 10, 4, false},
		{"more than the vendor takes", spec(Batch{Events: 1000}), DeliveryConfig{Batch: 1001}, 1001, 1000, 4, true},
		{"more than is usual", spec(Batch{Events: 500, Max: 10000}), DeliveryConfig{Batch: 5000}, 5000, 5000, 4, false},
		{"more handed over than share a request", spec(Batch{Events: 25, By: by}), DeliveryConfig{Batch: 1000, AtOnce: 2}, 1000, 25, 2, false},
		{"a driver", &Spec{Name: "x", Driver: "y"}, DeliveryConfig{Batch: 50000}, 50000, 50000, 4, false},
	} {
		d, ms := c.spec.resolveDelivery(c.config, document.Place{})
		if d.Events != c.events || d.Request != c.request || d.AtOnce != c.atOnce || (len(ms) > 0) != c.wrong {
			t.Errorf("%s: %+v %v", c.name, d, ms)
		}
	}
}

func TestTheSlowerRateCountsAndFewEventsWaitForIt(t *testing.T) {
	for _, c := range []struct {
		name             string
		vendors, written document.Rate
		events           int
		rate             float64
	}{
		{"none", 0, 0, handedOver, 0},
		{"the vendor's", 1, 0, 10, 1},
		{"a slower one", 1, 0.25, 3, 0.25},
		{"a faster one", 1, 50, 10, 1},
		{"only one's own", 0, 50, handedOver, 50},
	} {
		spec := &Spec{Name: "x", Rate: c.vendors, Send: Sends{{}}}
		if d, ms := spec.resolveDelivery(DeliveryConfig{Rate: c.written}, document.Place{}); d.Rate != c.rate || d.Events != c.events || len(ms) > 0 {
			t.Errorf("%s: %+v %v", c.name, d, ms)
		}
	}
}

func TestAnAnswerNestedTooDeepIsText(t *testing.T) {
	deep := strings.Repeat("[", 500_000)
	if v := readBody([]byte(deep)); v.Kind() != event.Text {
		t.Fatalf("kind %d", v.Kind())
	}
	if v := readBody([]byte(`{"a":"[[[[","b":[{"c":1}]}`)); v.Kind() != event.Object {
		t.Fatalf("kind %d", v.Kind())
	}
}

func TestTheExampleOfEveryFormIsRight(t *testing.T) {
	language, _ := rules.NewLanguage(rules.Options{Purposes: []string{"ads"}})
	for _, f := range Forms() {
		n, ms := document.Parse("form.yaml", []byte(f.Example))
		if len(ms) == 0 {
			c := &compiler{language: language}
			c.body(n, rules.DestinationScope(nil).Batch())
			ms = c.mistakes
		}
		if len(ms) > 0 {
			t.Errorf("%s: %v", f.Name, ms)
		}
	}
}
