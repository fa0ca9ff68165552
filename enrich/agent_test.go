package enrich_test

import (
	"strings"
	"testing"

	"headgate/event"
)

func TestUserAgentsAreRead(t *testing.T) {
	en := build(t, "")
	for _, c := range []struct {
		userAgent                             string
		browser, version, os, osVersion, kind string
	}{
		{chrome, "Chrome", "139.0.0.0", "Windows", "10", "desktop"},
		{chrome + " Edg/139.0.0.0", "Edge", "139.0.0.0", "Windows", "10", "desktop"},
		{firefox, "Firefox", "141.0", "Linux", "", "desktop"},
		{pixel8, "Chrome", "139.0.0.0", "Android", "10", "mobile"},
		{"Mozilla/5.0 (Linux; Android 13; SM-X906C) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36", "Chrome", "139.0.0.0", "Android", "13", "tablet"},
		{"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1", "Safari", "18.5", "iOS", "18.5", "mobile"},
		{"Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1", "Safari", "17.5", "iOS", "17.5", "tablet"},
		{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15", "Safari", "18.5", "macOS", "10.15.7", "desktop"},
		{"Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/94.0.4606.128 Safari/537.36 WebAppManager", "Chrome", "94.0.4606.128", "Linux", "", "tv"},
		{"Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Mobile Safari/537.36", "Chrome", "139.0.0.0", "Android", "9", "mobile"},
		{"Mozilla/5.0 (X11; Linux x86_64) pipebench", "", "", "Linux", "", "desktop"},
		{"Opera/9.80 (Android; Opera Mini/36.2/119.132; U; en) Presto/2.12.423 Version/12.16", "Opera Mini", "36.2/119.132", "Android", "", "mobile"},
		{strings.Repeat("nonsense ", 500), "", "", "", "", ""},
	} {
		e := describe(en, browser("user-agent", c.userAgent), event.Event{Source: "ga4"})
		expect(t, &e, map[string]string{"device.user_agent": c.userAgent, "device.browser": c.browser, "device.browser_version": c.version,
			"device.os": c.os, "device.os_version": c.osVersion, "device.type": c.kind, "device.bot": "", "device.bot_name": ""})
		if t.Failed() {
			t.Fatal(c.userAgent)
		}
	}
}

func TestClientHintsKnowBetter(t *testing.T) {
	en := build(t, "")
	ga4 := func(pairs ...string) event.Event {
		var wire event.Map
		for i := 0; i < len(pairs); i += 2 {
			wire.Add(pairs[i], event.String(pairs[i+1]))
		}
		return event.Event{Source: "ga4", Params: event.Map{{Key: "ga4", Value: event.ObjectOf(wire)}}}
	}
	for _, c := range []struct {
		name    string
		headers []string
		event   event.Event
		want    map[string]string
	}{
		{"headers", []string{"user-agent", chrome,
			"sec-ch-ua", `"Not;A=Brand";v="99", "Google Chrome";v="139", "Chromium";v="139"`, "sec-ch-ua-mobile", "?0", "sec-ch-ua-platform", `"Windows"`},
			event.Event{}, map[string]string{"device.browser": "Chrome", "device.browser_version": "139", "device.os": "Windows", "device.os_version": "10", "device.type": "desktop"}},
		{"full versions", []string{"user-agent", chrome, "sec-ch-ua", `"Google Chrome";v="139"`,
			"sec-ch-ua-full-version-list", `"Not;A=Brand";v="99.0.0.0", "Brave";v="139.1.81.131", "Chromium";v="139.1.81.131"`, "sec-ch-ua-platform", `"Windows"`, "sec-ch-ua-platform-version", `"15.0.0"`},
			event.Event{}, map[string]string{"device.browser": "Brave", "device.browser_version": "139.1.81.131", "device.os_version": "11"}},
		{"windows 10 counts its contracts from 1 to 10", []string{"user-agent", chrome, "sec-ch-ua-platform", `"Windows"`, "sec-ch-ua-platform-version", `"8.0.0"`}, event.Event{}, map[string]string{"device.os_version": "10"}},
		{"windows 7 says 0", []string{"user-agent", strings.Replace(chrome, "NT 10.0", "NT 6.1", 1), "sec-ch-ua-platform", `"Windows"`, "sec-ch-ua-platform-version", `"0.1.0"`}, event.Event{}, map[string]string{"device.os_version": "7"}},
		{"a tablet that says Mobile", []string{"user-agent", pixel8, "sec-ch-ua-mobile", "?0"}, event.Event{}, map[string]string{"device.type": "tablet"}},
		{"a phone that asks for the desktop page", []string{"user-agent", chrome, "sec-ch-ua-mobile", "?1", "sec-ch-ua-platform", `"Android"`}, event.Event{}, map[string]string{"device.type": "mobile", "device.os": "Android", "device.os_version": ""}},
		{"GA4's parameters", []string{"user-agent", pixel8}, ga4("uafvl", "Chromium;139.0.7258.66|Not%3BA%3DBrand;99.0.0.0|Google%20Chrome;139.0.7258.67", "uamb", "1", "uap", "Android", "uapv", "15.0.0", "uam", "Pixel 8"),
			map[string]string{"device.browser": "Chrome", "device.browser_version": "139.0.7258.67", "device.os": "Android", "device.os_version": "15.0.0", "device.type": "mobile"}},
		{"GA4's parameters go before headers", []string{"user-agent", chrome, "sec-ch-ua", `"Google Chrome";v="139"`}, ga4("uafvl", "Google%20Chrome;139.0.7258.67", "uap", "Windows", "uapv", "19.0.0"),
			map[string]string{"device.browser_version": "139.0.7258.67", "device.os_version": "11"}},
		{"only Chromium: the user agent names the browser", []string{"user-agent", chrome}, ga4("uafvl", "Chromium;139.0.7258.66|Not%3BA%3DBrand;99.0.0.0", "uap", "Windows"), map[string]string{"device.browser": "Chrome", "device.browser_version": "139.0.7258.66"}},
		{"only Chromium and no user agent to speak of", []string{"user-agent", "Mozilla/5.0 (X11; Linux x86_64) pipebench"}, ga4("uafvl", "Chromium;139.0.7258.66", "uap", "Linux", "uapv", "6.1.0"),
			map[string]string{"device.browser": "Chromium", "device.browser_version": "139.0.7258.66", "device.os": "Linux", "device.os_version": "6.1.0"}},
		{"hints of nothing", []string{"user-agent", chrome, "sec-ch-ua", `"Not A Brand`, "sec-ch-ua-platform", `"Unknown"`, "sec-ch-ua-mobile", ""}, event.Event{}, map[string]string{"device.browser": "Chrome", "device.os": "Windows"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := describe(en, browser(c.headers...), c.event)
			expect(t, &e, c.want)
		})
	}
}

func TestWhatTheClientSaysOfItsDeviceStands(t *testing.T) {
	e := event.Event{Source: "segment"}
	e.Device.Language, e.Device.Type, e.Device.OS = "fr", "tv", "tvOS"
	e = describe(build(t, ""), browser("accept-language", "de-DE,de;q=0.9"), e)
	expect(t, &e, map[string]string{"device.language": "fr", "device.type": "tv", "device.os": "tvOS", "device.browser": "Firefox"})

	e = describe(build(t, ""), browser("accept-language", "de-DE,de;q=0.9"), event.Event{Source: "segment"})
	expect(t, &e, map[string]string{"device.language": "de-DE"})
}

func FuzzUserAgent(f *testing.F) {
	f.Add(chrome, `"Google Chrome";v="139", "Not;A=Brand"`, "Chromium;139|%zz;")
	f.Add("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) (Android; (", `";v=";`, ";;||;")
	f.Add("[FBAN/FBIOS;FBAV/1]:http://x Linux Android CrOS x86_64 ", "", "\x02\x03")
	en := build(f, "")
	f.Fuzz(func(t *testing.T, userAgent, brands, fvl string) {
		wire := event.Map{{Key: "uafvl", Value: event.String(fvl)}}
		for _, e := range []event.Event{{Source: "events"}, {Source: "ga4", Params: event.Map{{Key: "ga4", Value: event.ObjectOf(wire)}}}} {
			first := describe(en, browser("user-agent", userAgent, "sec-ch-ua", brands), e)
			again := describe(en, browser("user-agent", userAgent, "sec-ch-ua", brands), e)
			if first.Device != again.Device {
				t.Fatalf("%q is %+v at first and %+v from memory", userAgent, first.Device, again.Device)
			}
		}
	})
}
