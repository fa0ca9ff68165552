// Package starter writes the configuration that somebody begins with: of a shop, a site that collects leads, or a publisher. What it
// writes passes check and its own tests as it stands; what needs a secret is switched off until there is one.
package starter

import (
	"bytes"
	"embed"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"text/template"
)

//go:embed *.yaml.tmpl
var files embed.FS

// Kinds are the kinds of sites, each with what it is for.
var kinds = []string{"shop", "leads", "publisher"}

// Kinds lists the kinds of sites that there is a configuration for.
func Kinds() []string { return slices.Clone(kinds) }

// Site is what a configuration is written for.
type Site struct {
	Kind string // one of Kinds
	Page string // host of the pages: www.shop.example
	Host string // host that Headgate is reached by: t.shop.example
	GA4  string // measurement id: G-ABC1234567; "" for none
	Meta string // id of the pixel; "" for none
}

// HostOf suggests the host that Headgate is reached by: t. in place of www.
func HostOf(page string) string {
	return "t." + strings.TrimPrefix(page, "www.")
}

// PageOf returns the host of what a person calls their site: an address, or a host; "" when it is neither.
func PageOf(said string) string {
	said = strings.TrimSpace(said)
	if !strings.Contains(said, "://") {
		said = "https://" + said
	}
	u, err := url.Parse(said)
	if err != nil || !strings.Contains(u.Hostname(), ".") || strings.ContainsAny(u.Hostname(), " _\"'") {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// Write returns the configuration of a site as YAML.
func Write(s Site) ([]byte, error) {
	if !slices.Contains(kinds, s.Kind) {
		return nil, fmt.Errorf("no kind of site is called %q: there is %s", s.Kind, strings.Join(kinds, ", "))
	}
	all, err := template.ParseFS(files, "*.yaml.tmpl")
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := all.ExecuteTemplate(&out, s.Kind+".yaml.tmpl", s); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
