package proxy

import (
	"net/http"
	"strings"
	"testing"
)

// cookiesOf are the cookies of an answer as a browser sends them back.
func cookiesOf(resp *http.Response) string {
	var pairs []string
	for _, c := range resp.Cookies() {
		pairs = append(pairs, c.Name+"="+c.Value)
	}
	return strings.Join(pairs, "; ")
}

func TestAPurchaseStillHasTheClickOfTheLandingPage(t *testing.T) {
	s := newSink(t)
	r := start(t, t.TempDir(), s, "")
	const agreed = `"consent":{"analytics":true,"ads":true}`
	landing := r.ask(t, "POST", "/e", `{"name":"page_view","page":{"url":"https://www.shop.example/?tblci=GiC-x&dicbo=v2-7"},`+agreed+`}`)
	cookies := cookiesOf(landing)
	if landing.StatusCode != 202 || len(landing.Cookies()) != 2 {
		t.Fatalf("%d %v", landing.StatusCode, landing.Header)
	}
	r.ask(t, "POST", "/e", `{"name":"purchase","page":{"url":"https://www.shop.example/thanks"},`+agreed+`}`, "Cookie", cookies)
	for _, e := range s.await(t, 2) {
		if e.Campaign.ClickIDs.Text("tblci") != "GiC-x" || e.Campaign.ClickIDs.Text("dicbo") != "v2-7" {
			t.Errorf("%s has the click ids %v", e.Name, e.Campaign.ClickIDs)
		}
	}
	withdrawn := r.ask(t, "POST", "/consent", `{"consent":{"analytics":true,"ads":false}}`, "Cookie", cookies)
	ended := 0
	for _, c := range withdrawn.Cookies() {
		if c.Name == "_hg_clicks" && c.MaxAge < 0 {
			ended++
		}
	}
	if ended != 1 {
		t.Errorf("withdrawn, and the answer carries %v", withdrawn.Header)
	}
}
