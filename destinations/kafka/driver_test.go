package kafka_test

import (
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"headgate/destinations"
	"headgate/destinations/conformance/link"
	"headgate/destinations/message/conformance"
	"headgate/event"
)

func TestKafkaIsADriverLikeTheOthers(t *testing.T) {
	t.Parallel()
	conformance.Run(t, func(t *testing.T) *conformance.Bed {
		var way *link.Link
		c := newCluster(t, kfake.ListenFn(func(network, address string) (net.Listener, error) {
			listener, err := net.Listen(network, address)
			if err == nil && way != nil {
				listener = way.Listener(listener)
			}
			return listener, err
		}))
		return &conformance.Bed{
			Behind: func(t testing.TB) (*destinations.Destination, *link.Link) {
				way = link.New(t)
				c.stop(t)
				c.start(t)
				return hasty(t, c), way
			},
			Open: func(t testing.TB) *destinations.Destination { return hasty(t, c) },
			IDs: func(t testing.TB) (ids []string) {
				for _, r := range c.records(t, "events") {
					ids = append(ids, header(r, "id"))
				}
				return ids
			},
			Stop: c.stop, Start: c.start, TooLong: 1_000_001,
		}
	})
}

func header(r *kgo.Record, name string) string {
	for _, h := range r.Headers {
		if h.Key == name {
			return string(h.Value)
		}
	}
	return ""
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func order(id string) destinations.Sending {
	return destinations.Sending{Attempt: 1, Event: &event.Event{ID: id, Name: "purchase", Time: noon, Site: "shop", User: event.User{ClientID: "1.2"},
		Params: event.Map{{Key: "value", Value: event.Float(59.9)}}}}
}

func deliver(t *testing.T, d *destinations.Destination, batch ...destinations.Sending) []destinations.Verdict {
	t.Helper()
	return d.Deliver(t.Context(), batch)
}

func one(t *testing.T, d *destinations.Destination, want destinations.Kind, why string) {
	t.Helper()
	v := deliver(t, d, order("o-1"))[0]
	if v.Kind != want || !strings.Contains(v.Why, why) {
		t.Errorf("%s: %q, want %s: %q", v.Kind, v.Why, want, why)
	}
	if strings.Contains(v.Why, "hidden") {
		t.Errorf("a secret is in %q", v.Why)
	}
}

func TestARecordIsTheWholeEventUnlessSettingsSayMore(t *testing.T) {
	t.Parallel()
	c := newCluster(t, kfake.SeedTopics(1, "shop.purchase"))
	one(t, closing(t, c), destinations.Delivered, "")
	r := c.records(t, "events")[0]
	var e map[string]any
	if err := json.Unmarshal(r.Value, &e); err != nil || e["id"] != "o-1" || string(r.Key) != "1.2" || !r.Timestamp.Equal(noon) || header(r, "name") != "purchase" || len(r.Headers) != 2 {
		t.Errorf("%s %s %v %v %v", r.Key, r.Value, r.Timestamp, r.Headers, err)
	}
	one(t, closing(t, c, `topic: "shop.{name}"`, `key: =params.value`, `headers: {site: =site, fixed: yes please, none: =user.user_id}`, `body: '={order: id, value: params.value}'`, `compression: gzip`), destinations.Delivered, "")
	r = c.records(t, "shop.purchase")[0]
	if string(r.Key) != "59.9" || string(r.Value) != `{"order":"o-1","value":59.9}` || header(r, "site") != "shop" || header(r, "fixed") != "yes please" || len(r.Headers) != 4 {
		t.Errorf("%s %s %v", r.Key, r.Value, r.Headers)
	}
}

func TestExplainShowsTheRecordAndSendsNothing(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	d := closing(t, c, "key: =settings.password", "user: u", "password: hidden-password")
	shown, verdicts := d.Show([]destinations.Sending{order("o-1")})
	if len(shown) != 1 || verdicts[0].Kind != 0 || shown[0].URL != "kafka://"+c.address()+"/events" || shown[0].Method != "PUBLISH" || !strings.Contains(string(shown[0].Body), `"id":"o-1"`) {
		t.Errorf("%+v %v", shown, verdicts)
	}
	if strings.Contains(fmt.Sprint(shown), "hidden") {
		t.Error("a secret is shown")
	}
	if n := len(c.records(t, "events")); n != 0 {
		t.Errorf("%d records are there", n)
	}
}

func TestSigningIn(t *testing.T) {
	t.Parallel()
	for _, mechanism := range []struct{ theirs, ours string }{{"PLAIN", "plain"}, {"SCRAM-SHA-256", "scram_sha_256"}, {"SCRAM-SHA-512", "scram_sha_512"}} {
		t.Run(mechanism.ours, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, kfake.EnableSASL(), kfake.Superuser(mechanism.theirs, "shop", "hidden-password"))
			one(t, closing(t, c, "sasl: "+mechanism.ours, "user: shop", "password: hidden-password"), destinations.Delivered, "")
			c.fake.ControlKey(int16(kmsg.SASLAuthenticate), func(r kmsg.Request) (kmsg.Response, error, bool) {
				answer := r.ResponseKind().(*kmsg.SASLAuthenticateResponse) // the fake hangs up where a broker answers
				answer.ErrorCode = kerr.SaslAuthenticationFailed.Code
				return answer, nil, true
			})
			one(t, closing(t, c, "sasl: "+mechanism.ours, "user: shop", "password: hidden-wrong"), destinations.Halt, "SASL_AUTHENTICATION_FAILED")
		})
	}
}

func TestWhatBrokersAnswerHasAVerdict(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		code *kerr.Error
		want destinations.Kind
	}{
		{kerr.MessageTooLarge, destinations.Reject}, {kerr.InvalidTimestamp, destinations.Reject}, {kerr.InvalidRecord, destinations.Reject},
		{kerr.TopicAuthorizationFailed, destinations.Halt}, {kerr.ClusterAuthorizationFailed, destinations.Halt}, {kerr.PolicyViolation, destinations.Halt},
		{kerr.NotEnoughReplicas, destinations.Retry}, {kerr.KafkaStorageError, destinations.Retry}, {kerr.NotLeaderForPartition, destinations.Retry},
	} {
		t.Run(c.code.Message, func(t *testing.T) {
			t.Parallel()
			cluster := newCluster(t)
			cluster.fake.ControlKey(int16(kmsg.Produce), func(r kmsg.Request) (kmsg.Response, error, bool) {
				cluster.fake.KeepControl()
				return refused(r.(*kmsg.ProduceRequest), c.code), nil, true
			})
			d := closing(t, cluster)
			if c.want == destinations.Retry {
				d = hasty(t, cluster)
				defer d.Close(t.Context())
			}
			one(t, d, c.want, "")
		})
	}
}

// refused answers a request with one error for all partitions.
func refused(r *kmsg.ProduceRequest, code *kerr.Error) *kmsg.ProduceResponse {
	answer := r.ResponseKind().(*kmsg.ProduceResponse)
	for _, topic := range r.Topics {
		t := kmsg.NewProduceResponseTopic()
		t.Topic, t.TopicID = topic.Topic, topic.TopicID
		for _, partition := range topic.Partitions {
			p := kmsg.NewProduceResponseTopicPartition()
			p.Partition, p.ErrorCode = partition.Partition, code.Code
			t.Partitions = append(t.Partitions, p)
		}
		answer.Topics = append(answer.Topics, t)
	}
	return answer
}

func TestATopicThatIsNotThere(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	one(t, closing(t, c, "topic: missing"), destinations.Halt, "topic missing: ")
	d := closing(t, c, "topic: '{params.topic}'")
	there, missing, impossible, none := order("1"), order("2"), order("3"), order("4")
	there.Event.Params.Set("topic", event.String("events"))
	missing.Event.Params = event.Map{{Key: "topic", Value: event.String("missing")}}
	impossible.Event.Params = event.Map{{Key: "topic", Value: event.String("a b")}}
	none.Event.Params = nil
	var got []string
	for _, v := range deliver(t, d, there, missing, impossible, none) {
		got = append(got, v.Kind.String()+" "+v.Why)
	}
	want := []string{"delivered ", "reject topic missing: ", `reject its topic would be "a b"`, `reject its topic would be ""`}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("%q, want %q", got[i], want[i])
		}
	}
}

func TestAnAddressThatEgressDoesNotAllowHalts(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	d, ms := open(t, fmt.Sprintf("delivery: {timeout: 30s}\nsettings: {brokers: [%q], topic: events}", c.address()))
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	defer d.Close(t.Context())
	one(t, d, destinations.Halt, "egress")
}

func TestWrongSettingsAreFoundAtOnce(t *testing.T) {
	t.Parallel()
	for settings, want := range map[string]string{
		`brokers: [kafka-1], topic: events`:                             `headgate.yaml:2:12: brokers: "kafka-1" is not a host with a port; write it as kafka-1.shop.example:9092`,
		`brokers: ["kafka://k:9092"], topic: events`:                    `brokers: "kafka://k:9092" is not a host with a port`,
		`brokers: ["k:9092"], topic: a b`:                               `topic: "a b" cannot be a topic`,
		`brokers: ["k:9092"], topic: "shop.{nmae}"`:                     `did you mean "name"?`,
		`brokers: ["k:9092"], topic: events, key: =user.client`:         `user.client`,
		`brokers: ["k:9092"], topic: events, headers: {a: =pege.url}`:   `pege`,
		`brokers: ["k:9092"], topic: events, sasl: plain`:               `sasl: plain needs the setting user`,
		`brokers: ["k:9092"], topic: events, sasl: oauthbearer`:         `sasl: oauthbearer needs the setting token_url`,
		`brokers: ["k:9092"], topic: events, ca: x`:                     `ca is set, but tls is not true; write tls: true`,
		`brokers: ["k:9092"], topic: events, tls: true, ca: x`:          `ca: there is no certificate in it`,
		`brokers: ["k:9092"], topic: events, tls: true, certificate: x`: `one of certificate and private_key is missing`,
	} {
		if _, ms := open(t, "settings: {"+settings+"}"); !strings.Contains(ms.Error(), want) {
			t.Errorf("%s\n got %s\nwant %s", settings, ms.Error(), want)
		}
	}
}
