package nats_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"headgate/destinations"
	"headgate/destinations/conformance/link"
	"headgate/destinations/message/conformance"
	"headgate/event"
)

func TestNATSIsADriverLikeTheOthers(t *testing.T) {
	t.Parallel()
	conformance.Run(t, func(t *testing.T) *conformance.Bed {
		b := newBroker(t, nil)
		return &conformance.Bed{
			Open: func(t testing.TB) *destinations.Destination { return hasty(t, b) },
			IDs: func(t testing.TB) (ids []string) {
				for _, m := range b.messages(t) {
					ids = append(ids, m.Header.Get(jetstream.MsgIDHeader))
				}
				return ids
			},
			Behind: func(t testing.TB) (*destinations.Destination, *link.Link) {
				l := link.New(t)
				return hastyAt(t, "nats://"+l.To(t, strings.TrimPrefix(b.address(), "nats://"))), l
			},
			Stop: b.stop, Start: b.start, TooLong: 700_000, Once: true, // within the duplicate window
		}
	})
}

func order(id string) destinations.Sending {
	return destinations.Sending{Attempt: 1, Event: &event.Event{ID: id, Name: "purchase", Site: "shop", User: event.User{ClientID: "1.2"},
		Params: event.Map{{Key: "value", Value: event.Float(59.9)}}}}
}

func one(t *testing.T, d *destinations.Destination, want destinations.Kind, why string) {
	t.Helper()
	v := d.Deliver(t.Context(), []destinations.Sending{order("o-1")})[0]
	if v.Kind != want || !strings.Contains(v.Why, why) {
		t.Errorf("%s: %q, want %s: %q", v.Kind, v.Why, want, why)
	}
	if strings.Contains(v.Why, "hidden") {
		t.Errorf("a secret is in %q", v.Why)
	}
}

func TestAMessageIsTheWholeEventUnlessSettingsSayMore(t *testing.T) {
	t.Parallel()
	b := newBroker(t, nil)
	one(t, closing(t, b), destinations.Delivered, "")
	second := closing(t, b, `subject: "shop.{name}"`, `headers: {Site: =site, None: =user.user_id}`, `body: '={order: id, value: params.value}'`)
	if v := second.Deliver(t.Context(), []destinations.Sending{order("o-2")}); v[0].Kind != destinations.Delivered {
		t.Fatal(v)
	}
	all := b.messages(t)
	var e map[string]any
	if err := json.Unmarshal(all[0].Data, &e); err != nil || e["id"] != "o-1" || all[0].Subject != "shop.events" || all[0].Header.Get("Nats-Msg-Id") != "o-1" {
		t.Errorf("%s %s %v %v", all[0].Subject, all[0].Data, all[0].Header, err)
	}
	if m := all[1]; m.Subject != "shop.purchase" || string(m.Data) != `{"order":"o-2","value":59.9}` || m.Header.Get("Site") != "shop" || len(m.Header) != 2 {
		t.Errorf("%s %s %v", m.Subject, m.Data, m.Header)
	}
}

func TestAMessageLongerThanTheServerTakesIsRejectedAlone(t *testing.T) {
	t.Parallel()
	d := closing(t, newBroker(t, nil))
	long := order("long")
	long.Event.Params.Set("note", event.String(strings.Repeat("x", 2<<20)))
	v := d.Deliver(t.Context(), []destinations.Sending{order("1"), long, order("2")})
	if v[0].Kind != destinations.Delivered || v[1].Kind != destinations.Reject || v[1].Why != "it is longer than the server's max_payload" || v[2].Kind != destinations.Delivered {
		t.Error(v)
	}
}

func TestWhatAPersonMustPutRightHalts(t *testing.T) {
	t.Parallel()
	secured := newBroker(t, func(o *server.Options) {
		o.Users = []*server.User{{Username: "shop", Password: "hidden-password"},
			{Username: "reader", Password: "hidden-reader", Permissions: &server.Permissions{Publish: &server.SubjectPermission{Allow: []string{"other.>"}}}}}
	})
	one(t, closing(t, secured, "user: shop", "password: hidden-password"), destinations.Delivered, "")
	one(t, closing(t, secured, "user: shop", "password: hidden-wrong"), destinations.Halt, "Authorization Violation")
	one(t, closing(t, secured), destinations.Halt, "Authorization Violation")
	one(t, closing(t, secured, "user: reader", "password: hidden-reader"), destinations.Halt, `Permissions Violation for Publish to "shop.events"`)
	one(t, closing(t, newBroker(t, nil), "tls: true"), destinations.Halt, "secure connection not available")
	b := newBroker(t, nil)
	d, ms := open(t, fmt.Sprintf("settings: {servers: [%q], subject: shop.events}", b.address()), func(deps *destinations.Deps) { deps.Allow = nil })
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	defer d.Close(t.Context())
	one(t, d, destinations.Halt, "egress")
}

func TestASubjectThatNoStreamCapturesHaltsAfterAMinute(t *testing.T) {
	t.Parallel()
	b := newBroker(t, nil)
	now := time.Now()
	d, ms := open(t, fmt.Sprintf("settings: {servers: [%q], subject: nowhere.events}", b.address()), func(deps *destinations.Deps) { deps.Now = func() time.Time { return now } })
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	defer d.Close(t.Context())
	one(t, d, destinations.Retry, "no stream captures the subject")
	now = now.Add(61 * time.Second)
	one(t, d, destinations.Halt, "no stream captures the subject")
	b.stream(t, func(js jetstream.JetStream) error {
		_, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "NOWHERE", Subjects: []string{"nowhere.>"}})
		return err
	})
	one(t, d, destinations.Delivered, "")
}

func TestAStreamThatIsFullIsTriedAgain(t *testing.T) {
	t.Parallel()
	b := newBroker(t, nil)
	b.stream(t, func(js jetstream.JetStream) error {
		_, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "FULL", Subjects: []string{"full"}, MaxMsgs: 1, Discard: jetstream.DiscardNew})
		return err
	})
	d := closing(t, b, "subject: full")
	v := d.Deliver(t.Context(), []destinations.Sending{order("1"), order("2")})
	if v[0].Kind != destinations.Delivered || v[1].Kind != destinations.Retry || !strings.Contains(v[1].Why, "maximum messages exceeded") {
		t.Error(v)
	}
}

func TestAnEventThatCannotBeAMessageIsRejected(t *testing.T) {
	t.Parallel()
	b := newBroker(t, nil)
	d := closing(t, b, `subject: "shop.{params.place}"`, `headers: {Note: =params.note}`)
	good, none, star, broken := order("1"), order("2"), order("3"), order("4")
	for _, s := range []destinations.Sending{good, star, broken} {
		s.Event.Params.Set("place", event.String("here"))
	}
	star.Event.Params.Set("place", event.String("*"))
	broken.Event.Params.Set("note", event.String("a\r\nb: c"))
	var got []string
	for _, v := range d.Deliver(t.Context(), []destinations.Sending{good, none, star, broken}) {
		got = append(got, v.Kind.String()+" "+v.Why)
	}
	want := []string{"delivered ", `reject its subject would be "shop."`, `reject its subject would be "shop.*"`, `reject its header "Note" would hold a line break`}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("%q, want %q", got[i], want[i])
		}
	}
	shown, verdicts := d.Show([]destinations.Sending{good})
	if verdicts[0].Kind != 0 || !strings.HasPrefix(shown[0].URL, "nats://127.0.0.1:") || !strings.HasSuffix(shown[0].URL, "/shop.here") || shown[0].Headers.Get("Nats-Msg-Id") != "1" {
		t.Errorf("%+v", shown)
	}
}

func TestWrongSettingsAreFoundAtOnce(t *testing.T) {
	t.Parallel()
	for settings, want := range map[string]string{
		`servers: ["n:4222"], subject: a`:                          `headgate.yaml:2:12: servers: "n:4222" is not an address of a server; write it as nats://nats-1.shop.example:4222`,
		`servers: ["nats://u:hidden-pw@n:4222"], subject: a`:       `servers: an address with a user name, password or token in it`,
		`servers: ["http://u:hidden-pw@n:4222"], subject: a`:       `servers: one of them is not an address of a server`,
		`servers: ["nats://n:4222"], subject: a..b`:                `subject: "a..b" cannot be a subject`,
		`servers: ["nats://n:4222"], subject: a.>`:                 `subject: "a.>" cannot be a subject`,
		`servers: ["nats://n:4222"], subject: "a.{nmae}"`:          `did you mean "name"?`,
		`servers: ["nats://n:4222"], subject: a, body: =pege.url`:  `pege`,
		`servers: ["nats://n:4222"], subject: a, tls: true, ca: x`: `ca: there is no certificate in it`,
	} {
		if _, ms := open(t, "settings: {"+settings+"}", nil); !strings.Contains(ms.Error(), want) || strings.Contains(ms.Error(), "hidden") {
			t.Errorf("%s\n got %s\nwant %s", settings, ms.Error(), want)
		}
	}
}
