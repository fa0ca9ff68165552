package http_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"headgate/destinations"
	engine "headgate/destinations/http"
	"headgate/document"
	"headgate/event"
	"headgate/event/samples"
)

// vendor answers requests in the test's own words.
type vendor func(r *http.Request, body string) (status int, answer string)

func (v vendor) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	status, answer := v(r, string(body))
	return &http.Response{StatusCode: status, Header: http.Header{}, Request: r, Body: io.NopCloser(strings.NewReader(answer))}, nil
}

func with(v http.RoundTripper) func(*destinations.Deps) {
	return func(d *destinations.Deps) { d.Client = v }
}

func numbered(n int) []destinations.Sending {
	batch := make([]destinations.Sending, n)
	for i := range batch {
		batch[i] = destinations.Sending{Event: &event.Event{ID: fmt.Sprintf("<%d>", i), Name: "ping", Time: samples.Now()}, Attempt: 1}
	}
	return batch
}

func kinds(verdicts []destinations.Verdict) string {
	names := make([]string, len(verdicts))
	for i, v := range verdicts {
		names[i] = v.Kind.String()
	}
	return strings.Join(names, " ")
}

func TestHalvingFindsEveryBadEventAndDeliversTheOthersOnce(t *testing.T) {
	for _, n := range []int{1, 2, 3, 7, 64} {
		for _, bad := range [][]int{nil, {0}, {n - 1}, {n / 2}, {0, n - 1}, {0, 1, 2, 3, 4, 5, 6}} {
			delivered := map[string]int{}
			var mu sync.Mutex
			d := own(t, crm+`
send:
  post: https://crm.example/
  batch: {events: 100}
  body: [{each: =batch, as: =id}]
answers:
  - {when: status == 400, then: reject, why: a bad one, isolate: bisect}
`, "{}", with(vendor(func(_ *http.Request, body string) (int, string) {
				for _, b := range bad {
					if strings.Contains(body, fmt.Sprintf("<%d>", b)) {
						return 400, ""
					}
				}
				mu.Lock()
				defer mu.Unlock()
				for i := range n {
					if strings.Contains(body, fmt.Sprintf("<%d>", i)) {
						delivered[fmt.Sprint(i)]++
					}
				}
				return 200, ""
			})))
			for i, v := range d.Deliver(t.Context(), numbered(n)) {
				isBad := slices.Contains(bad, i)
				if isBad && v.Kind != destinations.Reject || !isBad && (v.Kind != destinations.Delivered || delivered[fmt.Sprint(i)] != 1) {
					t.Errorf("of %d with %v bad, event %d: %s, delivered %d times", n, bad, i, v.Kind, delivered[fmt.Sprint(i)])
				}
			}
		}
	}
}

// What vendors say about single events, in every shape.
func TestRowsOfAnAnswer(t *testing.T) {
	for _, c := range []struct{ name, answers, status, body, verdicts, why string }{
		{"by index", `[{when: status == 400, rows: {each: =body.errors, index: =row.at, why: =row.message}}]`,
			"400", `{"errors":[{"at":1,"message":"no id"}]}`, "delivered reject delivered", "no id"},
		{"by a bare list of indexes", `[{when: status == 400, rows: {each: '=flatten(values(body.missing))', index: =row, why: a field is missing}}]`,
			"400", `{"missing":{"user":[0,2]}}`, "reject delivered reject", "a field is missing"},
		{"by id", `[{when: status == 207, rows: {each: =body.failed, id: =row.id, why: =row.reason}}]`,
			"207", `{"failed":[{"id":"<2>","reason":"late"}]}`, "delivered delivered reject", "late"},
		{"by something of ours that is not the id", `[{when: status == 207, rows: {each: =body.failed, id: =row, of: '=id + "/" + name'}}]`,
			"207", `{"failed":["<0>/ping"]}`, "reject delivered delivered", ""},
		{"by one of several things of ours", `[{when: status == 207, rows: {each: =body.failed, id: =row, of: '=[site, id]'}}]`,
			"207", `{"failed":["<0>"]}`, "reject delivered delivered", ""},
		{"all of them in order, with a state", `[{when: status == 200, rows: {each: =body.events, when: 'row.status != "processed"', why: =row.error}}]`,
			"200", `{"events":[{"status":"processed"},{"status":"failed","error":"bad"},{"status":"processed"}]}`, "delivered reject delivered", "bad"},
		{"several judgements", `[{when: status == 200, rows: {each: =body.rows, judge: [{when: row.code == 429, then: retry, after: 5s}, {when: row.code >= 400, then: reject, why: =row.why}]}}]`,
			"200", `{"rows":[{"code":429},{"code":200},{"code":422,"why":"no"}]}`, "retry delivered reject", ""},
		{"in prose", `[{when: status == 422, rows: {each: =body.message, pattern: "Index: (?P<index>[0-9]+), ERROR :: (?P<text>[^\n]*)", index: =row.index, why: =row.text}}]`,
			"422", `{"message":"2 errors\nIndex: 0, ERROR :: /value :: too low\nIndex: 2, ERROR :: /user :: none"}`, "reject delivered reject", "/value :: too low"},
		{"an object by index", `[{when: status == 200, rows: {each: =body.failures, index: =number(item.key), why: x}}]`, "200", `{}`, "", ""},
		{"nonsense indexes", `[{when: status == 400, then: retry, rows: {each: =body.errors, index: =row}}]`,
			"400", `{"errors":[-1, 99, "x", null, {}, 1]}`, "retry reject retry", ""},
		{"a vendor that stores what is good", `[{when: status == 400, then: delivered, rows: {each: =body.errors, index: =row}}]`,
			"400", `{"errors":[0]}`, "reject delivered delivered", ""},
		{"the worst verdict on an event counts", `[{when: status == 200, rows: {each: =body.rows, index: 0, judge: [{when: row == "a", then: reject}, {when: row == "b", then: halt}]}}]`,
			"200", `{"rows":["b","a"]}`, "halt delivered delivered", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, ms := tryOwn(t, crm+`
send: {post: "https://crm.example/", batch: {events: 100}, body: [{each: =batch, as: =id}]}
answers: `+c.answers, "{}", with(vendor(func(*http.Request, string) (int, string) {
				var status int
				_, _ = fmt.Sscan(c.status, &status)
				return status, c.body
			})))
			if c.verdicts == "" {
				if len(ms) == 0 {
					t.Fatal("a formula with names of another place was taken")
				}
				return
			}
			if len(ms) > 0 {
				t.Fatal(ms)
			}
			verdicts := d.Deliver(t.Context(), numbered(3))
			if kinds(verdicts) != c.verdicts {
				t.Fatalf("verdicts %s, want %s", kinds(verdicts), c.verdicts)
			}
			for _, v := range verdicts {
				if v.Kind == destinations.Reject && c.why != "" {
					if v.Why != c.why {
						t.Errorf("why %q, want %q", v.Why, c.why)
					}
					break
				}
			}
		})
	}
}

func TestDroppingTheNamedSendsTheOthersAgain(t *testing.T) {
	var requests []string
	d := own(t, crm+`
send: {post: "https://crm.example/", batch: {events: 100}, body: [{each: =batch, as: =id}]}
answers:
  - {when: status == 400, isolate: drop_named, rows: {each: =body.bad, id: =row, why: bad}}
`, "{}", with(vendor(func(_ *http.Request, body string) (int, string) {
		requests = append(requests, body)
		if strings.Contains(body, "<1>") {
			return 400, `{"bad":["<1>"]}`
		}
		if strings.Contains(body, "<3>") {
			return 400, `{"bad":["<3>"]}`
		}
		return 200, ""
	})))
	got := kinds(d.Deliver(t.Context(), numbered(4)))
	if got != "delivered reject delivered reject" || len(requests) != 3 || requests[2] != `["<0>","<2>"]` {
		t.Fatalf("%s after %q", got, requests)
	}
}

func TestDroppingTheNamedHalvesWhenNoneIsNamed(t *testing.T) {
	d := own(t, crm+`
send: {post: "https://crm.example/", batch: {events: 100}, body: [{each: =batch, as: =id}]}
answers:
  - {when: status == 400, then: reject, isolate: drop_named, rows: {each: =body.bad, id: =row}}
`, "{}", with(vendor(func(_ *http.Request, body string) (int, string) {
		if strings.Contains(body, "<2>") {
			return 400, `{"message":"something is wrong"}`
		}
		return 200, ""
	})))
	verdicts := d.Deliver(t.Context(), numbered(4))
	if got := kinds(verdicts); got != "delivered delivered reject delivered" || verdicts[2].Why != "status 400 Bad Request: something is wrong" {
		t.Fatalf("%s, %q", got, verdicts[2].Why)
	}
}

func TestRequestsWithOneKeyFollowOneAnother(t *testing.T) {
	var mu sync.Mutex
	var order []string
	d := own(t, crm+`
send: {post: "https://crm.example/", batch: {events: 1, by: =user.client_id}, body: {id: =id}}
`, "{}", with(vendor(func(_ *http.Request, body string) (int, string) {
		mu.Lock()
		defer mu.Unlock()
		order = append(order, body)
		return 200, ""
	})))
	batch := numbered(50)
	for i := range batch {
		batch[i].Event.User.ClientID = fmt.Sprint(i % 3)
	}
	d.Deliver(t.Context(), batch)
	last := map[int]int{}
	for _, body := range order {
		var i int
		if _, err := fmt.Sscanf(body, `{"id":"<%d>"}`, &i); err != nil {
			t.Fatal(body, err)
		}
		if i < last[i%3] {
			t.Fatalf("%d came after %d", i, last[i%3])
		}
		last[i%3] = i
	}
	if len(order) != 50 {
		t.Fatalf("%d requests", len(order))
	}
}

func TestAHaltStopsWhatIsNotSentYet(t *testing.T) {
	requests := 0
	d := own(t, crm+`
send: {post: "https://crm.example/", body: {id: =id}}
`, "{delivery: {at_once: 1}}", with(vendor(func(*http.Request, string) (int, string) {
		requests++
		return 401, "no"
	})))
	verdicts := d.Deliver(t.Context(), numbered(20))
	if requests != 1 || !strings.HasPrefix(kinds(verdicts), "halt halt halt") {
		t.Fatalf("%d requests, %s", requests, kinds(verdicts))
	}
}

func TestACancelledDeliveryLeavesTheRestToRetry(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	d := own(t, crm+`
send: {post: "https://crm.example/", body: {id: =id}}
`, "{delivery: {at_once: 1}}", with(vendor(func(*http.Request, string) (int, string) {
		cancel()
		return 200, ""
	})))
	verdicts := d.Deliver(ctx, numbered(5))
	for _, v := range verdicts[1:] {
		if v.Kind != destinations.Retry {
			t.Fatalf("%s", kinds(verdicts))
		}
	}
}

func TestAnEventOfSeveralRequestsHasTheWorstVerdict(t *testing.T) {
	file := crm + `
send:
  - {name: person, when: name == "login", put: "https://crm.example/person", body: {id: =id}}
  - {name: event, post: "https://crm.example/event", batch: {events: 10}, body: [{each: =batch, as: =id}]}
`
	d := own(t, file, "{delivery: {at_once: 1}}", with(vendor(func(r *http.Request, _ string) (int, string) {
		if r.URL.Path == "/person" {
			return 500, ""
		}
		return 200, ""
	})))
	batch := numbered(3)
	batch[1].Event.Name = "login"
	if got := kinds(d.Deliver(t.Context(), batch)); got != "delivered retry delivered" {
		t.Fatal(got)
	}
}

func TestQuickTriesForTroubleOfSeconds(t *testing.T) {
	for _, c := range []struct {
		name, duplicates string
		fail             func(try int) (int, error)
		tries            int
		verdict          string
	}{
		{"no connection", "possible", func(try int) (int, error) {
			if try < 3 {
				return 0, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
			}
			return 200, nil
		}, 3, "delivered"},
		{"no connection for long", "possible", func(int) (int, error) {
			return 0, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
		}, 3, "retry"},
		{"a connection that broke, where duplicates are dropped", "dropped", func(try int) (int, error) {
			if try < 2 {
				return 0, io.ErrUnexpectedEOF
			}
			return 200, nil
		}, 2, "delivered"},
		{"a connection that broke, where duplicates hurt", "possible", func(int) (int, error) { return 0, io.ErrUnexpectedEOF }, 1, "retry"},
		{"a gateway alone", "dropped", func(try int) (int, error) {
			if try < 2 {
				return 503, nil
			}
			return 200, nil
		}, 2, "delivered"},
		{"a gateway for long passes its last answer on", "dropped", func(int) (int, error) { return 502, nil }, 3, "retry"},
		{"what is wrong stays wrong", "dropped", func(int) (int, error) { return 400, nil }, 1, "reject"},
		{"throttling is the queue's business", "dropped", func(int) (int, error) { return 429, nil }, 1, "retry"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tries := 0
				d := own(t, crm+"duplicates: "+c.duplicates+"\nsend: {post: 'https://crm.example/?key=secret', body: {id: =id}}\n", "{}",
					with(roundTrip(func(r *http.Request) (*http.Response, error) {
						tries++
						status, err := c.fail(tries)
						if err != nil {
							return nil, err
						}
						return &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
					})))
				start := time.Now()
				verdicts := d.Deliver(t.Context(), numbered(1))
				if tries != c.tries || kinds(verdicts) != c.verdict {
					t.Errorf("%d tries, %s (%s)", tries, kinds(verdicts), verdicts[0].Why)
				}
				if strings.Contains(verdicts[0].Why, "secret") {
					t.Errorf("the address is shown: %s", verdicts[0].Why)
				}
				if waited := time.Since(start); waited > 3*time.Second {
					t.Errorf("waited %s", waited)
				}
			})
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestTheRateIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := own(t, crm+"send: {post: 'https://crm.example/', body: {id: =id}}\n", "{delivery: {rate: 10/s}}",
			with(vendor(func(*http.Request, string) (int, string) { return 200, "" })))
		start := time.Now()
		d.Deliver(t.Context(), numbered(40))
		if took := time.Since(start); took < 2900*time.Millisecond || took > 3100*time.Millisecond {
			t.Fatalf("40 requests at 10/s after a burst of 10 took %s", took)
		}
	})
}

func TestWhenToTryAgain(t *testing.T) {
	for _, c := range []struct{ after, want string }{
		{"120", "2m"}, {"1.5", "1.5s"}, {"Mon, 02 Nov 2026 10:11:00 GMT", "1m"}, {"2026-11-02T10:15:00Z", "5m"}, {"1793614260", "1m"},
		{"30s", "30s"}, {"-5", "0s"}, {"soon", "0s"}, {"999999999", "24h"}, {"NaN", "0s"}, {"Mon, 02 Nov 2020 10:11:00 GMT", "0s"},
	} {
		d := own(t, crm+"send: {post: 'https://crm.example/', body: {id: =id}}\n", "{}", nil)
		requests, _ := d.Encode(numbered(1))
		v, _ := d.Judge(requests[0], engine.Response{Status: 429, Headers: event.Headers{{Name: "retry-after", Value: c.after}}})
		if got := document.Duration(v[0].After).String(); v[0].Kind != destinations.Retry || got != c.want {
			t.Errorf("Retry-After %s gives %s after %s, want %s", c.after, v[0].Kind, got, c.want)
		}
	}
}

func parsed(t testing.TB, yaml string) *document.Node {
	t.Helper()
	n, ms := document.Parse("test.yaml", []byte(yaml))
	if len(ms) > 0 {
		t.Fatal(ms)
	}
	return n
}
