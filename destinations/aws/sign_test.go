package aws_test

import (
	"bytes"
	"crypto/sha256"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go/aws-http-auth/credentials"
	"github.com/aws/smithy-go/aws-http-auth/sigv4"
	v4 "github.com/aws/smithy-go/aws-http-auth/v4"

	"headgate/destinations/aws"
)

var signedAt = time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)

// The request of Amazon's own documentation of Signature Version 4, with the signature printed there.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
func TestTheDocumentedRequestHasTheDocumentedSignature(t *testing.T) {
	t.Parallel()
	r := request(t, "GET", "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08", "")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	aws.Sign(r, nil, aws.Keys{ID: "AKIDEXAMPLE", Secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}, aws.Scope{Region: "us-east-1", Service: "iam"}, signedAt)
	want := "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, " +
		"Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
	if got := r.Header.Get("Authorization"); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

// Whatever is signed here is signed alike by Amazon's own library.
func TestSignaturesAreThoseOfAmazonsLibrary(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		method, url, body, service string
		keys                       aws.Keys
		headers                    map[string]string
	}{
		"a JSON service":            {"POST", "https://kinesis.eu-central-1.amazonaws.com/", `{"StreamName":"s"}`, "kinesis", aws.Keys{}, map[string]string{"X-Amz-Target": "Kinesis_20131202.PutRecords", "Content-Type": "application/x-amz-json-1.1"}},
		"temporary keys":            {"POST", "https://sqs.eu-central-1.amazonaws.com", `{}`, "sqs", aws.Keys{Session: "FwoGZXIvYXdzEBY/+="}, nil},
		"a port, blanks in headers": {"POST", "http://127.0.0.1:4566/queue", "x", "sqs", aws.Keys{}, map[string]string{"X-Amz-Target": "  a "}},
		"a path to escape twice":    {"GET", "https://svc.example/a%20b/%C3%A4/c+d", "", "kinesis", aws.Keys{}, nil},
		"an object of S3":           {"PUT", "https://bucket.s3.eu-central-1.amazonaws.com/dt%3D2026-11-29/a%20b%2B%C3%A4%3D.parquet?partNumber=2&uploadId=a%2Fb", "data", "s3", aws.Keys{}, nil},
		"a query to sort":           {"GET", "https://svc.example/?b=2&a=1&a=0&c=&d=%20", "", "svc", aws.Keys{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.keys.ID, c.keys.Secret = "AKIDEXAMPLE", "secret/+key"
			ours, theirs := request(t, c.method, c.url, c.body), request(t, c.method, c.url, c.body)
			for name, value := range c.headers {
				ours.Header.Set(name, value)
				theirs.Header.Set(name, value)
			}
			aws.Sign(ours, []byte(c.body), c.keys, aws.Scope{Region: "eu-central-1", Service: c.service}, signedAt)
			digest := sha256.Sum256([]byte(c.body))
			err := sigv4.New().SignRequest(&sigv4.SignRequestInput{Request: theirs, PayloadHash: digest[:], Service: c.service, Region: "eu-central-1", Time: signedAt,
				Credentials: credentials.Credentials{AccessKeyID: c.keys.ID, SecretAccessKey: c.keys.Secret, SessionToken: c.keys.Session}},
				func(o *v4.SignerOptions) {
					o.HeaderRules = signedHeaders{}
					o.DisableDoublePathEscape, o.AddPayloadHashHeader = c.service == "s3", c.service == "s3"
				})
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"Authorization", "X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Content-Sha256"} {
				if got, want := ours.Header.Get(name), theirs.Header.Get(name); got != want {
					t.Errorf("%s\n got %s\nwant %s", name, got, want)
				}
			}
		})
	}
}

// signedHeaders are the headers that Amazon's documentation says to sign.
type signedHeaders struct{}

func (signedHeaders) IsSigned(name string) bool {
	return name == "host" || name == "content-type" || strings.HasPrefix(name, "x-amz-")
}

// A service checks a signature with the Host header that it got.
func TestThePortThatASchemeImpliesIsNeitherSignedNorSent(t *testing.T) {
	t.Parallel()
	with, without := request(t, "POST", "https://sqs.eu-central-1.amazonaws.com:443/", ""), request(t, "POST", "https://sqs.eu-central-1.amazonaws.com/", "")
	for _, r := range []*http.Request{with, without} {
		aws.Sign(r, nil, aws.Keys{ID: "AKID", Secret: "s"}, aws.Scope{Region: "eu-central-1", Service: "sqs"}, signedAt)
	}
	if a, b := with.Header.Get("Authorization"), without.Header.Get("Authorization"); a != b || with.Host != "sqs.eu-central-1.amazonaws.com" {
		t.Errorf("%s\n%s\n%s", with.Host, a, b)
	}
}

func TestAnythingThatIsSignedChangesTheSignature(t *testing.T) {
	t.Parallel()
	sign := func(change func(r *http.Request), body string, k aws.Keys, s aws.Scope, at time.Time) string {
		r := request(t, "POST", "https://kinesis.eu-central-1.amazonaws.com/?a=1", body)
		r.Header.Set("X-Amz-Target", "target")
		change(r)
		aws.Sign(r, []byte(body), k, s, at)
		_, signature, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
		return signature
	}
	keys, scope := aws.Keys{ID: "AKID", Secret: "s"}, aws.Scope{Region: "eu-central-1", Service: "kinesis"}
	nothing := func(*http.Request) {}
	seen := map[string]string{sign(nothing, "body", keys, scope, signedAt): "the request itself"}
	for name, signature := range map[string]string{
		"the body":    sign(nothing, "other", keys, scope, signedAt),
		"the secret":  sign(nothing, "body", aws.Keys{ID: "AKID", Secret: "t"}, scope, signedAt),
		"the session": sign(nothing, "body", aws.Keys{ID: "AKID", Secret: "s", Session: "x"}, scope, signedAt),
		"the region":  sign(nothing, "body", keys, aws.Scope{Region: "us-east-1", Service: "kinesis"}, signedAt),
		"the service": sign(nothing, "body", keys, aws.Scope{Region: "eu-central-1", Service: "sqs"}, signedAt),
		"the clock":   sign(nothing, "body", keys, scope, signedAt.Add(time.Second)),
		"the host":    sign(func(r *http.Request) { r.Host = "other.example" }, "body", keys, scope, signedAt),
		"the path":    sign(func(r *http.Request) { r.URL.Path = "/other" }, "body", keys, scope, signedAt),
		"the query":   sign(func(r *http.Request) { r.URL.RawQuery = "a=2" }, "body", keys, scope, signedAt),
		"the target":  sign(func(r *http.Request) { r.Header.Set("X-Amz-Target", "elsewhere") }, "body", keys, scope, signedAt),
	} {
		if other, same := seen[signature]; same {
			t.Errorf("%s makes no difference to %s", name, other)
		}
		seen[signature] = name
	}
}

func request(t *testing.T, method, url, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}
