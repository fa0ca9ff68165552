package scripts

import (
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"headgate/document"
	"headgate/document/shape"
	"headgate/scripts/own"
)

// Config is the section `scripts:`.
type Config = document.Ordered[Entry]

// Entry is one script, Headgate's own or a vendor's, or Google's tag gateway.
type Entry struct {
	At      document.Place                   `yaml:"-"`
	Use     document.Words                   `yaml:"use" help:"One of the known: own (Headgate's browser script; what the entry called own is by itself), google (gtag.js and gtm.js), google_gateway, meta, tiktok, snapchat, pinterest, linkedin, x, reddit, bing; else write from" example:"google"`
	Path    document.Words                   `yaml:"path,required" help:"Where it is served; files lie below it" example:"/s"`
	From    document.Words                   `yaml:"from" help:"Where it comes from: a file, or with files the folder above them" example:"https://cdn.vendor.example/v1/vendor.js"`
	Files   []document.Words                 `yaml:"files" help:"Which files below from are served; * stands for any part of a name" example:"[main.js, parts/*.js]"`
	Query   []document.Words                 `yaml:"query" help:"Query parameters that are passed on" example:"[id, v]"`
	IDs     []document.Words                 `yaml:"ids" help:"The values of the query parameter id that are served; for google_gateway the tag's own id" example:"[G-EXAMPLE]"`
	Needs   *Needs                           `yaml:"needs" help:"Consent purposes without which it is not served, or none" example:"[analytics]"`
	Geo     *bool                            `yaml:"geo" help:"Asks for, and keeps, a version for each country and region: the vendor builds the place into the file" example:"true"`
	Rewrite document.Ordered[document.Words] `yaml:"rewrite" help:"Hosts in the file that are replaced: host: our host and path" example:"{connect.facebook.net: t.shop.example/s}"`
	MaxAge  document.Duration                `yaml:"max_age" help:"How long browsers and Headgate keep it before asking again" example:"15m"`
	Size    document.Size                    `yaml:"size" help:"A larger file is not served" example:"2MiB"`
	Pin     []document.Words                 `yaml:"pin" help:"SHA-256 of the vendor's file, in hex: no other version is served" example:"[9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08]"`
	Address bool                             `yaml:"address" help:"Of google_gateway: sends the visitor's address along, with consent to ads" example:"false"`
}

// SetDefaults is called before an entry is read.
func (e *Entry) SetDefaults() {
	e.MaxAge, e.Size = document.Duration(15*time.Minute), 2<<20
}

// Needs are purposes of consent, or none.
type Needs struct{ Purposes []document.Words }

// DecodeDocument reads a list of purposes, one of them, or the word none.
func (n *Needs) DecodeDocument(node *document.Node) document.Mistakes {
	if node.Kind == document.Text {
		if node.Text != "none" {
			n.Purposes = []document.Words{{Value: node.Text, At: node.At}}
		}
		return nil
	}
	mistakes := document.Decode(node, &n.Purposes)
	if len(n.Purposes) == 0 && len(mistakes) == 0 {
		mistakes.Add(node.At, "needs names no purpose", "write needs: none, if it is to be served without consent")
	}
	return mistakes
}

// DocumentShape is the shape of both ways.
func (*Needs) DocumentShape() *shape.Shape {
	one := shape.Text()
	one.Takes = "a purpose, or none"
	return shape.AnyOf(shape.ListOf(one), one)
}

var (
	ourPath   = regexp.MustCompile(`^(/[A-Za-z0-9_.~-]+)+$`)
	fileName  = regexp.MustCompile(`^[A-Za-z0-9_.~*-]+(/[A-Za-z0-9_.~*-]+)*$`)
	hostName  = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*$`)
	ourPlace  = regexp.MustCompile(`^[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9_.~-]+)*$`)
	gatewayID = regexp.MustCompile(`^(G|GT|GTM|AW|DC)-[A-Z0-9]{4,20}$`)
	digest    = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// open checks an entry and makes its script; nil where too much is wrong.
func (e *Entry) open(name string, purposes []string) (*Script, document.Mistakes) {
	if e.isOwnScript(name) {
		return e.openOwn(name)
	}
	var ms document.Mistakes
	s := &Script{Name: name, path: e.Path.Value, maxAge: e.MaxAge.Std(), size: e.Size.Int(), address: e.Address,
		query: map[string]bool{}, ids: map[string]bool{}, pins: map[string]bool{}}
	if !ourPath.MatchString(e.Path.Value) || strings.Contains(e.Path.Value, "/.") {
		ms.Add(e.Path.At, "a script cannot be served at "+e.Path.Value, "write a path such as /s")
	}
	known := preset{}
	if e.Use.Value != "" {
		var ok bool
		if known, ok = presets[e.Use.Value]; !ok {
			ms.Add(e.Use.At, "no script is known as "+e.Use.Value, document.DidYouMean(e.Use.Value, presetNames()))
			return nil, ms
		}
	}
	s.Gateway, s.geo, s.files = known.gateway, known.geo, known.files
	if e.Geo != nil {
		s.geo = *e.Geo
	}
	for _, key := range known.query {
		s.query[key] = true
	}
	ms = append(ms, e.from(s, known.from)...)
	ms = append(ms, e.lists(s)...)
	ms = append(ms, e.identified(s, known)...)
	ms = append(ms, e.needs(s, known, purposes)...)
	if s.maxAge < time.Minute || s.maxAge > 24*time.Hour {
		ms.Add(e.At, "max_age of the script "+name+" is "+e.MaxAge.String(), "it goes from 1m to 24h")
	}
	if s.size < 1<<10 || s.size > 16<<20 {
		ms.Add(e.At, "size of the script "+name+" is "+e.Size.String(), "it goes from 1KiB to 16MiB")
	}
	return s, ms
}

// from reads where a script comes from: its host is fixed here, for good.
func (e *Entry) from(s *Script, usual string) (ms document.Mistakes) {
	from, at := e.From.Value, e.From.At
	switch {
	case from == "" && usual == "":
		ms.Add(e.At, "the script "+s.Name+" comes from nowhere", "write from: https://cdn.vendor.example/vendor.js, or use: with one of "+strings.Join(presetNames(), ", "))
		return ms
	case from == "":
		from, at = usual, e.Use.At
		if s.Gateway && len(e.IDs) == 1 {
			from = strings.ReplaceAll(usual, "ID", strings.ToLower(e.IDs[0].Value))
		}
	}
	u, err := url.Parse(from)
	if err != nil || u.Scheme != "https" && !(u.Scheme == "http" && isOwn(u.Hostname())) || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Opaque != "" || u.RawPath != "" || strings.Contains(u.Path, "..") || strings.Contains(u.Path, "//") {
		ms.Add(at, "no script can come from "+from, "write an address such as https://cdn.vendor.example/vendor.js, without a query")
		return ms
	}
	s.upstream = u.Scheme + "://" + strings.ToLower(u.Host) + strings.TrimSuffix(u.EscapedPath(), "/")
	return ms
}

// isOwn reports whether a host is this machine or a private address, from where a script may come without TLS.
func isOwn(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && (a.IsLoopback() || a.IsPrivate())
}

func (e *Entry) lists(s *Script) (ms document.Mistakes) {
	for _, f := range e.Files {
		if !fileName.MatchString(f.Value) || slices.Contains(strings.Split(f.Value, "/"), "..") {
			ms.Add(f.At, "no file is called "+f.Value, "write a path below from, such as parts/*.js")
		}
		s.files = append(s.files, f.Value)
	}
	for _, q := range e.Query {
		s.query[q.Value] = true
	}
	for _, p := range e.Pin {
		if !digest.MatchString(p.Value) {
			ms.Add(p.At, p.Value+" is no SHA-256 in hex", "write 64 digits in lower case: sha256sum prints them")
		}
		s.pins[p.Value] = true
	}
	var pairs []string
	for i := range e.Rewrite {
		host, to := e.Rewrite[i].Key, e.Rewrite[i].Value
		if !hostName.MatchString(host) || !ourPlace.MatchString(to.Value) {
			ms.Add(to.At, host+" cannot be replaced by "+to.Value, "write {cdn.vendor.example: t.shop.example/s}")
			continue
		}
		// Only whole addresses: scripts join bare names of hosts with a scheme, which would break.
		pairs = append(pairs, "//"+host+"/", "//"+to.Value+"/", "//"+host+`"`, "//"+to.Value+`"`, `\/\/`+host+`\/`, `\/\/`+strings.ReplaceAll(to.Value, "/", `\/`)+`\/`)
	}
	if len(pairs) > 0 {
		s.rewrite = strings.NewReplacer(pairs...)
	}
	return ms
}

// identified reads whose files are served.
func (e *Entry) identified(s *Script, known preset) (ms document.Mistakes) {
	for _, id := range e.IDs {
		s.ids[id.Value] = true
	}
	switch {
	case s.Gateway && (len(e.IDs) != 1 || !gatewayID.MatchString(e.IDs[0].Value)):
		ms.Add(e.At, "the gateway "+s.Name+" needs the id of its tag", "write ids: [G-EXAMPLE]")
	case known.ids && len(e.IDs) == 0:
		ms.Add(e.At, "the script "+s.Name+" names no ids: everybody's containers would be served", "write ids: [G-EXAMPLE, GTM-EXAMPLE]")
	case len(e.IDs) > 0 && !s.Gateway:
		s.query["id"] = true
	}
	if e.Address && !s.Gateway {
		ms.Add(e.At, "the script "+s.Name+" is fetched for all visitors alike: no address goes along", "take address out")
	}
	return ms
}

func (e *Entry) needs(s *Script, known preset, purposes []string) (ms document.Mistakes) {
	s.Needs = known.needs
	if e.Needs == nil {
		if e.Use.Value == "" {
			ms.Add(e.At, "the script "+s.Name+" does not say what consent it needs", "write needs: [ads], or needs: none")
		}
		return ms
	}
	s.Needs = nil
	for _, p := range e.Needs.Purposes {
		if !slices.Contains(purposes, p.Value) {
			ms.Add(p.At, "no purpose is called "+p.Value, document.DidYouMean(p.Value, purposes))
		}
		s.Needs = append(s.Needs, p.Value)
	}
	return ms
}

// hosts are the hosts that scripts come from.
func (s *Set) hosts() (hosts []string) {
	for _, one := range s.list {
		if u, err := url.Parse(one.upstream); err == nil && one.own == nil {
			hosts = append(hosts, u.Hostname())
		}
	}
	return hosts
}

// isOwnScript reports whether an entry is Headgate's own script.
func (e *Entry) isOwnScript(name string) bool {
	return e.Use.Value == ownName || name == ownName && e.Use.Value == "" && e.From.Value == ""
}

// openOwn checks the entry of our own script: there is nothing to say of it but where it is.
func (e *Entry) openOwn(name string) (*Script, document.Mistakes) {
	var ms document.Mistakes
	if !ourPath.MatchString(e.Path.Value) || strings.Contains(e.Path.Value, "/.") || !strings.HasSuffix(e.Path.Value, ".js") {
		ms.Add(e.Path.At, "the browser script cannot be served at "+e.Path.Value, "write a path that ends in .js, such as /a.js")
	}
	if e.From.Value != "" || e.Needs != nil || e.Geo != nil || e.Address || len(e.Files)+len(e.Query)+len(e.IDs)+len(e.Rewrite)+len(e.Pin) > 0 {
		ms.Add(e.At, "the script "+name+" is Headgate's own, of which only the path can be said", "take out everything but use and path")
	}
	s := &Script{Name: name, path: e.Path.Value, own: map[string]*ownFile{}}
	for file, text := range own.Files() {
		s.own[file] = &ownFile{text: text}
	}
	return s, ms
}
