package enrich_test

import (
	"testing"

	"headgate/event"
)

func TestBotsAreRecognised(t *testing.T) {
	en := build(t, "")
	for _, c := range []struct {
		userAgent, source, bot string
	}{
		{"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "ga4", "Googlebot"},
		{"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)", "ga4", "ClaudeBot"},
		{"Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)", "pixel", "SemrushBot"},
		{"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/139.0.0.0 Safari/537.36", "ga4", "HeadlessChrome"},
		{"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36 Chrome-Lighthouse", "ga4", "Chrome-Lighthouse"},
		{"curl/8.5.0", "ga4", "curl"},
		{"Wget/1.21", "pixel", "Wget"},
		{"not curl", "ga4", ""},
		{"AdsBot-Google (+http://www.google.com/adsbot.html)", "ga4", "AdsBot-Google"},
		{"Mozilla/5.0 (compatible; NewThing/1.0; +https://newthing.example/about)", "ga4", "NewThing"},
		{"SomeNewBot/2.1", "events", "SomeNewBot"},
		{"", "ga4", "no user agent"},
		{"", "events", ""},
		{"curl/8.5.0", "events", ""},
		{"Go-http-client/1.1", "segment", ""},
		{"Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "segment", "bingbot"},
		{chrome, "ga4", ""},
		{pixel8, "ga4", ""},
		{"Mozilla/5.0 (X11; Linux x86_64) pipebench", "ga4", ""},
		{"Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Mobile Safari/537.36", "ga4", ""},
		{"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 300.0.0.0 (iPhone15,2; iOS 18_5; en_US)", "ga4", ""},
		{"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/500.0.0.0;FBDV/iPhone15,2]", "ga4", ""},
		{"Mozilla/5.0 (Linux; Android 14; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/139.0.0.0 Mobile Safari/537.36 trill_2023 BytedanceWebview/d8a21c6", "ga4", ""},
		{"Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.38(0x1800262c) NetType/WIFI", "ga4", ""},
		{"Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36", "ga4", ""},
	} {
		e := describe(en, browser("user-agent", c.userAgent), event.Event{Source: c.source})
		if c.userAgent == "" { // browser() puts one in where it is empty
			h := browser("user-agent", "x")
			h.Headers = nil
			e = describe(en, h, event.Event{Source: c.source})
		}
		if e.Device.BotName != c.bot || e.Device.Bot != (c.bot != "") {
			t.Errorf("%s hit of %q: bot %v %q, want %q", c.source, c.userAgent, e.Device.Bot, e.Device.BotName, c.bot)
		}
		if en.Drops(&e) != e.Device.Bot {
			t.Errorf("%q: dropped is %v", c.userAgent, en.Drops(&e))
		}
	}
}

func TestPagesLoadedAheadAreNotVisits(t *testing.T) {
	en := build(t, "")
	for _, header := range [][2]string{{"sec-purpose", "prefetch;prerender"}, {"purpose", "prefetch"}, {"x-purpose", "preview"}, {"x-moz", "prefetch"},
		{"x-sec-purpose", "prefetch"}, {"next-router-prefetch", "1"}, {"sec-purpose", "prefetch; anonymous-client-ip"}} {
		e := describe(en, browser(header[0], header[1]), event.Event{Source: "ga4"})
		expect(t, &e, map[string]string{"device.bot": "true", "device.bot_name": "prefetch"})
	}
}

func TestWhatHappensToBotsIsTheSitesChoice(t *testing.T) {
	for policy, want := range map[string][2]bool{"drop": {true, true}, "flag": {true, false}, "keep": {false, false}} {
		en := build(t, "enrich: {bots: "+policy+"}")
		e := describe(en, browser("user-agent", "Googlebot/2.1", "purpose", "prefetch"), event.Event{Source: "ga4"})
		if got := [2]bool{e.Device.Bot, en.Drops(&e)}; got != want {
			t.Errorf("%s: flagged and dropped are %v, want %v", policy, got, want)
		}
	}
}

func TestAKnownUserAgentIsReadWithoutAllocation(t *testing.T) {
	en := build(t, "")
	h := browser("user-agent", chrome)
	h.Cookie = ""
	en.Client(h)
	en.Visit(h)
	if n := testing.AllocsPerRun(100, func() { en.Visit(h) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
