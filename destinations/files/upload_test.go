package files_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"headgate/destinations"
	"headgate/destinations/conformance"
	"headgate/destinations/files/filestest"
	"headgate/event"
)

// large is a batch of 20 MB.
func large() []destinations.Sending {
	batch := conformance.Batch(1, 500)
	for i := range batch {
		batch[i].Event.Params.Set("note", event.String(strings.Repeat(fmt.Sprintf("%08d", i), 5000)))
	}
	return batch
}

func into(t *testing.T, address, more string) *destinations.Destination {
	t.Helper()
	return open(t, fmt.Sprintf("{to: \"s3://archive/raw\", endpoint: %q, access_key_id: k, secret_access_key: s, compression: none, partition: none, encryption: AES256, storage_class: STANDARD_IA%s}", address, more))
}

func TestALargeObjectIsStoredInParts(t *testing.T) {
	b := filestest.NewBucket(t)
	d, batch := into(t, b.URL, ""), large()
	for range 2 {
		if v := verdict(t, d, batch); v.Kind != destinations.Delivered {
			t.Fatal(v)
		}
	}
	names, bodies := b.Files(t)
	if want := "raw/20261122T120000Z-" + destinations.BatchName(batch) + ".jsonl"; len(names) != 1 || names[0] != want {
		t.Fatalf("%q, want %q", names, want)
	}
	if n := strings.Count(string(bodies[0]), "\n"); n != len(batch) || len(bodies[0]) < 20_000_000 {
		t.Errorf("%d lines, %d bytes", n, len(bodies[0]))
	}
	parts := 0
	for _, r := range b.Puts {
		begins, isPart := r.URL.Query().Has("uploads"), r.URL.Query().Has("partNumber")
		if isPart {
			parts++
		}
		if r.Header.Get("X-Amz-Server-Side-Encryption") == "AES256" != begins || r.Header.Get("X-Amz-Storage-Class") == "STANDARD_IA" != begins {
			t.Errorf("%s %s has the settings of an object: %v", r.Method, r.URL.RawQuery, !begins)
		}
	}
	if parts != 6 {
		t.Errorf("%d parts", parts)
	}
}

func TestAnUploadThatBreaksLeavesNothing(t *testing.T) {
	for name, breaks := range map[string]func(r *http.Request) (status int, body string){
		"a part is refused": func(r *http.Request) (int, string) {
			if r.URL.Query().Get("partNumber") == "2" {
				return http.StatusServiceUnavailable, "<Error><Code>SlowDown</Code></Error>"
			}
			return 0, ""
		},
		"the end is refused with status 200": func(r *http.Request) (int, string) {
			if r.Method == http.MethodPost && r.URL.Query().Has("uploadId") {
				return http.StatusOK, "<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>"
			}
			return 0, ""
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := filestest.NewBucket(t)
			to, err := url.Parse(b.URL)
			if err != nil {
				t.Fatal(err)
			}
			forward := httputil.NewSingleHostReverseProxy(to)
			broken, dropped := true, 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodDelete {
					dropped++
				}
				if status, body := breaks(r); broken && status > 0 {
					w.WriteHeader(status)
					_, _ = w.Write([]byte(body)) // the client reads it or fails
					return
				}
				forward.ServeHTTP(w, r)
			}))
			t.Cleanup(server.Close)
			d, batch := into(t, server.URL, ""), large()
			if v := verdict(t, d, batch); v.Kind != destinations.Retry || v.Why == "" {
				t.Errorf("%s %q", v.Kind, v.Why)
			}
			if names, _ := b.Files(t); len(names) > 0 || dropped != 1 {
				t.Errorf("%q is there, %d uploads were dropped", names, dropped)
			}
			broken = false
			if v := verdict(t, d, batch); v.Kind != destinations.Delivered {
				t.Errorf("%s %q", v.Kind, v.Why)
			}
			if names, _ := b.Files(t); len(names) != 1 {
				t.Errorf("%q", names)
			}
		})
	}
}
