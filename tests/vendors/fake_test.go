package vendors_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// vendor is what one vendor documents: what it takes, and how it answers. It is written from the vendor's documentation
// and knows nothing of the catalogue's file.
type vendor struct {
	name     string // of the destination
	use      string // in the catalogue, where it is not the name
	settings string // of the destination; %URL% is the fake's address
	needs    string // consent without which it gets nothing
	takes    string // names of our events that it knows, "*" for all
	lacks    string // samples that do not tell it whose they are

	read   func(r *received) []row                         // judges a request; every fault is a failure of the test
	taken  func(rows []row) answer                         // all rows are good
	refuse func(r *received, rows []row, bad []int) answer // nil: it never says that an event is bad
	why    string                                          // words of that, as a dead letter must have kept them
	parts  bool                                            // it keeps the good rows of a request with bad ones

	throttled answer
	broken    answer
	expired   answer // zero: it never says so
	oauth     *grant // nil: its credentials are in the settings
}

// row is one event in a request.
type row struct {
	id    string // ours; "" where the row carries none
	value any
}

type answer struct {
	status  int
	headers map[string]string
	body    string
	words   string // of the body, as the destination's status must show them
}

// mode is how a fake feels.
type mode int

const (
	well mode = iota
	throttled
	broken
	expired
)

// fake is a vendor that runs.
type fake struct {
	*httptest.Server
	vendor *vendor

	mu     sync.Mutex
	mode   mode
	faults []string
	took   map[string]int       // our id: how often it was taken
	away   map[string]time.Time // when ids may come again that were turned away since the mode changed
	wire   []string             // all that came, decoded
	tokens int                  // access tokens given out; the last one is good
	stale  bool                 // the last one is not
}

func newFake(t *testing.T, v *vendor) *fake {
	f := &fake{vendor: v, took: map[string]int{}, away: map[string]time.Time{}}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

// ServeHTTP takes a request only when nothing is wrong with it.
func (f *fake) ServeHTTP(w http.ResponseWriter, h *http.Request) {
	r, err := receive(h)
	if err != nil {
		return // the sender was killed in the middle: nothing came
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.wire = append(f.wire, r.wire())
	if grant := f.vendor.oauth; grant != nil && r.URL.Path == grant.path {
		f.answer(w, r, f.grant(r, grant))
		return
	}
	if f.vendor.oauth != nil && f.stale && r.Header.Get("Authorization") == "Bearer "+f.token() {
		f.answer(w, r, f.vendor.expired)
		return
	}
	r.token = f.token()
	var a answer
	if rows := f.vendor.read(r); len(r.faults) == 0 {
		a = f.judge(r, rows)
	}
	f.answer(w, r, a)
}

// answer sends an answer, unless something is wrong with the request: that is refused whatever the answer is.
func (f *fake) answer(w http.ResponseWriter, r *received, a answer) {
	if len(r.faults) > 0 {
		f.faults = append(f.faults, fmt.Sprintf("%s %s\n\t%s\n%.3000s", r.Method, r.URL, strings.Join(r.faults, "\n\t"), r.body))
		a = answer{status: http.StatusBadRequest, body: `{"message":"this fake is strict"}`}
	}
	for name, value := range a.headers {
		w.Header().Set(name, value)
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

func (f *fake) judge(r *received, rows []row) answer {
	now := time.Now()
	for _, row := range rows {
		if early := f.away[row.id].Sub(now); early > 0 {
			r.fault("%s comes %s before Retry-After allows", row.id, early)
		}
	}
	ills := map[mode]answer{throttled: f.vendor.throttled, broken: f.vendor.broken, expired: f.vendor.expired}
	if a := ills[f.mode]; a.status != 0 {
		wait, _ := strconv.Atoi(a.headers["Retry-After"]) // 0 when it does not say
		for _, row := range rows {
			f.away[row.id] = now.Add(time.Duration(wait) * time.Second)
		}
		return a
	}
	var bad []int
	for i, row := range rows {
		if strings.HasPrefix(row.id, "refused-") {
			bad = append(bad, i)
		}
	}
	if f.vendor.refuse == nil {
		bad = nil
	}
	for i, row := range rows {
		if len(bad) == 0 || f.vendor.parts && !slices.Contains(bad, i) {
			f.took[row.id]++
		}
	}
	if len(bad) > 0 {
		return f.vendor.refuse(r, rows, bad)
	}
	return f.vendor.taken(rows)
}

// feel changes the mode. A vendor with OAuth whose credentials are withdrawn takes its last access token for expired, too.
func (f *fake) feel(m mode) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.mode = m
	if m != well {
		f.away = map[string]time.Time{}
	}
	f.stale = f.stale || m == expired
}

// expire ends the life of the access token that was given out last, while the credentials for a new one stay good.
func (f *fake) expire() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stale = true
}

// turnedAway reports whether all of these events, as far as the vendor can tell them, met its mode.
func (f *fake) turnedAway(ids []string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range ids {
		if _, there := f.away[id]; !there {
			return false
		}
	}
	return true
}

// times is how often an event was taken.
func (f *fake) times(id string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.took[id]
}

// granted is how many access tokens were given out.
func (f *fake) granted() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.tokens
}

// found are the faults since the last call.
func (f *fake) found() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	faults := f.faults
	f.faults = nil
	return faults
}

// received is a request as it arrived.
type received struct {
	*http.Request
	body   []byte // decompressed
	token  string // the access token that is good, of vendors with OAuth
	faults []string
}

func receive(h *http.Request) (*received, error) {
	body, err := io.ReadAll(h.Body)
	if err != nil {
		return nil, err
	}
	r := &received{Request: h, body: body}
	if h.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		r.body, err = io.ReadAll(z)
		return r, err
	}
	return r, nil
}

// wire is all that a vendor sees of a request.
func (r *received) wire() string {
	var b strings.Builder
	fmt.Fprintln(&b, r.Method, r.URL)
	_ = r.Header.Write(&b)
	b.Write(r.body)
	return b.String()
}

func (r *received) fault(form string, args ...any) {
	r.faults = append(r.faults, fmt.Sprintf(form, args...))
}

// address judges method, path and query, all of it.
func (r *received) address(method, path string, query url.Values) {
	if r.Method != method || r.URL.EscapedPath() != path {
		r.fault("%s %s is not %s %s", r.Method, r.URL.EscapedPath(), method, path)
	}
	if got := r.URL.Query().Encode(); got != query.Encode() {
		r.fault("the query is %q, not %q", got, query.Encode())
	}
}

// header judges one header.
func (r *received) header(name, want string) {
	if got := r.Header.Values(name); len(got) != 1 || got[0] != want {
		r.fault("the header %s is %q, not %q", name, got, want)
	}
}

func (r *received) bearer(token string) { r.header("Authorization", "Bearer "+token) }

func (r *received) basic(user, password string) {
	r.header("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user+":"+password)))
}

// json judges type, length and content of a JSON body and returns it.
func (r *received) json(most int, s shape) any {
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if kind != "application/vnd.api+json" {
		kind = "application/json"
	}
	return r.jsonAs(kind, most, s)
}

// jsonAs is json where the vendor has a name of its own for it.
func (r *received) jsonAs(kind string, most int, s shape) any {
	if got, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); got != kind {
		r.fault("the body is said to be %q", got)
	}
	if len(r.body) > most {
		r.fault("the body has %d bytes, of at most %d", len(r.body), most)
	}
	v, err := parseJSON(r.body)
	if err != nil {
		r.fault("the body is not JSON: %v", err)
		return nil
	}
	r.faults = append(r.faults, s("body", v)...)
	return v
}

// rows are the members of a list, with our id at a path of keys in each.
func rows(l []any, id ...string) []row {
	out := make([]row, len(l))
	for i, v := range l {
		out[i] = row{id: textWithin(v, id...), value: v}
	}
	return out
}

// grant is an OAuth 2 endpoint that gives access tokens for a refresh token, or for the assertion of the service account.
type grant struct {
	path                  string
	client, secret, token string
	scope                 string // of the service account; "" for a refresh token
}

// token is the access token given out last.
func (f *fake) token() string { return fmt.Sprintf("access-%d", f.tokens) }

// grant gives out an access token: https://www.rfc-editor.org/rfc/rfc6749#section-6
func (f *fake) grant(r *received, g *grant) answer {
	r.address("POST", g.path, nil)
	r.header("Content-Type", "application/x-www-form-urlencoded")
	form, err := url.ParseQuery(string(r.body))
	if err != nil {
		r.fault("no form: %v", err)
	}
	if g.scope != "" {
		r.assertion(form, g.scope)
	}
	want := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {g.token}, "client_id": {g.client}, "client_secret": {g.secret}}
	if g.scope == "" && form.Encode() != want.Encode() {
		r.fault("the form is %q, not %q", form.Encode(), want.Encode())
	}
	if f.mode == expired {
		return answer{status: 400, headers: map[string]string{"Content-Type": "application/json"},
			body: `{"error":"invalid_grant","error_description":"Token has been expired or revoked."}`}
	}
	f.tokens, f.stale = f.tokens+1, false
	return answer{status: 200, headers: map[string]string{"Content-Type": "application/json"},
		body: fmt.Sprintf(`{"access_token":%q,"expires_in":3599,"token_type":"Bearer"}`, f.token())}
}

func TestAFakeTakesNothingFromStrangers(t *testing.T) {
	t.Parallel()
	for _, v := range vendors() {
		f := newFake(t, v)
		resp, err := http.Post(f.URL+"/?key=wrong", "text/plain", strings.NewReader(`{"data":[{}]}`))
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		// Method, path, credentials, type and content are all wrong.
		if faults := strings.Join(f.found(), ""); resp.StatusCode != http.StatusBadRequest || strings.Count(faults, "\n\t") < 3 {
			t.Errorf("%s answered %d and found: %s", v.name, resp.StatusCode, faults)
		}
	}
}

func TestASignatureOfAnotherSecretIsAFault(t *testing.T) {
	t.Parallel()
	r := &received{Request: httptest.NewRequest("POST", "http://127.0.0.1:80/12/measurement/conversions/o8z6j", nil)}
	r.Header.Set("Authorization", fmt.Sprintf(`OAuth oauth_consumer_key="k", oauth_nonce="0123456789", oauth_signature="c2lnbmF0dXJl", oauth_signature_method="HMAC-SHA1", oauth_timestamp="%d", oauth_token="t", oauth_version="1.0"`, time.Now().Unix()))
	signedForX(r, "k", "secret", "t", "other secret")
	if faults := strings.Join(r.faults, "; "); len(r.faults) != 1 || !strings.HasPrefix(faults, `the signature is "c2lnbmF0dXJl", not`) {
		t.Errorf("faults: %s", faults)
	}
}
