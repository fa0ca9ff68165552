package files

import (
	"bytes"
	"cmp"
	"context"
	"crypto/md5" //nolint:gosec // the protocol's checksum, beside the signed SHA-256
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"headgate/destinations"
	"headgate/destinations/aws"
	"headgate/destinations/egress"
	"headgate/document"
)

// bucket is object storage that speaks S3's protocol. An object appears when all of it has arrived, and replaces one of its name:
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
type bucket struct {
	scheme       string // of addresses that loaders read: s3 or gs
	name, prefix string
	base         url.URL // the bucket's own
	region       string
	storageClass string
	encryption   string
	kmsKey       string
	client       *http.Client
	credentials  *aws.Credentials
	now          func() time.Time
}

// slowly is how long storing a file may take where the entry says nothing else.
const slowly = time.Minute

var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$`)

// openBucket reads the settings of object storage; rest is what stands behind the scheme in `to`.
func openBucket(o destinations.DriverOptions, scheme, rest string) (store, document.Mistakes) {
	var ms document.Mistakes
	set := o.Settings
	b := &bucket{scheme: scheme, region: set.Text("region"), storageClass: set.Text("storage_class"), encryption: set.Text("encryption"), kmsKey: set.Text("kms_key"), now: o.Now}
	b.name, b.prefix, _ = strings.Cut(rest, "/")
	b.prefix = strings.Trim(b.prefix, "/")
	if !bucketName.MatchString(b.name) {
		ms.Add(set.Place("to"), "to: expected the name of a bucket behind "+scheme+"://", "write "+scheme+"://my-bucket/events")
	}
	keys := aws.Keys{ID: set.Text("access_key_id"), Secret: set.Text("secret_access_key")}
	if (keys.ID == "") != (keys.Secret == "") {
		ms.Add(set.Place("access_key_id"), "one of access_key_id and secret_access_key is missing", "fill in both, or neither where they are found in the environment, a file or a role")
	}
	endpoint := set.Text("endpoint")
	switch {
	case scheme == "gs" && keys.ID == "":
		ms.Add(set.Place("to"), "to: gs:// needs access_key_id and secret_access_key", "make an HMAC key of a service account in the bucket's settings, Interoperability")
	case scheme == "gs" && endpoint == "":
		endpoint = "https://storage.googleapis.com"
	}
	if b.region == "" && endpoint != "" {
		b.region = "auto"
	}
	if b.region == "" {
		ms.Add(set.Place("to"), "to: Amazon S3 needs the region of the bucket", "write region: eu-central-1")
	}
	if b.kmsKey != "" && b.encryption != "aws:kms" {
		ms.Add(set.Place("kms_key"), "kms_key without encryption: aws:kms", "write encryption: aws:kms")
	}
	base, err := addressOf(b, endpoint)
	if err != nil {
		ms.Add(set.Place("endpoint"), "endpoint: it is not an address", "write it with https:// and a host")
	}
	if len(ms) > 0 {
		return nil, ms
	}
	b.base = *base
	hosts := []string{base.Hostname()}
	if tokens, err := url.Parse(aws.NewCredentials(aws.Options{Region: b.region}).TokenService()); err == nil && keys.ID == "" {
		hosts = append(hosts, tokens.Hostname())
	}
	b.client = &http.Client{Timeout: cmp.Or(o.Written.Timeout.Std(), slowly),
		Transport:     &http.Transport{MaxIdleConnsPerHost: 4, IdleConnTimeout: 90 * time.Second, DialContext: o.Reach(hosts...)},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	b.credentials = aws.NewCredentials(aws.Options{Keys: keys, Region: b.region, Client: b.client, Now: o.Now})
	return b, nil
}

// addressOf is where the bucket's objects are: below a host of its own at Amazon, otherwise below a path. A name with dots does not fit
// Amazon's certificates.
func addressOf(b *bucket, endpoint string) (*url.URL, error) {
	switch {
	case endpoint != "":
		u, err := url.Parse(strings.TrimSuffix(endpoint, "/"))
		if err != nil || u.Hostname() == "" {
			return nil, fmt.Errorf("parse %q", endpoint)
		}
		return u.JoinPath(b.name), nil
	case strings.Contains(b.name, "."):
		return &url.URL{Scheme: "https", Host: aws.Host("s3", b.region), Path: "/" + b.name}, nil
	}
	return &url.URL{Scheme: "https", Host: b.name + "." + aws.Host("s3", b.region), Path: "/"}, nil
}

func (b *bucket) key(key string) string { return join(b.prefix, key) }

func (b *bucket) address(key string) string { return b.scheme + "://" + b.name + "/" + b.key(key) }

// refusal is an answer that is not 2xx.
type refusal struct {
	Status  int    `xml:"-"`
	Code    string `xml:"Code"`
	Message string `xml:"Message"`
	Region  string `xml:"Region"`
}

func (r *refusal) Error() string {
	said := fmt.Sprintf("the storage answered %d", r.Status)
	if r.Code != "" {
		said += " " + r.Code
	}
	if r.Message != "" {
		said += ": " + r.Message
	}
	switch {
	case r.Code == "RequestTimeTooSkewed":
		said += "; set this machine's clock"
	case r.Region != "":
		said += "; the bucket is in the region " + r.Region
	}
	return said
}

// call is one request to the storage.
type call struct {
	method, key string // key "": the bucket itself
	query       url.Values
	contentType string
	body        []byte
	creates     bool // an object, which gets the settings
}

// reply is an answer that is 2xx.
type reply struct {
	body []byte
	etag string
}

func (b *bucket) get(ctx context.Context, key string) ([]byte, error) {
	a, err := b.do(ctx, call{method: http.MethodGet, key: b.key(key)})
	return a.body, err
}

// list asks page by page: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
func (b *bucket) list(ctx context.Context) (keys []string, err error) {
	below := b.prefix
	if below != "" {
		below += "/"
	}
	for token := ""; ; {
		q := url.Values{"list-type": {"2"}, "prefix": {below}}
		if token != "" {
			q.Set("continuation-token", token)
		}
		said, err := b.do(ctx, call{method: http.MethodGet, query: q})
		if err != nil {
			return nil, err
		}
		var page struct {
			Contents []struct {
				Key string `xml:"Key"`
			} `xml:"Contents"`
			Next string `xml:"NextContinuationToken"`
		}
		if err := xml.Unmarshal(said.body, &page); err != nil {
			return nil, fmt.Errorf("the storage's list is not understood: %w", err)
		}
		for _, one := range page.Contents {
			keys = append(keys, strings.TrimPrefix(one.Key, below))
		}
		if token = page.Next; token == "" {
			return keys, nil
		}
	}
}

// do makes a request, and once more with other credentials when those at hand have expired.
func (b *bucket) do(ctx context.Context, c call) (reply, error) {
	said, err := b.try(ctx, c)
	var r *refusal
	if errors.As(err, &r) && (r.Code == "ExpiredToken" || r.Code == "ExpiredTokenException") {
		b.credentials.Forget(b.credentials.InUse())
		said, err = b.try(ctx, c)
	}
	return said, err
}

func (b *bucket) try(ctx context.Context, c call) (reply, error) {
	keys, err := b.credentials.Keys(ctx)
	if err != nil {
		return reply{}, err
	}
	r, err := b.request(ctx, c)
	if err != nil {
		return reply{}, err
	}
	aws.Sign(r, c.body, keys, aws.Scope{Region: b.region, Service: "s3"}, b.now())
	answer, err := b.client.Do(r)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = answer.Body.Close() }() // what follows is not needed
	if answer.StatusCode/100 == 2 {
		body, err := io.ReadAll(answer.Body)
		return reply{body, answer.Header.Get("ETag")}, err
	}
	said, err := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	if err != nil {
		return reply{}, err
	}
	out := &refusal{}
	_ = xml.Unmarshal(said, out) // an answer of something in between is told by its status
	out.Status = answer.StatusCode
	return reply{}, out
}

func (b *bucket) request(ctx context.Context, c call) (*http.Request, error) {
	to := b.base
	to.Path = strings.TrimSuffix(to.Path, "/") + "/" + c.key
	to.RawPath = escaped(to.Path)
	to.RawQuery = c.query.Encode()
	r, err := http.NewRequestWithContext(ctx, c.method, to.String(), bytes.NewReader(c.body))
	if err != nil {
		return nil, err
	}
	set := func(name, value string) {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	if c.method == http.MethodPut {
		sum := md5.Sum(c.body)                                        //nolint:gosec // see the import
		set("Content-MD5", base64.StdEncoding.EncodeToString(sum[:])) // buckets with Object Lock ask for it
	}
	if !c.creates {
		return r, nil
	}
	set("Content-Type", c.contentType)
	set("X-Amz-Storage-Class", b.storageClass)
	if b.encryption != "none" {
		set("X-Amz-Server-Side-Encryption", b.encryption)
		set("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", b.kmsKey)
	}
	return r, nil
}

// escaped is a path as it is signed and sent: everything but the unreserved characters of RFC 3986 is escaped, also where an address
// could have it as it is. Storage that does not write the path anew to check the signature takes it, too.
func escaped(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		segments[i] = strings.NewReplacer("=", "%3D", "+", "%2B", "&", "%26", "$", "%24", ":", "%3A", "@", "%40").Replace(url.PathEscape(s))
	}
	return strings.Join(segments, "/")
}

// blame judges an error: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
func (*bucket) blame(err error) destinations.Kind {
	var refused *aws.Refused
	var forbidden *egress.Forbidden
	if errors.As(err, &refused) || errors.As(err, &forbidden) {
		return destinations.Halt
	}
	var r *refusal
	if !errors.As(err, &r) {
		return destinations.Retry
	}
	switch {
	case r.Code == "SlowDown" || r.Code == "RequestTimeout" || r.Code == "OperationAborted" || r.Code == "InternalError":
		return destinations.Retry
	case r.Status == http.StatusRequestTimeout || r.Status == http.StatusConflict || r.Status == http.StatusTooManyRequests || r.Status >= 500:
		return destinations.Retry
	}
	return destinations.Halt // access, bucket, region, signature, key: 3xx and 4xx are our settings'
}

func (b *bucket) close() { b.client.CloseIdleConnections() }
