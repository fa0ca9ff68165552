package aws_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"headgate/destinations/aws"
)

// machine is where credentials are looked for in a test: an environment, files, and one server for all addresses.
type machine struct {
	t       *testing.T
	env     map[string]string
	files   map[string]string
	now     time.Time
	asked   atomic.Int64
	handler http.HandlerFunc
}

// here sends every request to one server, whatever its address says, and keeps the address in Host.
type here struct{ server *httptest.Server }

func (h here) RoundTrip(r *http.Request) (*http.Response, error) {
	at, err := url.Parse(h.server.URL)
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.Host, r.URL.Host, r.URL.Scheme = r.URL.Host, at.Host, "http"
	return http.DefaultTransport.RoundTrip(r)
}

func (m *machine) credentials(keys aws.Keys) *aws.Credentials {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.asked.Add(1)
		m.handler(w, r)
	}))
	m.t.Cleanup(server.Close)
	client := &http.Client{Transport: here{server}}
	if m.now.IsZero() {
		m.now = signedAt
	}
	return aws.NewCredentials(aws.Options{Keys: keys, Region: "eu-central-1", Client: client, Metadata: client,
		Lookup: func(name string) (string, bool) { v, ok := m.env[name]; return v, ok },
		ReadFile: func(name string) ([]byte, error) {
			text, ok := m.files[name]
			if !ok {
				return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
			}
			return []byte(text), nil
		},
		Now: func() time.Time { return m.now }})
}

func nobody(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }

func TestCredentialsAreFoundWhereProgramsFindThem(t *testing.T) {
	t.Parallel()
	const answer = `{"Code":"Success","AccessKeyId":"ASIA1","SecretAccessKey":"s1","Token":"t1","Expiration":"2015-08-30T18:36:00Z"}`
	temporary := aws.Keys{ID: "ASIA1", Secret: "s1", Session: "t1", Expires: signedAt.Add(6 * time.Hour)}
	for name, c := range map[string]struct {
		keys    aws.Keys
		env     map[string]string
		files   map[string]string
		handler http.HandlerFunc
		want    aws.Keys
	}{
		"settings before all others": {keys: aws.Keys{ID: "AKIA0", Secret: "s0"}, env: map[string]string{"AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": "s1"}, want: aws.Keys{ID: "AKIA0", Secret: "s0"}},
		"environment":                {env: map[string]string{"AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": "s1", "AWS_SESSION_TOKEN": "t1"}, want: aws.Keys{ID: "AKIA1", Secret: "s1", Session: "t1"}},
		"the file at home": {env: map[string]string{"HOME": "/home/hg"}, files: map[string]string{"/home/hg/.aws/credentials": "# mine\n[other]\naws_access_key_id=AKIA9\n[default]\naws_access_key_id = AKIA2\naws_secret_access_key=s2=\n"},
			want: aws.Keys{ID: "AKIA2", Secret: "s2="}},
		"a named profile of a named file": {env: map[string]string{"AWS_SHARED_CREDENTIALS_FILE": "/etc/aws", "AWS_PROFILE": "shop"},
			files: map[string]string{"/etc/aws": "[default]\naws_access_key_id=AKIA9\naws_secret_access_key=s9\n\n[shop]\nAWS_ACCESS_KEY_ID=AKIA3\naws_secret_access_key=s3\naws_session_token=t3"}, want: aws.Keys{ID: "AKIA3", Secret: "s3", Session: "t3"}},
		"the agent of ECS": {env: map[string]string{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/1"}, handler: func(w http.ResponseWriter, r *http.Request) {
			if r.Host == "169.254.170.2" && r.URL.Path == "/v2/credentials/1" {
				fmt.Fprint(w, strings.Replace(answer, `"Code":"Success",`, "", 1))
			}
		}, want: temporary},
		"the agent of EKS": {env: map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/token"}, files: map[string]string{"/token": "pod\n"},
			handler: func(w http.ResponseWriter, r *http.Request) {
				if r.Host == "169.254.170.23" && r.Header.Get("Authorization") == "pod" {
					fmt.Fprint(w, answer)
				}
			}, want: temporary},
		"the role of an instance": {handler: func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.Host != "169.254.169.254":
			case r.Method == "PUT" && r.URL.Path == "/latest/api/token" && r.Header.Get("X-Aws-Ec2-Metadata-Token-Ttl-Seconds") == "21600":
				fmt.Fprint(w, "session")
			case r.Header.Get("X-Aws-Ec2-Metadata-Token") != "session":
				w.WriteHeader(http.StatusUnauthorized)
			case r.URL.Path == "/latest/meta-data/iam/security-credentials/":
				fmt.Fprint(w, "shop-role")
			case r.URL.Path == "/latest/meta-data/iam/security-credentials/shop-role":
				fmt.Fprint(w, answer)
			}
		}, want: temporary},
		"a web identity": {env: map[string]string{"AWS_WEB_IDENTITY_TOKEN_FILE": "/token", "AWS_ROLE_ARN": "arn:aws:iam::1:role/shop"}, files: map[string]string{"/token": "jwt\n"}, handler: func(w http.ResponseWriter, r *http.Request) {
			if r.Host != "sts.eu-central-1.amazonaws.com" || r.FormValue("Action") != "AssumeRoleWithWebIdentity" || r.FormValue("Version") != "2011-06-15" || r.FormValue("WebIdentityToken") != "jwt" ||
				r.FormValue("RoleArn") != "arn:aws:iam::1:role/shop" || r.FormValue("RoleSessionName") != "headgate" || r.Header.Get("Authorization") != "" {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			fmt.Fprint(w, `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials>
				<SessionToken>t1</SessionToken><SecretAccessKey>s1</SecretAccessKey><Expiration>2015-08-30T18:36:00Z</Expiration><AccessKeyId>ASIA1</AccessKeyId>
				</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`)
		}, want: temporary},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &machine{t: t, env: c.env, files: c.files, handler: c.handler}
			if m.handler == nil {
				m.handler = nobody
			}
			got, err := m.credentials(c.keys).Keys(t.Context())
			if err != nil || got != c.want {
				t.Errorf("%+v %v, want %+v", got, err, c.want)
			}
		})
	}
}

func TestWhatAPersonMustPutRightIsRefusedAndTheRestIsTriedAgain(t *testing.T) {
	t.Parallel()
	identity := map[string]string{"AWS_WEB_IDENTITY_TOKEN_FILE": "/token", "AWS_ROLE_ARN": "arn:aws:iam::1:role/shop"}
	says := func(status int, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); fmt.Fprint(w, text) }
	}
	for name, c := range map[string]struct {
		env     map[string]string
		handler http.HandlerFunc
		words   string
		refused bool
	}{
		"nothing anywhere":      {nil, nobody, "no AWS credentials: neither in the settings", true},
		"metadata switched off": {map[string]string{"AWS_EC2_METADATA_DISABLED": "true"}, nobody, "no AWS credentials", true},
		"half of a pair":        {map[string]string{"AWS_ACCESS_KEY_ID": "AKIA1"}, nobody, "AWS_SECRET_ACCESS_KEY is not", true},
		"a profile that is not": {map[string]string{"AWS_PROFILE": "shop", "HOME": "/root"}, nobody, "credentials file cannot be read", true},
		"no token file":         {map[string]string{"AWS_WEB_IDENTITY_TOKEN_FILE": "/gone"}, nobody, "token cannot be read", true},
		"an agent elsewhere":    {map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://agent.example/"}, nobody, "neither https nor an address of this machine", true},
		"a container's no":      {map[string]string{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"}, says(403, ""), "refused: status 403", true},
		"a container's trouble": {map[string]string{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"}, says(503, ""), "status 503", false},
		"a garbled answer":      {map[string]string{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"}, says(200, "<html>"), "not JSON", false},
		"a role that is denied": {identity, says(403, `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>Not authorized</Message></Error></ErrorResponse>`), "AccessDenied Not authorized", true},
		"a throttled service":   {identity, says(400, `<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>`), "Throttling", false},
		"a failing service":     {identity, says(500, ``), "status 500", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &machine{t: t, env: c.env, files: map[string]string{"/token": "jwt-of-the-pod"}, handler: c.handler}
			_, err := m.credentials(aws.Keys{}).Keys(t.Context())
			var refused *aws.Refused
			if err == nil || !strings.Contains(err.Error(), c.words) || errors.As(err, &refused) != c.refused || strings.Contains(err.Error(), "jwt-of-the-pod") {
				t.Errorf("%v; refused %v, want %q, %v", err, errors.As(err, &refused), c.words, c.refused)
			}
		})
	}
}

// agent gives keys that expire after an hour, each with a number.
func agent(t *testing.T) (*machine, *atomic.Bool) {
	failing := &atomic.Bool{}
	m := &machine{t: t, env: map[string]string{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"}, now: signedAt}
	m.handler = func(w http.ResponseWriter, _ *http.Request) {
		if failing.Load() {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		fmt.Fprintf(w, `{"AccessKeyId":"ASIA%d","SecretAccessKey":"s","Token":"t","Expiration":%q}`, m.asked.Load(), m.now.Add(time.Hour).Format(time.RFC3339))
	}
	return m, failing
}

func TestKeysAreRenewedBeforeTheyExpire(t *testing.T) {
	t.Parallel()
	m, failing := agent(t)
	c := m.credentials(aws.Keys{})
	expect := func(want string) aws.Keys {
		t.Helper()
		k, err := c.Keys(t.Context())
		if err != nil || k.ID != want {
			t.Errorf("%s %v, want %s", k.ID, err, want)
		}
		return k
	}
	expect("ASIA1")
	m.now = m.now.Add(54 * time.Minute)
	expect("ASIA1")
	m.now = m.now.Add(2 * time.Minute)
	expect("ASIA2")
	failing.Store(true)
	m.now = m.now.Add(58 * time.Minute)
	expect("ASIA2") // still good for two minutes
	m.now = m.now.Add(3 * time.Minute)
	var refused *aws.Refused
	if _, err := c.Keys(t.Context()); err == nil || errors.As(err, &refused) {
		t.Errorf("expired keys: %v", err)
	}
	failing.Store(false)
	used := expect("ASIA5")
	c.Forget(used)
	c.Forget(used)
	if renewed := expect("ASIA6"); c.InUse() != renewed {
		t.Error("the keys in use are not those that were given last")
	}
	c.Forget(used) // of one that was slow
	expect("ASIA6")
}

func TestManyWhoNeedKeysAskOnce(t *testing.T) {
	t.Parallel()
	m, _ := agent(t)
	c := m.credentials(aws.Keys{})
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if k, err := c.Keys(t.Context()); err != nil || k.ID != "ASIA1" {
				t.Errorf("%s %v", k.ID, err)
			}
		})
	}
	all.Wait()
	if n := m.asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestACancelledSearchIsNotARefusal(t *testing.T) {
	t.Parallel()
	m := &machine{t: t, handler: nobody}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.credentials(aws.Keys{}).Keys(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
