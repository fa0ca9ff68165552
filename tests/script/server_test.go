package script_test

import (
	"bufio"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"headgate/tests/sdks/goserver"
)

// expressServer is the one of docs/web-servers.md, in Node.
func expressServer(t *testing.T, s *site) string {
	t.Helper()
	cmd := exec.Command("../../dev/scripts/node.sh", "sdks/node", "page.mjs")
	cmd.Env = append(os.Environ(), "HEADGATE_URL="+s.edge.URL+"/e", "HEADGATE_KEY=of-a-server")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait() // it was told to end
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(address)
}

// goServer is the one of docs/web-servers.md, in Go.
func goServer(t *testing.T, s *site) string {
	t.Helper()
	tracker := goserver.NewTracker(s.edge.URL+"/e", "of-a-server")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "private")
		fmt.Fprintf(w, `<!doctype html><title>Shop</title><script src="%s/a.js" defer data-to="/e?k=PAGE_KEY" data-view="%s"></script>`, s.edge.URL, tracker.PageView(r))
	}))
	t.Cleanup(tracker.Close)
	t.Cleanup(server.Close)
	return server.URL + "/"
}

func TestAPageViewOfTheServerThatTheBrowserCompletesCountsOnce(t *testing.T) {
	s := openConfigured(t, strings.Replace(config, "events: {", "events: {server_keys: [of-a-server], keys: [PAGE_KEY], ", 1)+open)
	counted := 0
	for name, server := range map[string]func(*testing.T, *site) string{"express": expressServer, "go": goServer} {
		t.Run(name, func(t *testing.T) {
			s.browser, s.t = &browser{t, s.Browser}, t
			s.forget()
			address := server(t, s)
			s.visit(s.pages.URL + "/agree")
			s.goTo(address) // the first view: this visitor has no id yet
			s.events(1, "page_view")
			s.known()
			if n := s.requests("POST /e"); n > 0 {
				t.Errorf("the server sent the view of a visitor whom nobody knows")
			}
			s.goTo(address + "?again")
			s.process.Until("has got both words on the second view", func() bool { return s.requests("POST /e") == 1 && s.requests("POST /e?k=PAGE_KEY") >= 2 })
			views := s.events(2, "page_view")
			if len(views) != 2 || views[0].ID == views[1].ID || views[0].User.ClientID == "" || views[0].User.ClientID != views[1].User.ClientID {
				t.Errorf("%+v", views)
			}
			counted += 2
			var overview struct{ Events int }
			s.process.Until("has counted", func() bool {
				s.process.Ask(http.MethodGet, "/api/insight/overview?since=1h", &overview)
				return overview.Events >= counted
			})
			if overview.Events != counted {
				t.Errorf("insight has counted %d events, want %d", overview.Events, counted)
			}
		})
	}
}
