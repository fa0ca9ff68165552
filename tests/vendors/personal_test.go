package vendors_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"headgate/destinations"
	"headgate/destinations/catalog"
	"headgate/document"
	"headgate/event"
	"headgate/event/samples"
	"headgate/proxy/delivery"
)

// marker is a piece of contact data that stands nowhere else.
type marker struct {
	field  string   // where it stands in the event
	value  string   // as the site sends it
	traces []string // what is looked for, in small letters; digits of phone numbers without what stands between them
}

// contacts are the fields for contact data. A file says which of them its vendor gets unhashed: plain:.
var contacts = []marker{
	{"email", "ZqMail@ZqMarker.example", []string{"zqmail"}},
	{"phone", "+49 1579 4612087", []string{"15794612087"}},
	{"first_name", "Zqfirst", []string{"zqfirst"}},
	{"last_name", "Zqlast", []string{"zqlast"}},
	{"street", "7 Zqstreet", []string{"zqstreet"}},
	{"city", "Zqcity", []string{"zqcity"}},
	{"region", "Zqregion", []string{"zqregion"}},
	{"postal_code", "ZQ9 7QZ", []string{"zq9 7qz", "zq97qz"}},
	{"birth_date", "1987-03-28", []string{"1987-03-28", "19870328", "03/28/1987", "28.03.1987", "28/03/1987"}},
	{"traits", "zqtrait-of-hers", []string{"zqtrait-of-hers"}}, // the key hobby
}

// strays are contact data where none belongs: a careless site's custom data. They go nowhere.
var strays = []marker{
	{"params.email", "zqparama@zqmarker.example", []string{"zqparama"}},
	{"params.User-Email", "zqparamb@zqmarker.example", []string{"zqparamb"}},
	{"params.phone_number", "+49 1579 4612088", []string{"15794612088"}},
	{"params.firstName", "Zqgiven", []string{"zqgiven"}},
	{"params.last_name", "Zqfamily", []string{"zqfamily"}},
	{"params.address", "8 Zqroad", []string{"zqroad"}},
	{"params.zip", "ZQ8 6QZ", []string{"zq8 6qz", "zq86qz"}},
	{"params.birthday", "1987-03-29", []string{"1987-03-29", "19870329"}},
	{"params.note", "write to zqnote@zqmarker.example", []string{"zqnote"}},
	{"params.link", "https://shop.example/?m=zqlink%40zqmarker.example", []string{"zqlink"}},
	{"params.customer.email", "zqnested@zqmarker.example", []string{"zqnested"}},
	{"params.customer.contact", "zqdeep@zqmarker.example", []string{"zqdeep"}},
	{"items.params.engraving", "for zqitem@zqmarker.example", []string{"zqitem"}},
	{"user.traits.email", "zqtraita@zqmarker.example", []string{"zqtraita"}},
	{"user.traits.Phone", "+49 1579 4612089", []string{"15794612089"}},
	{"user.traits.about", "zqtraitb@zqmarker.example", []string{"zqtraitb"}},
}

// everything is what the site's own systems get.
const everything = "email phone first_name last_name street city region postal_code birth_date traits"

// byDefault are the contact fields that leave unhashed before anyone has switched anything on: those without which the
// vendor is of no use, and what a site says of its users beside contact data.
var byDefault = map[string]string{
	"amplitude":   "traits",
	"braze":       "traits",
	"customer_io": "email traits",
	"ga4":         "traits",
	"google_ads":  "postal_code",
	"hubspot":     "email",
	"klaviyo":     "email phone first_name last_name street city region postal_code traits",
	"mixpanel":    "traits",
	"posthog":     "traits",
	"rudderstack": "traits",
	"segment":     "traits",
	"webhook":     everything,
	"kinesis":     everything,
	"firehose":    everything,
	"sqs":         everything,
	"pubsub":      everything,
	"eventhubs":   everything,
}

// wholeEvents are destinations that get events as they are, since they are the site's own.
var wholeEvents = []string{"webhook", "kinesis", "firehose", "sqs", "pubsub", "eventhubs"}

// takesHashes are destinations that must get the e-mail address as a hash, or the test would prove nothing.
var takesHashes = []string{"meta", "google_ads", "google_ads_upload", "tiktok", "linkedin", "pinterest", "snapchat", "reddit", "x", "microsoft_ads", "openai_ads", "ga4_open"}

func TestNoContactDataLeavesButHashedOrAsTheFileSays(t *testing.T) {
	t.Parallel()
	files, ms := catalog.Load(destinations.BuiltIn())
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	w := newWatch(t, files)
	// Nothing is taken out before it is stored, so that what destinations keep back themselves is seen.
	p := start(t, w.config.String()+"consent: {scrub: none}\n")
	p.post(careless(t))
	p.Until("has sent everything", func() bool {
		s := p.Status()
		for name, d := range s.Destinations {
			if d.State == delivery.Halted {
				t.Fatalf("%s is halted: %s", name, d.LastError)
			}
		}
		return s.Queue.Pending == 0
	})
	w.judge(t)
}

// watch is every destination of the catalogue that sends over HTTP, twice: NAME with the settings of its golden cases, and
// NAME_open with all switched on that can be, and custom data passed on as far as it can be.
type watch struct {
	config  strings.Builder
	catalog *catalog.Catalog
	use     map[string]string // in the catalogue, by destination

	mu   sync.Mutex
	wire map[string][]string // by destination: what came
}

func newWatch(t *testing.T, catalog *catalog.Catalog) *watch {
	w := &watch{catalog: catalog, use: map[string]string{}, wire: map[string][]string{}}
	for _, name := range catalog.Names() {
		spec, cases := catalog.Spec(name), catalog.Cases(name)
		if spec.Driver != "" {
			continue // it writes where the site says, and whole events
		}
		if cases == nil {
			t.Errorf("%s has no golden cases to take settings from", name)
			continue
		}
		for _, open := range []bool{false, true} {
			destination := name
			if open {
				destination += "_open"
			}
			w.use[destination] = name
			fmt.Fprintf(&w.config, "  %s: {use: %s, delivery: {wait: 20ms}, settings: %s}\n", destination, name, settings(spec, cases.Settings, w.serve(t, destination), open))
		}
	}
	return w
}

// serve is the address of a vendor that notes all that comes and says yes to it.
func (w *watch) serve(t *testing.T, destination string) string {
	server := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, h *http.Request) {
		r, err := receive(h)
		if err != nil {
			return
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.wire[destination] = append(w.wire[destination], r.wire())
		answer.Header().Set("Content-Type", "application/json")
		_, _ = answer.Write([]byte(`{"code":0,"access_token":"t","token_type":"Bearer","expires_in":3600}`))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// settings are those of the golden cases, with addresses of ours and secrets that are none.
func settings(spec *catalog.Spec, written *document.Node, address string, open bool) string {
	var keys []string
	for _, s := range spec.Settings {
		var own *document.Node
		if written != nil {
			own = written.Get(s.Key)
		}
		var value string
		switch {
		case s.Value.Type == "url":
			value = strconv.Quote(address)
		case s.Value.Type == "secret" && own != nil && strings.HasPrefix(own.Text, "{"):
			value = `"${ACCOUNT}"`
		case s.Value.Type == "secret" && own != nil:
			value = strconv.Quote(own.Text + "${SECRET}")
		case open && s.Value.Type == "bool":
			value = "true"
		case open && s.Value.Type == "list":
			value = "[email, User-Email, phone_number, firstName, note, link, customer, ref, about, hobby]"
		case open && s.Value.Type == "map" && own == nil:
			value = `{"1": email, "2": note, "3": link, "4": ref, "5": phone_number, "6": firstName}`
		case own != nil:
			value = flow(own)
		default:
			continue
		}
		keys = append(keys, s.Key+": "+value)
	}
	return "{" + strings.Join(keys, ", ") + "}"
}

// flow writes a value on one line.
func flow(n *document.Node) string {
	var parts []string
	switch n.Kind {
	case document.Map:
		for _, f := range n.Fields {
			parts = append(parts, strconv.Quote(f.Key)+": "+flow(f.Value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case document.List:
		for _, item := range n.Items {
			parts = append(parts, flow(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case document.Text:
		return strconv.Quote(n.Text)
	}
	return n.Text
}

// careless are all samples of a visitor who agreed to everything, at a site that puts contact data wherever it can.
func careless(t *testing.T) []*event.Event {
	t.Helper()
	var events []*event.Event
	for _, name := range append(samples.Names(), "identify") {
		base := name
		if name == "identify" {
			base = "login"
		}
		e := sample(t, base, "careless-"+strings.ReplaceAll(name, "_", "-"))
		if name == "identify" {
			e.Name = "identify"
		}
		e.User.Traits = nil
		e.Campaign.ClickIDs.Set("dicbo", event.String("outbrain-click"))
		e.Campaign.ClickIDs.Set("tblci", event.String("taboola-click"))
		e.Page.URL = "https://shop.example/thanks"
		e.Consent = nil
		for _, purpose := range []string{"necessary", "functional", "analytics", "ads", "personalized_ads", "sharing"} {
			e.Consent.Set(purpose, event.Boolean(true))
		}
		set := func(path, value string) {
			if err := e.SetPath(path, event.String(value)); err != nil {
				t.Fatal(err)
			}
		}
		for _, m := range contacts {
			set(strings.Replace("user."+m.field, "user.traits", "user.traits.hobby", 1), m.value)
		}
		for _, m := range strays {
			if key, of := strings.CutPrefix(m.field, "items.params."); of {
				for i := range e.Items {
					e.Items[i].Params.Set(key, event.String(m.value))
				}
				continue
			}
			set(m.field, m.value)
		}
		events = append(events, e)
	}
	return events
}

// judge searches all that was sent.
func (w *watch) judge(t *testing.T) {
	w.mu.Lock()
	defer w.mu.Unlock()
	hash := sha256.Sum256([]byte("zqmail@zqmarker.example"))
	for _, destination := range slices.Sorted(maps.Keys(w.use)) {
		if len(w.wire[destination]) == 0 {
			t.Errorf("%s was sent nothing", destination)
		}
		sent := unwrappedAll(w.wire[destination])
		if slices.Contains(takesHashes, destination) && !strings.Contains(sent, hex.EncodeToString(hash[:])) {
			t.Errorf("%s did not get the hash of the e-mail address", destination)
		}
		name := w.use[destination]
		plain, unasked := w.catalog.Spec(name).Plain, strings.Fields(byDefault[destination])
		for _, m := range contacts {
			leaves := found(sent, m)
			switch {
			case leaves && !slices.Contains(plain, m.field):
				t.Errorf("%s got user.%s unhashed: ...%s...", destination, m.field, excerpt(sent, m))
			case leaves && destination == name && !slices.Contains(unasked, m.field):
				t.Errorf("%s got user.%s unhashed, though no setting asks for it: ...%s...", destination, m.field, excerpt(sent, m))
			case !leaves && slices.Contains(unasked, m.field):
				t.Errorf("%s did not get user.%s: is it looked for in the right way?", destination, m.field)
			}
		}
		if slices.Contains(wholeEvents, name) {
			continue
		}
		for _, m := range strays {
			if found(sent, m) {
				t.Errorf("%s got %s: ...%s...", destination, m.field, excerpt(sent, m))
			}
		}
	}
}

func found(sent string, m marker) bool {
	return slices.ContainsFunc(m.traces, func(trace string) bool { return strings.Contains(sent, trace) })
}

func excerpt(sent string, m marker) string {
	for _, trace := range m.traces {
		if i := strings.Index(sent, trace); i >= 0 {
			return sent[max(i-80, 0):min(i+40, len(sent))]
		}
	}
	return ""
}
