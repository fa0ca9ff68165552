package google_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"headgate/destinations/google"
	"headgate/destinations/rest"
)

func environment(pairs ...string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1], true
			}
		}
		return "", false
	}
}

func TestTheMetadataServiceGivesTokensThatAreKept(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Metadata-Flavor") != "Google" || r.URL.Path != "/computeMetadata/v1/instance/service-accounts/default/token" ||
			r.URL.Query().Get("scopes") != "https://www.googleapis.com/auth/bigquery" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		fmt.Fprintf(w, `{"access_token": "t%d", "expires_in": 600, "token_type": "Bearer"}`, asked.Add(1))
	}))
	defer server.Close()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	c := google.New(google.Options{Scope: "https://www.googleapis.com/auth/bigquery", Lookup: environment("GCE_METADATA_HOST", strings.TrimPrefix(server.URL, "http://")),
		Now: func() time.Time { return now }})
	wants := func(want string) {
		t.Helper()
		if got, err := c.Get(t.Context()); got != want || err != nil {
			t.Errorf("%q %v, want %s", got, err, want)
		}
	}
	wants("t1")
	now = now.Add(8 * time.Minute)
	wants("t1")
	now = now.Add(90 * time.Second) // less than a minute before its end
	wants("t2")
	c.Forget("t1") // by one who used it long ago
	wants("t2")
	c.Forget("t2")
	wants("t3")
}

func TestWhatIsWrongWithCredentialsIsSaid(t *testing.T) {
	statuses := map[string]int{"/gone": 404, "/busy": 503}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for path, status := range statuses {
			if strings.HasPrefix(r.URL.Path, path) {
				w.WriteHeader(status)
			}
		}
		fmt.Fprint(w, "nothing")
	}))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	for name, c := range map[string]struct {
		lookup  func(string) (string, bool)
		refused bool
		want    string
	}{
		"no metadata service":  {environment("GCE_METADATA_HOST", "metadata.invalid"), true, "no credentials of Google Cloud"},
		"a machine without":    {environment("GCE_METADATA_HOST", host+"/gone"), true, "status 404"},
		"one that is busy":     {environment("GCE_METADATA_HOST", host+"/busy"), false, "503"},
		"one that says else":   {environment("GCE_METADATA_HOST", host), false, "something other than a token"},
		"a file that is away":  {environment("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json"), true, "cannot be read"},
		"a file that is wrong": {environment("GOOGLE_APPLICATION_CREDENTIALS", "user.json"), true, "of the type authorized_user"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := google.New(google.Options{Lookup: c.lookup, ReadFile: func(path string) ([]byte, error) {
				if path != "user.json" {
					return nil, errors.New("away")
				}
				return json.Marshal(map[string]string{"type": "authorized_user", "refresh_token": "hush"})
			}}).Get(t.Context())
			var refused *rest.Refused
			if err == nil || errors.As(err, &refused) != c.refused || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hush") {
				t.Errorf("%v", err)
			}
		})
	}
}
