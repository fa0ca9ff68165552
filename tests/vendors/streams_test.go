package vendors_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aws/smithy-go/aws-http-auth/credentials"
	"github.com/aws/smithy-go/aws-http-auth/sigv4"
	v4 "github.com/aws/smithy-go/aws-http-auth/v4"
)

// wholeEvent is one event of a stream, as text: whole, and not longer than a message may be.
func wholeEvent(at string, v any, most int) (row, []string) {
	s, _ := v.(string)
	var e struct{ ID, Name string }
	switch err := json.Unmarshal([]byte(s), &e); {
	case err != nil:
		return row{}, fault(at, "is no event: %v", err)
	case e.ID == "" || e.Name == "":
		return row{}, fault(at, "is an event without id or name")
	case len(s) > most:
		return row{}, fault(at, "has %d bytes, of at most %d", len(s), most)
	}
	return row{id: e.ID, value: s}, nil
}

// wholeEvents are the events of a list, each at a key, in base64 or as they are.
func (r *received) wholeEvents(list []any, key string, inBase64 bool, most int) (events []row) {
	for i, one := range list {
		at := fmt.Sprintf("event %d", i)
		var v any = textWithin(one, key)
		if inBase64 {
			plain, err := base64.StdEncoding.DecodeString(textWithin(one, key))
			if err != nil {
				r.fault("%s is not base64: %v", at, err)
			}
			v = string(plain)
		}
		event, faults := wholeEvent(at, v, most)
		r.faults = append(r.faults, faults...)
		events = append(events, event)
	}
	return events
}

// signedForAWS judges a signature by making it again with Amazon's own library.
func (r *received) signedForAWS(service string) {
	const key, secret, region = "AKIAIOSFODNN7EXAMPLE", "secret-aws", "eu-central-1"
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if off := time.Since(at).Abs(); err != nil || off > 15*time.Minute {
		r.fault("X-Amz-Date is %q", r.Header.Get("X-Amz-Date"))
	}
	again, err := http.NewRequest(r.Method, "http://"+r.Host+r.URL.String(), nil)
	if err != nil {
		r.fault("%v", err)
		return
	}
	for _, name := range []string{"Content-Type", "X-Amz-Target", "X-Amz-Security-Token"} {
		if v := r.Header.Get(name); v != "" {
			again.Header.Set(name, v)
		}
	}
	digest := sha256.Sum256(r.body)
	err = sigv4.New().SignRequest(&sigv4.SignRequestInput{Request: again, PayloadHash: digest[:], Service: service, Region: region, Time: at,
		Credentials: credentials.Credentials{AccessKeyID: key, SecretAccessKey: secret}},
		func(o *v4.SignerOptions) { o.HeaderRules = signedByAWS{} })
	if err != nil {
		r.fault("%v", err)
	}
	if got, want := r.Header.Get("Authorization"), again.Header.Get("Authorization"); got != want {
		r.fault("the signature is %q, not %q", got, want)
	}
}

type signedByAWS struct{}

func (signedByAWS) IsSigned(name string) bool {
	return name == "host" || name == "content-type" || strings.HasPrefix(name, "x-amz-")
}

func (r *received) amazon(service, target, version string, most int, s shape) any {
	r.address("POST", "/", nil)
	r.header("X-Amz-Target", target)
	r.signedForAWS(service)
	return r.jsonAs("application/x-amz-json-"+version, most, s)
}

func amazonSays(status int, kind, message string) answer {
	return answer{status: status, words: message, body: fmt.Sprintf(`{"__type":%q,"message":%q}`, kind, message)}
}

const amazonKeys = `region: eu-central-1, access_key_id: AKIAIOSFODNN7EXAMPLE, secret_access_key: "${SECRET}-aws", endpoint: "%URL%"`

// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
func kinesis() *vendor {
	record := object(fields{"Data!": upTo(1_400_000), "PartitionKey!": upTo(256), "ExplicitHashKey": text})
	body := object(fields{"StreamName!": choice("shop-events"), "Records!": list(1, 500, record)})
	return &vendor{
		name: "kinesis", settings: `{stream: shop-events, ` + amazonKeys + `}`, takes: "*", needs: "analytics",
		read: func(r *received) []row {
			v := r.amazon("kinesis", "Kinesis_20131202.PutRecords", "1.1", 10<<20, body)
			return r.wholeEvents(listWithin(v, "Records"), "Data", true, 1<<20-256)
		},
		taken: func(rows []row) answer {
			records := make([]string, len(rows))
			for i := range rows {
				records[i] = fmt.Sprintf(`{"SequenceNumber":"%d","ShardId":"shardId-000000000000"}`, i+1)
			}
			return answer{status: 200, body: `{"FailedRecordCount":0,"Records":[` + strings.Join(records, ",") + `]}`}
		},
		throttled: amazonSays(400, "ProvisionedThroughputExceededException", "Rate exceeded for stream shop-events"),
		broken:    amazonSays(500, "InternalFailure", "The request processing has failed"),
		expired:   amazonSays(400, "ExpiredTokenException", "The security token included in the request is expired"),
	}
}

// https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html
func firehose() *vendor {
	body := object(fields{"DeliveryStreamName!": choice("shop-events"), "Records!": list(1, 500, object(fields{"Data!": upTo(1_400_000)}))})
	return &vendor{
		name: "firehose", settings: `{stream: shop-events, ` + amazonKeys + `}`, takes: "*", needs: "analytics",
		read: func(r *received) []row {
			v := r.amazon("firehose", "Firehose_20150804.PutRecordBatch", "1.1", 4<<20, body)
			events := r.wholeEvents(listWithin(v, "Records"), "Data", true, 1000<<10)
			for _, one := range events {
				if line, _ := one.value.(string); !strings.HasSuffix(line, "}\n") || strings.Count(line, "\n") != 1 {
					r.fault("%s is not one line", one.id)
				}
			}
			return events
		},
		taken: func(rows []row) answer {
			return answer{status: 200, body: `{"FailedPutCount":0,"RequestResponses":[` + strings.TrimSuffix(strings.Repeat(`{"RecordId":"r"},`, len(rows)), ",") + `]}`}
		},
		throttled: amazonSays(400, "ServiceUnavailableException", "Slow down."),
		broken:    amazonSays(503, "ServiceUnavailableException", "The service is unavailable."),
		expired:   amazonSays(400, "ResourceNotFoundException", "Firehose shop-events not found."),
	}
}

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
func sqs() *vendor {
	const queue = "https://sqs.eu-central-1.amazonaws.com/123456789012/shop-events.fifo"
	entry := object(fields{"Id!": matching(`[A-Za-z0-9_-]{1,80}`), "MessageBody!": upTo(1 << 20), "MessageGroupId!": matching(`[!-~]{1,128}`), "MessageDeduplicationId!": matching(`[!-~]{1,128}`)})
	body := object(fields{"QueueUrl!": matching(queue), "Entries!": list(1, 10, entry)})
	refusal := func(r *received, rows []row, bad []int) answer {
		v, err := parseJSON(r.body)
		if err != nil {
			return answer{status: 400}
		}
		var failed []string
		for _, i := range bad {
			failed = append(failed, fmt.Sprintf(`{"Id":%q,"Code":"InvalidMessageContents","SenderFault":true,"Message":"The message has characters that are not allowed"}`, textWithin(listWithin(v, "Entries")[i], "Id")))
		}
		return answer{status: 200, body: `{"Successful":[],"Failed":[` + strings.Join(failed, ",") + `]}`}
	}
	return &vendor{
		name: "sqs", settings: `{queue_url: "` + queue + `", ` + amazonKeys + `}`, takes: "*", needs: "analytics",
		read: func(r *received) []row {
			v := r.amazon("sqs", "AmazonSQS.SendMessageBatch", "1.0", 2<<20, body)
			entries := listWithin(v, "Entries")
			total, ids := 0, map[string]bool{}
			for _, one := range entries {
				total += len(textWithin(one, "MessageBody"))
				ids[textWithin(one, "Id")] = true
			}
			if total > 1<<20 || len(ids) != len(entries) {
				r.fault("%d bytes, %d ids of %d entries", total, len(ids), len(entries))
			}
			return r.wholeEvents(entries, "MessageBody", false, 1<<20)
		},
		taken:     func([]row) answer { return answer{status: 200, body: `{"Successful":[],"Failed":[]}`} },
		refuse:    refusal,
		why:       "InvalidMessageContents: The message has characters that are not allowed",
		parts:     true,
		throttled: amazonSays(400, "com.amazonaws.sqs#RequestThrottled", "The request was denied due to request throttling"),
		broken:    amazonSays(500, "com.amazonaws.sqs#InternalFailure", "The request processing has failed"),
		expired:   amazonSays(400, "com.amazonaws.sqs#QueueDoesNotExist", "The specified queue does not exist."),
	}
}

// https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.topics/publish
func pubsub() *vendor {
	message := object(fields{"data!": upTo(13_000_000), "attributes": object(fields{"id!": upTo(1024), "name!": upTo(1024)}), "orderingKey": upTo(1024)})
	body := object(fields{"messages!": list(1, 1000, message)})
	says := func(status int, name, message string) answer {
		return answer{status: status, words: message, body: fmt.Sprintf(`{"error":{"code":%d,"message":%q,"status":%q}}`, status, message, name)}
	}
	stale := says(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
	stale.words = "Token has been expired or revoked."
	slow := says(429, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric 'Regional publisher throughput, kB'")
	slow.headers = map[string]string{"Retry-After": "1"}
	return &vendor{
		name:     "pubsub",
		settings: `{project: shop-production, topic: shop-events, ordering: user.client_id, service_account: "${ACCOUNT}", endpoint: "%URL%", token_url: "%URL%/token"}`,
		oauth:    &grant{path: "/token", scope: "https://www.googleapis.com/auth/pubsub"},
		takes:    "*", needs: "analytics",
		read: func(r *received) []row {
			r.address("POST", "/v1/projects/shop-production/topics/shop-events:publish", nil)
			r.bearer(r.token)
			return r.wholeEvents(listWithin(r.json(14_000_000, body), "messages"), "data", true, 10_000_000)
		},
		taken: func(rows []row) answer {
			return answer{status: 200, body: `{"messageIds":[` + strings.TrimSuffix(strings.Repeat(`"1",`, len(rows)), ",") + `]}`}
		},
		refuse: func(*received, []row, []int) answer {
			return says(400, "INVALID_ARGUMENT", "A message in the request is invalid.")
		},
		why:       "A message in the request is invalid.",
		throttled: slow,
		broken:    says(503, "UNAVAILABLE", "The service was unable to fulfil your request."),
		expired:   stale,
	}
}

// https://learn.microsoft.com/rest/api/eventhub/send-batch-events
func eventHubs() *vendor {
	body := list(1, 1000, object(fields{"Body!": upTo(1_000_000), "UserProperties": object(fields{"id!": text, "name!": text}), "BrokerProperties": anything}))
	says := func(status int, detail string) answer {
		return answer{status: status, words: detail, body: fmt.Sprintf("<Error><Code>%d</Code><Detail>%s</Detail></Error>", status, detail)}
	}
	return &vendor{
		name: "eventhubs", settings: `{namespace: shop-production, hub: Events, policy: headgate, key: "${SECRET}-of-azure+/=", endpoint: "%URL%"}`, takes: "*", needs: "analytics",
		read: func(r *received) []row {
			r.address("POST", "/Events/messages", url.Values{"timeout": {"60"}, "api-version": {"2014-01"}})
			r.sharedAccess("http://"+r.Host+"/Events", "headgate", "secret-of-azure+/=")
			v := r.jsonAs("application/vnd.microsoft.servicebus.json", 1_000_000, body)
			messages, _ := v.([]any)
			return r.wholeEvents(messages, "Body", false, 1_000_000)
		},
		taken:     func([]row) answer { return answer{status: 201} },
		refuse:    func(*received, []row, []int) answer { return says(400, "An event of the batch is not valid.") },
		why:       "An event of the batch is not valid.",
		throttled: says(503, "50002: the namespace is being throttled"),
		broken:    says(500, "The service is unavailable."),
		expired:   says(401, "ExpiredToken: The token is expired."),
	}
}

// sharedAccess judges a shared access signature: https://learn.microsoft.com/rest/api/eventhub/generate-sas-token
func (r *received) sharedAccess(resource, policy, key string) {
	given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "SharedAccessSignature ")
	values, err := url.ParseQuery(given)
	if !ok || err != nil || len(values) != 4 {
		r.fault("the token is %q", r.Header.Get("Authorization"))
		return
	}
	until, err := strconv.ParseInt(values.Get("se"), 10, 64)
	if left := time.Until(time.Unix(until, 0)); err != nil || left <= 0 || left > 24*time.Hour {
		r.fault("the token is good until %q", values.Get("se"))
	}
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(url.QueryEscape(strings.ToLower(resource)) + "\n" + values.Get("se")))
	if want := base64.StdEncoding.EncodeToString(mac.Sum(nil)); values.Get("sig") != want || values.Get("skn") != policy || values.Get("sr") != strings.ToLower(resource) {
		r.fault("the token is %v, and its signature should be %q", values, want)
	}
}
