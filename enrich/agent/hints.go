package agent

import (
	"strings"

	"headgate/event"
	"headgate/event/wire"
)

// Hints are user agent client hints, which Chromium's browsers send besides a user agent that no longer names versions.
// https://wicg.github.io/ua-client-hints/
type Hints struct {
	Brands          brandList
	platform        string
	platformVersion string
	mobile          string // 1 or 0
}

// brandList is a list of brands as it was sent.
type brandList struct {
	Text string
	form brandForm
}

type brandForm uint8

const (
	asHeader brandForm = iota // "Google Chrome";v="139.0.7258.66", "Not;A=Brand";v="99"
	asScript                  // Google Chrome;139.0.7258.66|Not%3BA%3DBrand;99.0.0.0, each part percent-encoded once more
)

type brand struct{ name, version string }

// Note takes a header into account; name is in lower case.
func (hs *Hints) Note(name, value string) {
	switch name {
	case "sec-ch-ua-full-version-list":
		hs.Brands.Text = value
	case "sec-ch-ua":
		if hs.Brands.Text == "" {
			hs.Brands.Text = value
		}
	case "sec-ch-ua-platform":
		hs.platform = strings.Trim(value, `"`)
	case "sec-ch-ua-platform-version":
		hs.platformVersion = strings.Trim(value, `"`)
	case "sec-ch-ua-mobile":
		hs.mobile = strings.TrimPrefix(value, "?")
	}
}

// StatedHints returns the hints that a script asked the browser for and sent with an event: it knows more than the headers
// say. ok is false when there are none.
func StatedHints(blocks []event.Block, e *event.Event) (hs Hints, ok bool) {
	for i := range blocks {
		names := &blocks[i].Hints
		if *names == (event.HintNames{}) {
			continue
		}
		block := e.Params.Get(blocks[i].Param).Object()
		if block == nil {
			continue
		}
		hs = Hints{
			Brands:          brandList{block.Text(names.Brands), asScript},
			platform:        block.Text(names.Platform),
			platformVersion: block.Text(names.PlatformVersion),
			mobile:          block.Text(names.Mobile),
		}
		if hs.Brands.Text != "" || hs.platform != "" {
			return hs, true
		}
	}
	return Hints{}, false
}

// Apply puts what the hints say over what the user agent said.
func (as *Reader) Apply(hs *Hints, d *event.Device) {
	if b := as.brand(hs.Brands); b.version != "" {
		// A browser without a brand of its own says only Chromium; its user agent may know better.
		if b.name != "Chromium" || d.Browser == "" {
			d.Browser, d.BrowserVersion = b.name, b.version
		} else if d.Browser == "Chrome" {
			d.BrowserVersion = b.version
		}
	}
	if hs.platform != "" && hs.platform != "Unknown" {
		os, version := platform(hs.platform, hs.platformVersion)
		if os != d.OS {
			d.OS, d.OSVersion = os, version
		} else if version != "" {
			d.OSVersion = version
		}
	}
	switch {
	case hs.mobile == "1" && d.Type != "tablet" && d.Type != "tv":
		d.Type = "mobile"
	case hs.mobile == "0" && d.Type == "mobile":
		d.Type = "tablet" // a user agent of Android that says "Mobile", from a device that says it is none
	}
}

// platform returns the names of an operating system as user agents have them. Windows counts its API contracts:
// https://learn.microsoft.com/en-us/microsoft-edge/web-platform/how-to-detect-win11
func platform(name, version string) (os, osVersion string) {
	switch name {
	case "Chrome OS", "Chromium OS":
		return "ChromeOS", version
	case "Windows":
		major, _, _ := strings.Cut(version, ".")
		switch {
		case !wire.IsDigits(major):
			return name, ""
		case major == "0":
			return name, "" // 7, 8 or 8.1; the user agent knows which
		case len(major) == 1 || major == "10":
			return name, "10"
		}
		return name, "11"
	}
	return name, version
}

// maxBrands is how much of a list of brands is read; real ones have about 100 bytes.
const maxBrands = 512

// brand returns the browser that a list names; it does not allocate for a list it knows.
func (as *Reader) brand(list brandList) brand {
	if list.Text == "" {
		return brand{}
	}
	if len(list.Text) > maxBrands {
		list.Text = list.Text[:maxBrands]
	}
	if b, ok := as.brands.Get(list); ok {
		return b
	}
	list.Text = strings.Clone(list.Text)
	b := pickBrand(list)
	as.brands.Add(list, b)
	return b
}

// brandNames are brands that user agents know by another name.
var brandNames = map[string]string{
	"Google Chrome":    "Chrome",
	"Microsoft Edge":   "Edge",
	"Samsung Internet": "Samsung Browser",
	"YaBrowser":        "Yandex Browser",
}

// pickBrand takes the brand that is neither Chromium, which nearly all name, nor made up to keep parsers honest
// ("Not;A=Brand"); Chromium when there is no other.
func pickBrand(list brandList) (picked brand) {
	rest := list.Text
	for rest != "" {
		var b brand
		b, rest = cutBrand(rest, list.form)
		switch {
		case b.name == "" || strings.Contains(b.name, "Not") && strings.Contains(b.name, "Brand"):
		case b.name != "Chromium":
			if known, ok := brandNames[b.name]; ok {
				b.name = known
			}
			b.name, b.version = name(b.name), version(b.version)
			return b
		case picked.name == "":
			picked = b
		}
	}
	picked.name, picked.version = name(picked.name), version(picked.version)
	return picked
}

// cutBrand takes the first brand off a list.
func cutBrand(list string, form brandForm) (b brand, rest string) {
	if form == asScript {
		item, rest, _ := strings.Cut(list, "|")
		label, version, _ := strings.Cut(item, ";")
		return brand{wire.Unescape(label), wire.Unescape(version)}, rest
	}
	_, list, _ = strings.Cut(list, `"`)
	label, list, _ := strings.Cut(list, `"`)
	_, list, _ = strings.Cut(list, `v="`)
	version, list, _ := strings.Cut(list, `"`)
	return brand{label, version}, list
}
