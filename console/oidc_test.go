package console_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"headgate/config"
	"headgate/console"
	"headgate/document"
)

// directory is what a provider knows of people: with their groups, said in the ID token or by the userinfo endpoint only.
type directory struct {
	*storage.Storage
	groups  map[string]any // by the subject
	inToken bool
}

func (d *directory) GetClientByClientID(ctx context.Context, id string) (op.Client, error) {
	c, err := d.Storage.GetClientByClientID(ctx, id)
	return saying{c, d.inToken}, err
}

func (d *directory) SetUserinfoFromRequest(ctx context.Context, info *oidc.UserInfo, token op.IDTokenRequest, scopes []string) error {
	err := d.Storage.SetUserinfoFromRequest(ctx, info, token, scopes)
	info.AppendClaims("groups", d.groups[token.GetSubject()])
	return err
}

func (d *directory) SetUserinfoFromToken(ctx context.Context, info *oidc.UserInfo, token, subject, origin string) error {
	err := d.Storage.SetUserinfoFromToken(ctx, info, token, subject, origin)
	info.AppendClaims("groups", d.groups[subject])
	return err
}

// saying is a client to which the provider says more or less in the ID token.
type saying struct {
	op.Client
	all bool
}

func (s saying) IDTokenUserinfoClaimsAssertion() bool { return s.all }

// withProvider starts an admin side that lets people sign in by an OpenID provider, and the provider.
func withProvider(t *testing.T, d *directory) (m *memory, b *book, side *httptest.Server) {
	t.Helper()
	m, b = newMemory(), new(book)
	var h http.Handler
	side = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, r) }))
	t.Cleanup(side.Close)
	var provider http.Handler
	issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { provider.ServeHTTP(w, r) }))
	t.Cleanup(issuer.Close)
	client := storage.WebClient("headgate", "s3cret", side.URL+"/api/sign-in/oidc/done")
	d.Storage = storage.NewStorageWithClients(storage.NewUserStore(issuer.URL), map[string]*storage.Client{"headgate": client})
	provider = exampleop.SetupServer(issuer.URL, d, nil, false)
	m.admin.OIDC = &config.OIDC{Issuer: document.Words{Value: issuer.URL}, ClientID: document.Words{Value: "headgate"}, ClientSecret: document.NewSecret("s3cret"),
		GroupClaim: document.Words{Value: "groups"}, Label: document.Words{Value: "Staff"},
		Groups: document.Ordered[string]{{Key: "watchers", Value: "viewer"}, {Key: "on-call", Value: "operator"}}}
	h = clockedAt(t, m, b, time.Now)
	return m, b, side
}

func clockedAt(t *testing.T, m *memory, b *book, now func() time.Time) http.Handler {
	t.Helper()
	return console.Handler(m, m, console.Options{Listen: "127.0.0.1:8081", Token: testToken, Trail: trail(t, b), Versions: kept(), Now: now})
}

// browser follows redirects and keeps cookies.
func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar}
}

func get(t *testing.T, c *http.Client, address string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", address, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(text)
}

// loginAt goes to the provider and gives the name and password that it asks for.
func loginAt(t *testing.T, c *http.Client, side, to, name string) *http.Response {
	t.Helper()
	page, _ := get(t, c, side+"/api/sign-in/oidc?to="+url.QueryEscape(to))
	id := page.Request.URL.Query().Get("authRequestID")
	if id == "" {
		t.Fatalf("it leads to %s, not to the provider's page", page.Request.URL)
	}
	body := url.Values{"username": {name}, "password": {"verysecure"}, "id": {id}}.Encode()
	r, err := http.NewRequestWithContext(t.Context(), "POST", page.Request.URL.String(), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response
}

func TestTheProvidersGroupsAreRoles(t *testing.T) {
	for _, c := range []struct {
		name    string
		inToken bool
		groups  any
		roles   string
	}{
		{"said in the ID token", true, []string{"staff", "on-call", "watchers"}, "viewer operator"},
		{"said by the userinfo endpoint", false, []string{"on-call"}, "operator"},
		{"a single one as text", true, "watchers", "viewer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, b, side := withProvider(t, &directory{groups: map[string]any{"id2": c.groups}, inToken: c.inToken})
			user := browser(t)
			at := loginAt(t, user, side.URL, "/live?site=shop", "test-user2")
			if got := at.Request.URL.RequestURI(); got != "/live?site=shop" {
				t.Errorf("it ends at %s", got)
			}
			_, text := get(t, user, side.URL+"/api/session")
			var said session
			if err := json.Unmarshal([]byte(text), &said); err != nil {
				t.Fatal(err)
			}
			if said.Name != "test-user2 (127.0.0.1)" || strings.Join(said.Roles, " ") != c.roles || said.CSRF == "" {
				t.Errorf("signed in as %s", text)
			}
			if len(b.lines) != 1 || !strings.Contains(string(b.lines[0]), `"action":"sign_in"`) {
				t.Errorf("noted: %s", b.lines)
			}
		})
	}
}

func TestWhoIsInNoGroupCannotSignIn(t *testing.T) {
	_, b, side := withProvider(t, &directory{groups: map[string]any{"id2": []string{"strangers"}}, inToken: true})
	user := browser(t)
	at := loginAt(t, user, side.URL, "/", "test-user2")
	if got := at.Request.URL; got.Path != "/sign-in" || !strings.Contains(got.Query().Get("error"), "groups") {
		t.Errorf("it ends at %s", got)
	}
	if response, _ := get(t, user, side.URL+"/api/session"); response.StatusCode != http.StatusUnauthorized {
		t.Errorf("the session answers %d", response.StatusCode)
	}
	if len(b.lines) != 1 || !strings.Contains(string(b.lines[0]), `"sign_in.failed"`) {
		t.Errorf("noted: %s", b.lines)
	}
}

func TestASignInEndsInTheBrowserThatBeganIt(t *testing.T) {
	m, _, side := withProvider(t, &directory{groups: map[string]any{"id2": []string{"on-call"}}, inToken: true})
	stop := browser(t)
	stop.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if r.URL.Path == "/api/sign-in/oidc/done" {
			return http.ErrUseLastResponse
		}
		return nil
	}
	back := loginAt(t, stop, side.URL, "/", "test-user2").Header.Get("Location")
	if !strings.Contains(back, "code=") {
		t.Fatalf("the provider sends back to %s", back)
	}
	victim := browser(t) // a victim who is given the attacker's link
	if at, _ := get(t, victim, back); at.Request.URL.Path != "/sign-in" {
		t.Errorf("another browser ends at %s", at.Request.URL)
	}
	if response, _ := get(t, victim, side.URL+"/api/session"); response.StatusCode != http.StatusUnauthorized {
		t.Errorf("another browser is signed in: %d", response.StatusCode)
	}
	if at, _ := get(t, browser(t), side.URL+"/api/sign-in/oidc/done?code=x&state=guessed"); at.Request.URL.Path != "/sign-in" {
		t.Errorf("a guessed state ends at %s", at.Request.URL)
	}
	for _, to := range []string{"//evil.example/", "https://evil.example/", `/\evil.example`, "evil"} {
		user := browser(t)
		if at := loginAt(t, user, side.URL, to, "test-user2"); at.Request.URL.String() != side.URL+"/" {
			t.Errorf("to=%s ends at %s", to, at.Request.URL)
		}
	}
	if _, text := get(t, browser(t), side.URL+"/api/session"); !strings.Contains(text, `"oidc":"Staff"`) {
		t.Errorf("the label of the button is missing: %s", text)
	}
	m.mu.Lock()
	m.admin.OIDC = nil
	m.mu.Unlock()
	if response, _ := get(t, browser(t), side.URL+"/api/sign-in/oidc"); response.StatusCode != http.StatusNotFound {
		t.Errorf("without a provider: %d", response.StatusCode)
	}
}
