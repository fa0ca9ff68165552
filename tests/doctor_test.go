package tests_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"headgate/doctor"
)

const doctorConfig = `
listen: "%PUBLIC%"
admin: {listen: "%ADMIN%"}
data: "%DATA%"
sites: {shop: {hosts: [t.shop.example]}}
identity: {endpoint: /id}
destinations:
  archive: {use: parquet, settings: {to: "%DATA%/archive"}}
`

// TestTheDoctorLooksAtARunningHeadgate has the command examine a page and a Headgate of this machine, under names that no DNS knows.
func TestTheDoctorLooksAtARunningHeadgate(t *testing.T) {
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=60")
		http.SetCookie(w, &http.Cookie{Name: "sid", Value: "1"})
	}))
	defer page.Close()
	p := newProcess(t, doctorConfig)
	p.Start()
	args := []string{"doctor", "http://www.shop.example", "--config", p.Path(), "--resolve", "www.shop.example=" + strings.TrimPrefix(page.URL, "http://"),
		"--resolve", "t.shop.example=" + strings.TrimPrefix(p.Public, "http://")}
	said := p.command(1, args...)
	for _, want := range []string{"hits go to http://t.shop.example", "t.shop.example belongs to the same site as www.shop.example (shop.example)",
		"the addresses of page and host agree", "pages of http://www.shop.example may send hits with cookies",
		"the cookie _hg, which scripts cannot read, is set for 400 days", "is called without TLS", "others get the same one", "→ answer with Cache-Control: private",
		"Safari keeps the cookies that Headgate sets as long as they say"} {
		if !strings.Contains(said, want) {
			t.Errorf("not said: %s\n%s", want, said)
		}
	}
	text, _, _ := strings.Cut(p.command(1, append(args, "--json")...), "headgate:")
	var report doctor.Report
	if err := json.Unmarshal([]byte(text), &report); err != nil || report.Safari != doctor.Whole || len(report.Findings) < 8 {
		t.Errorf("%v %+v", err, report)
	}
	if n := p.Status().Accepted; n != 0 {
		t.Errorf("it left %d events in the log", n)
	}
	p.command(1, "doctor", "ftp://www.shop.example", "--config", p.Path())
	p.command(1, "doctor", "https://www.other.example", "--config", p.Path())
	p.command(1, "doctor", "http://www.shop.example", "--config", p.Path(), "--resolve", "www.shop.example")
	p.Stop()
	if said := p.command(1, args...); !strings.Contains(said, "cannot be reached") {
		t.Error(said)
	}
}
