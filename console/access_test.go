package console_test

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"headgate/config"
	"headgate/console"
	"headgate/console/access"
	"headgate/document"
	"headgate/event"
	"headgate/event/trace"
	"headgate/proxy/live"
)

// tokenOf is the token of a user who is named after the one role they have.
func tokenOf(role string) string { return "token-of-" + role }

// staff is an admin section with one user for each role.
func staff() (a config.Admin) {
	for _, role := range config.AdminRoles() {
		a.Users = append(a.Users, user(role, tokenOf(role), role))
	}
	return a
}

func user(name, token string, roles ...string) document.Entry[config.User] {
	u := config.User{TokenHash: document.Words{Value: access.HashToken(token)}}
	for _, role := range roles {
		u.Roles = append(u.Roles, document.Words{Value: role})
	}
	return document.Entry[config.User]{Key: name, Value: u}
}

// concrete is a route's path with values for its names, and what it takes.
func concrete(route access.Route) (method, path, body string) {
	method, path, _ = strings.Cut(route.Pattern, " ")
	path = strings.NewReplacer("{destination}", "meta", "{name}", "meta", "{id}", "e0").Replace(path)
	if method != http.MethodGet {
		body = `{"kind":"email","id":"anna@example.com","sample":"purchase","to":"meta","dry_run":true}`
	}
	return method, path, body
}

func TestEachRoleMayDoWhatItsRowSays(t *testing.T) {
	rights := map[string]access.Right{"viewer": access.Look, "analyst": access.Look | access.Persons, "editor": access.Look | access.Persons | access.Configure,
		"operator": access.Look | access.Persons | access.Operate, "admin": access.Look | access.Persons | access.Configure | access.Operate | access.Administer}
	for _, route := range console.Routes() {
		for role, has := range rights {
			t.Run(role+" "+route.Pattern, func(t *testing.T) {
				m := newMemory()
				m.admin = staff()
				method, path, body := concrete(route)
				if path == "/api/live" {
					return // it never ends; see the markers
				}
				w := ask(t, handler(m), method, path, body, "Authorization", "Bearer "+tokenOf(role))
				if refused := w.Code == http.StatusForbidden; refused == has.Has(route.Needs) {
					t.Errorf("%d: %s", w.Code, w.Body)
				}
				if w.Code == http.StatusForbidden && !strings.Contains(w.Body.String(), `"needs":"`) {
					t.Errorf("it does not say which right is missing: %s", w.Body)
				}
			})
		}
	}
}

// TestNoRouteIsOutsideTheTable looks for patterns of the API in the source. Insight has rows of its own, beside its questions.
func TestNoRouteIsOutsideTheTable(t *testing.T) {
	pattern := regexp.MustCompile(`"(GET|POST|PUT|DELETE) /api/[^"]*"`)
	open := []string{`"POST /api/sign-in"`, `"GET /api/session"`}
	files, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		if file == "routes.go" || file == "insight.go" || strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range pattern.FindAllString(string(text), -1) {
			if !slices.Contains(open, found) {
				t.Errorf("%s: %s belongs into routes.go", file, found)
			}
		}
	}
}

const marker = "MARKER"

// marked is a trace with a marker in everything that is about a person, or may repeat it.
func marked() *trace.Trace {
	e := &event.Event{ID: "e0", Name: "purchase"}
	for i := range event.Fields {
		f := &event.Fields[i]
		switch ref := f.Ref(e).(type) {
		case *string:
			if f.Class != event.Content || strings.HasPrefix(f.Path, "page.") || strings.HasPrefix(f.Path, "campaign.") {
				*ref = marker + f.Path
			}
		case *event.Map:
			*ref = event.Map{{Key: marker + "key", Value: event.String(marker)}}
		case *[]event.Item:
			*ref = []event.Item{{ID: marker, Name: marker}}
		}
	}
	change := trace.Change{Path: "user.email", Old: event.String(marker), New: event.String(marker)}
	return &trace.Trace{Event: e, Received: e.Clone(), Source: "ga4", Traffic: "seen by " + marker,
		Consent:      &event.Record{Signals: []event.Signal{{Source: "cookie", Name: marker, Value: marker}}},
		Rules:        []trace.Rule{{Name: "net value", Matched: true, Error: marker, Changes: []trace.Change{change}}},
		Destinations: []trace.Destination{{Outcome: event.Outcome{Destination: "meta"}, Because: "allowed", Requests: []trace.Request{{URL: "https://x.example/" + marker, Body: []byte(marker)}}, Verdict: &trace.Verdict{Verdict: "reject", Why: marker, Status: 400}}}}
}

// TestAViewerSeesNoPersonalData asks for everything that a viewer may ask for, of a service in which all that may be about a person
// is marked. Whoever may see persons sees the markers, so that the test would notice them.
func TestAViewerSeesNoPersonalData(t *testing.T) {
	m := newMemory()
	m.admin = staff()
	m.events["e0"] = []*trace.Trace{marked()}
	for i := range m.letters {
		m.letters[i].Why = marker
	}
	d := m.account.Destinations["meta"]
	d.LastError = marker
	m.account.Destinations["meta"] = d
	h := handler(m)
	shown := 0
	for _, route := range console.Routes() {
		method, path, body := concrete(route)
		for _, accept := range []string{"application/json", trace.TextType} {
			if path == "/api/live" {
				continue
			}
			w := ask(t, h, method, path, body, "Authorization", "Bearer "+tokenOf("viewer"), "Accept", accept)
			if got := w.Body.String(); strings.Contains(got, marker) || strings.Contains(got, "anna@") {
				t.Errorf("%s shows a viewer %s", route.Pattern, got)
			}
			if route.Shows != nil {
				w := ask(t, h, method, path, body, "Authorization", "Bearer "+tokenOf("analyst"), "Accept", accept)
				if strings.Contains(w.Body.String(), marker) {
					shown++
				}
			}
		}
	}
	if shown < 4 {
		t.Errorf("an analyst sees only %d marked answers: the test marks nothing", shown)
	}
	for _, path := range []string{"/api/live?where=" + `user.email%20==%20"a"`, "/api/dead?where=" + `user.email%20==%20"a"`} {
		if w := ask(t, h, "GET", path, "", "Authorization", "Bearer "+tokenOf("viewer")); w.Code != http.StatusForbidden {
			t.Errorf("a viewer may ask by a formula: %d %s", w.Code, w.Body)
		}
	}
	w := ask(t, h, "GET", "/api/events/e0", "", "Authorization", "Bearer "+tokenOf("viewer"))
	want := `[{"event":{"id":"e0","name":"purchase"},"source":"ga4","consent":{"region":{"country":"","rule":"","model":""},"state":{}},` +
		`"rules":[{"name":"net value","matched":true}],"dropped_by":null,"destinations":{"meta":{"action":"deliver","reason":"","because":"allowed","verdict":{"verdict":"reject","status":400}}}}]`
	if got := strings.TrimSpace(w.Body.String()); got != want {
		t.Errorf("a viewer sees of an event\n%s, want\n%s", got, want)
	}
}

func TestAViewersLiveViewIsOfNobody(t *testing.T) {
	m := newMemory()
	m.admin = staff()
	server := httptest.NewServer(handler(m))
	defer server.Close()
	r, err := http.NewRequestWithContext(t.Context(), "GET", server.URL+"/api/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+tokenOf("viewer"))
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	m.show(live.Sighting{Trace: marked(), Lost: 3})
	m.stop()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	got := string(text)
	if strings.Contains(got, marker) || !strings.Contains(got, `"id":"e0"`) || !strings.Contains(got, `{"lost":3}`) {
		t.Errorf("a viewer's live view:\n%s", got)
	}
}

// signIn signs in and returns the cookie and what the session says.
func signIn(t *testing.T, h http.Handler, name, token string) (cookie string, said session, w *httptest.ResponseRecorder) {
	t.Helper()
	body, err := json.Marshal(map[string]string{"name": name, "token": token})
	if err != nil {
		t.Fatal(err)
	}
	w = ask(t, h, "POST", "/api/sign-in", string(body), "Authorization", "")
	if w.Code == http.StatusOK {
		c := w.Result().Cookies()[0]
		cookie = c.Name + "=" + c.Value
		if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" {
			t.Errorf("the cookie is not protected: %s", w.Header().Get("Set-Cookie"))
		}
		if err := json.Unmarshal(w.Body.Bytes(), &said); err != nil {
			t.Fatal(err)
		}
	}
	return cookie, said, w
}

type session struct {
	Name   string
	Roles  []string
	Rights []string
	CSRF   string
}

// clocked is a console whose clock the test sets.
func clocked(t *testing.T, m *memory, b *book, now *time.Time) http.Handler {
	t.Helper()
	clock := func() time.Time { return *now }
	trail, err := access.NewTrail(b, clock)
	if err != nil {
		t.Fatal(err)
	}
	return console.Handler(m, m, console.Options{Listen: "127.0.0.1:8081", Token: testToken, Trail: trail, Versions: kept(), Now: clock})
}

func TestASessionLetsInAsLongAsItLasts(t *testing.T) {
	m, b, now := newMemory(), new(book), noon
	m.admin = staff()
	h := clocked(t, m, b, &now)
	as := func(cookie, method, path string, more ...string) int {
		return ask(t, h, method, path, "", append([]string{"Authorization", "", "Cookie", cookie}, more...)...).Code
	}
	cookie, said, _ := signIn(t, h, "operator", tokenOf("operator"))
	if said.Name != "operator" || !slices.Equal(said.Rights, []string{"look", "persons", "operate"}) || said.CSRF == "" {
		t.Fatalf("signed in as %+v", said)
	}
	if got := as(cookie, "GET", "/api/status"); got != 200 {
		t.Errorf("status %d", got)
	}
	if got := as(cookie, "GET", "/metrics"); got != 200 {
		t.Errorf("metrics %d", got)
	}
	if got := as("headgate_session=guessed", "GET", "/api/status"); got != 401 {
		t.Errorf("a cookie that was guessed: %d", got)
	}
	for _, c := range []struct {
		csrf   string
		status int
	}{{"", 403}, {"guessed", 403}, {said.CSRF, 200}} {
		if got := as(cookie, "POST", "/api/destinations/meta/pause", "X-CSRF-Token", c.csrf); got != c.status {
			t.Errorf("a change with the token %q: %d, want %d", c.csrf, got, c.status)
		}
	}
	if got := as(cookie, "POST", "/api/reload", "X-CSRF-Token", said.CSRF); got != 403 {
		t.Errorf("an operator may reload: %d", got)
	}

	now = now.Add(59 * time.Minute)
	if got := as(cookie, "GET", "/api/status"); got != 200 {
		t.Errorf("after 59 minutes: %d", got)
	}
	now = now.Add(61 * time.Minute)
	if got := as(cookie, "GET", "/api/status"); got != 401 {
		t.Errorf("after an hour without a request: %d", got)
	}

	cookie, _, _ = signIn(t, h, "", tokenOf("operator"))
	for range 15 {
		now = now.Add(50 * time.Minute)
		as(cookie, "GET", "/api/status")
	}
	if got := as(cookie, "GET", "/api/status"); got != 401 {
		t.Errorf("after half a day: %d", got)
	}

	cookie, said, _ = signIn(t, h, "", tokenOf("operator"))
	if got := as(cookie, "POST", "/api/sign-out", "X-CSRF-Token", said.CSRF); got != 204 {
		t.Errorf("sign-out: %d", got)
	}
	if got := as(cookie, "GET", "/api/status"); got != 401 {
		t.Errorf("after signing out: %d", got)
	}
}

func TestASessionFollowsTheConfiguration(t *testing.T) {
	m, now := newMemory(), noon
	m.admin = staff()
	h := clocked(t, m, new(book), &now)
	cookie, _, _ := signIn(t, h, "", tokenOf("editor"))
	as := func() int {
		return ask(t, h, "GET", "/api/config", "", "Authorization", "", "Cookie", cookie).Code
	}
	if got := as(); got != 200 {
		t.Fatalf("an editor: %d", got)
	}
	m.admin.Users = []document.Entry[config.User]{user("editor", tokenOf("editor"), "viewer")}
	if got := as(); got != 403 {
		t.Errorf("an editor who is a viewer now: %d", got)
	}
	m.admin.Users = []document.Entry[config.User]{user("editor", "another token", "editor")}
	if got := as(); got != 401 {
		t.Errorf("with another token in the configuration: %d", got)
	}
}

func TestWhoGuessesIsLockedOut(t *testing.T) {
	m, b, now := newMemory(), new(book), noon
	m.admin = staff()
	h := clocked(t, m, b, &now)
	named := func(address, name, token string) int {
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/api/sign-in", strings.NewReader(fmt.Sprintf(`{"name":%q,"token":%q}`, name, token)))
		r.Host, r.RemoteAddr = "127.0.0.1:8081", address
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if (w.Code == 429) != (w.Header().Get("Retry-After") != "") {
			t.Errorf("Retry-After %q at %d", w.Header().Get("Retry-After"), w.Code)
		}
		return w.Code
	}
	from := func(address, token string) int { return named(address, "", token) }
	for i := range 50 { // a program with an old token guesses nothing
		if got := from("192.0.2.1:1000", "the old token"); got != 401 {
			t.Fatalf("the same token again, %d: %d", i, got)
		}
	}
	for i := range 10 {
		if got := from("192.0.2.2:1000", fmt.Sprint("guess ", i)); got != 401 {
			t.Fatalf("guess %d: %d", i, got)
		}
	}
	if got := from("192.0.2.2:1001", tokenOf("admin")); got != 429 {
		t.Errorf("the right token after ten guesses: %d", got)
	}
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/api/status", nil)
	r.Host, r.RemoteAddr = "127.0.0.1:8081", "192.0.2.2:1002"
	r.Header.Set("Authorization", "Bearer "+testToken)
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Code != 429 {
		t.Errorf("a bearer from the address that guessed: %d", w.Code)
	}
	if got := from("192.0.2.3:1000", tokenOf("admin")); got != 200 {
		t.Errorf("another address: %d", got)
	}
	now = now.Add(31 * time.Second)
	if got := from("192.0.2.2:1003", tokenOf("admin")); got != 200 {
		t.Errorf("after the lock: %d", got)
	}
	// Many addresses that guess one name's token.
	for i := range 10 {
		if got := named(fmt.Sprintf("198.51.100.%d:1", i), "editor", fmt.Sprint("guess ", i)); got != 401 {
			t.Fatalf("guess %d of a name: %d", i, got)
		}
	}
	if got := named("198.51.100.77:1", "editor", tokenOf("editor")); got != 429 {
		t.Errorf("a name that was guessed at: %d", got)
	}
	if got := from("192.0.2.77:1", tokenOf("viewer")); got != 200 {
		t.Errorf("another name: %d", got)
	}
	failures := 0
	for _, line := range b.lines {
		if strings.Contains(string(line), `"sign_in.failed"`) {
			failures++
		}
		if strings.Contains(string(line), "guess") || strings.Contains(string(line), "token") {
			t.Errorf("a token is noted: %s", line)
		}
	}
	if failures != 1+10+10 {
		t.Errorf("%d failures are noted, want 21", failures)
	}
}
