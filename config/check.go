package config

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"headgate/document"
	"headgate/event"
	"headgate/event/samples"
)

// check finds what is wrong between keys, beyond what each key's type says.
func (c *Config) check() document.Mistakes {
	var ms document.Mistakes
	c.checkAddresses(&ms)
	c.checkTLS(&ms)
	c.checkLimits(&ms)
	c.checkSites(&ms)
	c.Admin.check(&ms)
	c.checkTests(&ms)
	ms = append(ms, c.Queue.Check()...)
	ms = append(ms, c.Alerts.Check()...)
	if c.Data.Value == "" {
		ms.Add(c.Data.At, "data is empty", "name a folder")
	}
	return ms
}

func (c *Config) checkAddresses(ms *document.Mistakes) {
	listenOK := isAddress(c.Listen, "listen", ms)
	if c.Admin.Off() {
		return
	}
	adminOK := isAddress(c.Admin.Listen, "admin.listen", ms)
	if listenOK && adminOK && clash(c.Listen.Value, c.Admin.Listen.Value) {
		ms.Add(c.Admin.Listen.At, fmt.Sprintf("admin.listen %s is the port of listen %s", c.Admin.Listen.Value, c.Listen.Value),
			"give the admin side a port of its own")
	}
}

func isAddress(w document.Words, key string, ms *document.Mistakes) bool {
	_, port, err := net.SplitHostPort(w.Value)
	if n, e := strconv.Atoi(port); err != nil || e != nil || n < 0 || n > 65535 {
		ms.Add(w.At, fmt.Sprintf("%s takes an address and a port, not %q", key, w.Value), addressCure(w.Value, key))
		return false
	}
	return true
}

// addressCure writes an address that is a port or a name alone with what it lacks.
func addressCure(said, key string) string {
	here := ""
	if key != "listen" {
		here = "127.0.0.1"
	}
	if n, err := strconv.Atoi(said); err == nil && n > 0 && n <= 65535 {
		return fmt.Sprintf(`write "%s:%d"`, here, n)
	}
	if host, ok := strings.CutSuffix(said, ":"); said != "" && !strings.ContainsAny(host, ":/ ") {
		if ok {
			said = host
		}
		return fmt.Sprintf(`write "%s:8080"`, said)
	}
	return `write ":8080" or "127.0.0.1:8080"`
}

// clash reports whether two listeners cannot both be had.
func clash(a, b string) bool {
	hostA, portA, _ := net.SplitHostPort(a)
	hostB, portB, _ := net.SplitHostPort(b)
	return portA == portB && portA != "0" && (hostA == hostB || everywhere(hostA) || everywhere(hostB))
}

func everywhere(host string) bool {
	ip := net.ParseIP(host)
	return host == "" || ip != nil && ip.IsUnspecified()
}

func (c *Config) checkTLS(ms *document.Mistakes) {
	t := c.TLS
	switch {
	case t == nil:
	case t.ACME != nil && (t.Cert != "" || t.Key != ""):
		ms.Add(t.At, "tls has both acme and files", "keep acme, or cert and key")
	case t.ACME != nil && len(t.ACME.Hosts) == 0:
		ms.Add(t.ACME.At, "tls.acme names no hosts", "write hosts: [t.shop.example]")
	case t.ACME == nil && (t.Cert == "") != (t.Key == ""):
		ms.Add(t.At, "tls has one of cert and key", "write both")
	case t.ACME == nil && t.Cert == "":
		ms.Add(t.At, "tls says nothing", "write acme, or cert and key, or leave tls out")
	}
	if t != nil && t.ACME != nil {
		for _, h := range t.ACME.Hosts {
			checkHost(h, ms)
		}
	}
}

// leastMemory is what a quiet Headgate needs.
const leastMemory document.Size = 128 << 20

func (c *Config) checkLimits(ms *document.Mistakes) {
	l := c.Limits
	for _, one := range []struct {
		key   string
		value int64
		most  int64
	}{
		{"body", int64(l.Body), 64 << 20}, {"url", int64(l.URL), 1 << 20}, {"headers", int64(l.Headers), 1 << 20},
		{"events_per_request", int64(l.EventsPerRequest), 10_000}, {"items_per_event", int64(l.ItemsPerEvent), 10_000},
	} {
		if one.value < 1 || one.value > one.most {
			ms.Add(l.At, fmt.Sprintf("limits.%s is %d", one.key, one.value), fmt.Sprintf("it goes from 1 to %d", one.most))
		}
	}
	for _, one := range []struct {
		key   string
		value int64
	}{{"connections", int64(l.Connections)}, {"connections_per_address", int64(l.ConnectionsPerAddress)}} {
		if one.value < 0 {
			ms.Add(l.At, fmt.Sprintf("limits.%s is %d", one.key, one.value), "write how many there may be")
		}
	}
	if l.Memory > 0 && l.Memory < leastMemory {
		ms.Add(l.At, fmt.Sprintf("limits.memory is %v", l.Memory), fmt.Sprintf("give it %v or more", leastMemory))
	}
	if l.Headers < l.URL {
		ms.Add(l.At, fmt.Sprintf("limits.headers %v is smaller than limits.url %v, and it includes it", l.Headers, l.URL), "make it larger")
	}
}

func (c *Config) checkSites(ms *document.Mistakes) {
	seen := map[string]document.Entry[Site]{}
	for _, s := range c.Sites {
		for _, h := range s.Value.Hosts {
			if !checkHost(h, ms) {
				continue
			}
			host := strings.ToLower(h.Value)
			if other, twice := seen[host]; twice {
				ms.Add(h.At, fmt.Sprintf("%s is a host of the site %s too", host, other.Key), "keep it in one of them")
			}
			seen[host] = s
			if d := s.Value.CookieDomain; d.Value != "" && host != d.Value && !strings.HasSuffix(host, "."+d.Value) {
				ms.Add(d.At, fmt.Sprintf("cookie_domain %s is not above the host %s, so browsers refuse the cookie", d.Value, host),
					"name a domain that all hosts of the site end in")
			}
		}
		for _, o := range s.Value.Origins {
			checkOrigin(o, ms)
		}
	}
}

func checkHost(h document.Words, ms *document.Mistakes) bool {
	if u, err := url.Parse("//" + h.Value); err != nil || u.Host != h.Value || h.Value == "" || u.Port() != "" || strings.ContainsAny(h.Value, "*_ ") {
		cure := "write the name alone: t.shop.example"
		if whole, e := url.Parse(h.Value); e == nil && whole.Hostname() != "" {
			cure = "write the name alone: " + whole.Hostname()
		}
		if err == nil && u.Hostname() != "" && u.Port() != "" {
			cure = "leave the port out: " + u.Hostname()
		}
		ms.Add(h.At, fmt.Sprintf("%q is no host", h.Value), cure)
		return false
	}
	return true
}

func checkOrigin(o document.Words, ms *document.Mistakes) {
	u, err := url.Parse(o.Value)
	if err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.Scheme+"://"+u.Host == strings.ToLower(o.Value) {
		return
	}
	cure := "write scheme and host: https://www.shop.example"
	if bare, e := url.Parse("https://" + o.Value); e == nil && bare.Path == "" && checkHost(document.Words{Value: bare.Host}, new(document.Mistakes)) {
		cure = "write https://" + strings.ToLower(bare.Host)
	}
	if err == nil && u.Host != "" && strings.HasPrefix(u.Scheme, "http") {
		cure = fmt.Sprintf("write %s://%s", strings.ToLower(u.Scheme), strings.ToLower(u.Host))
	}
	ms.Add(o.At, fmt.Sprintf("%q is no origin", o.Value), cure)
}

// checkTests looks at what can be told without running the cases: names of fields, rules and destinations.
func (c *Config) checkTests(ms *document.Mistakes) {
	var ruleNames []string
	for _, r := range c.Rules {
		ruleNames = append(ruleNames, r.Name)
	}
	names := map[string]bool{}
	for _, t := range c.Tests {
		if names[t.Name] {
			ms.Add(t.At, fmt.Sprintf("a second test %q", t.Name), "give it a name of its own")
		}
		names[t.Name] = true
		_, wrong := samples.Read(eventNode(&t))
		*ms = append(*ms, wrong...)
		for _, e := range t.Expect {
			switch e.Key {
			case "dropped_by":
				if e.Value.Kind == document.Text && e.Value.Text != "bots" && !slices.Contains(ruleNames, e.Value.Text) {
					ms.Add(e.Value.At, fmt.Sprintf("there is no rule %q", e.Value.Text), document.DidYouMean(e.Value.Text, ruleNames))
				}
			case "sent":
				for _, f := range e.Value.Fields {
					if _, ok := c.Destinations.Get(f.Key); !ok {
						ms.Add(f.At, fmt.Sprintf("there is no destination %q", f.Key), document.DidYouMean(f.Key, c.Destinations.Keys()))
					}
					checkSent(&f, ms)
				}
			default:
				checkTestField(e.Key, e.At, []string{"dropped_by", "sent"}, ms)
			}
		}
	}
}

// eventNode is the event of a test as it was written.
func eventNode(t *Test) *document.Node {
	n := &document.Node{At: t.At, Kind: document.Map}
	for _, f := range t.Event {
		n.Fields = append(n.Fields, document.Field(f))
	}
	return n
}

// checkSent looks at what a test expects a destination to be sent: "nothing", or values of the request.
func checkSent(f *document.Field, ms *document.Mistakes) {
	cure := `write nothing, or values of the request by their paths: {body.data[0].event_name: Purchase}`
	switch n := f.Value; {
	case n.Kind == document.Map, n.Kind == document.Text && n.Text == "nothing":
		return
	case n.Kind == document.Bool && strings.EqualFold(n.Text, "true"):
		cure = "write {} for any request"
	case n.Kind == document.Bool:
		cure = "write nothing"
	}
	ms.Add(f.Value.At, fmt.Sprintf("what %s is sent is not described by this", f.Key), cure)
}

// checkTestField checks the name of a field of an event.
func checkTestField(path string, at document.Place, more []string, ms *document.Mistakes) {
	if _, _, ok := event.Lookup(path); ok || slices.Contains(more, path) {
		return
	}
	known := slices.Clone(more)
	for _, f := range event.Fields {
		known = append(known, f.Path)
	}
	ms.Add(at, fmt.Sprintf("no field %q", path), document.Suggestion(path, known))
}
