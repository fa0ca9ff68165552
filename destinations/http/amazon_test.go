package http_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"headgate/destinations"
)

// amazonian answers as the Security Token Service and as Kinesis, whose keys it gives out; those before the last have expired.
type amazonian struct {
	mu     sync.Mutex
	given  int
	denied bool
	echoes bool // Kinesis refuses the signature, in words that hold the keys
	puts   []http.Header
}

func (a *amazonian) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if r.Header.Get("X-Amz-Target") == "" {
		if a.denied {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `<ErrorResponse><Error><Code>AccessDenied</Code><Message>Not authorized to perform sts:AssumeRoleWithWebIdentity</Message></Error></ErrorResponse>`)
			return
		}
		a.given++
		fmt.Fprintf(w, `<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIA%d</AccessKeyId><SecretAccessKey>secret-of-the-role</SecretAccessKey>`+
			`<SessionToken>session-%d</SessionToken><Expiration>2027-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`, a.given, a.given)
		return
	}
	if a.echoes {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"__type":"InvalidSignatureException","message":"%s with secret-of-the-role is wrong"}`, r.Header.Get("X-Amz-Security-Token"))
		return
	}
	a.puts = append(a.puts, r.Header.Clone())
	if session := r.Header.Get("X-Amz-Security-Token"); session != fmt.Sprintf("session-%d", a.given) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"__type":"ExpiredTokenException","message":"%s is expired"}`, session)
		return
	}
	fmt.Fprint(w, `{"FailedRecordCount":0}`)
}

// kinesisOf opens kinesis at a server, with a web identity in the environment.
func kinesisOf(t *testing.T, service *amazonian) *opening {
	server := httptest.NewServer(service)
	t.Cleanup(server.Close)
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("jwt"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"AWS_ACCESS_KEY_ID": "", "AWS_WEB_IDENTITY_TOKEN_FILE": token, "AWS_ROLE_ARN": "arn:aws:iam::1:role/shop", "AWS_ENDPOINT_URL_STS": server.URL} {
		t.Setenv(name, value)
	}
	return opened(t, "kinesis", fmt.Sprintf(`settings: {stream: shop, region: eu-central-1, endpoint: %q}`, server.URL), loopback)
}

func TestKeysOfARoleAreFetchedOnceAndAgainWhenTheyExpire(t *testing.T) {
	service := &amazonian{}
	d := kinesisOf(t, service)
	deliver := func(want string) {
		t.Helper()
		if got := kinds(d.Deliver(t.Context(), batchOf(t, 2, "page_view"))); got != want {
			t.Fatal(got)
		}
	}
	deliver("delivered delivered")
	deliver("delivered delivered")
	if service.given != 1 || !strings.Contains(service.puts[1].Get("Authorization"), "Credential=ASIA1/20261102/eu-central-1/kinesis/aws4_request") {
		t.Fatalf("%d keys, %v", service.given, service.puts)
	}
	service.given = 5 // the first have expired before their time
	deliver("delivered delivered")
	if service.given != 6 || len(service.puts) != 4 {
		t.Fatalf("%d keys, %d requests", service.given, len(service.puts))
	}
}

func TestARoleThatIsDeniedStopsTheDestination(t *testing.T) {
	service := &amazonian{denied: true}
	d := kinesisOf(t, service)
	v := d.Deliver(t.Context(), batchOf(t, 1, "page_view"))[0]
	if v.Kind != destinations.Halt || v.Why != "the web identity may not take its role: status 403 AccessDenied Not authorized to perform sts:AssumeRoleWithWebIdentity" {
		t.Errorf("%s %q", v.Kind, v.Why)
	}
}

func TestKeysOfARoleDoNotShow(t *testing.T) {
	service := &amazonian{echoes: true}
	v := kinesisOf(t, service).Deliver(t.Context(), batchOf(t, 1, "page_view"))[0]
	if v.Kind != destinations.Halt || v.Why != "InvalidSignatureException: *** with *** is wrong" {
		t.Errorf("%s %q", v.Kind, v.Why)
	}
}

func TestHalfAKeyHalts(t *testing.T) {
	d := opened(t, "kinesis", `settings: {stream: shop, region: eu-central-1, secret_access_key: hidden-secret}`, nil)
	if v := d.Deliver(t.Context(), batchOf(t, 1, "page_view"))[0]; v.Kind != destinations.Halt || !strings.Contains(v.Why, "have only one: fill in both") {
		t.Errorf("%s %q", v.Kind, v.Why)
	}
}

func TestARecordThatIsTooLongIsRejectedAlone(t *testing.T) {
	d := opened(t, "kinesis", `settings: {stream: shop, region: eu-central-1, access_key_id: AKIA, secret_access_key: secret}`,
		with(vendor(func(r *http.Request, body string) (int, string) {
			if len(body) > 5<<20 || strings.Count(body, `"Data"`) > 500 {
				return 413, ""
			}
			return 200, `{"FailedRecordCount":0}`
		})))
	batch := batchOf(t, 3, "page_view")
	batch[1].Event.Page.Title = strings.Repeat("ä", 600_000)
	verdicts := d.Deliver(t.Context(), batch)
	if kinds(verdicts) != "delivered reject delivered" || verdicts[1].Why != "it is longer than a record of the stream may be" {
		t.Errorf("%s %q", kinds(verdicts), verdicts[1].Why)
	}
}
