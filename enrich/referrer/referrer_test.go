package referrer

import "testing"

func TestHostsHaveClasses(t *testing.T) {
	for host, want := range map[string]string{
		"": "", "www.google.com": Search, "google.co.uk": Search, "www.google.com.br": Search, "gemini.google.com": AI, "mail.google.com": Email,
		"www.bing.com": Search, "edgeservices.bing.com": AI, "chatgpt.com": AI, "www.perplexity.ai": AI, "l.facebook.com": Social, "t.co": Social,
		"www.youtube.com": Video, "m.youtube.com": Video, "de.pinterest.com": Social, "www.pinterest.de": Social, "search.yahoo.co.jp": Search,
		"news.example": Other, "google.evil.example": Other, "notgoogle.com": Other, "evil-t.co": Other, "localhost": Other, "com": Other,
		"google": Other, "198.51.100.7": Other, "yandex.ru": Search, "mail.yandex.ru": Email, "outlook.live.com": Email,
	} {
		if got := Class(host); got != want {
			t.Errorf("%s is %q, want %q", host, got, want)
		}
	}
	if n := testing.AllocsPerRun(100, func() { Class("www.google.co.uk") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
