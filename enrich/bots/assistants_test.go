package bots

import (
	"testing"

	"headgate/event"
)

func TestAssistantsAreToldFromCrawlersAndPeople(t *testing.T) {
	for _, c := range []struct{ userAgent, name, class, operator string }{
		{"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)", "GPTBot", event.AICrawler, "OpenAI"},
		{"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ChatGPT-User/1.0; +https://openai.com/bot)", "ChatGPT-User", event.AIAgent, "OpenAI"},
		{"Mozilla/5.0 (compatible; claude-user/1.0)", "Claude-User", event.AIAgent, "Anthropic"},
		{"CCBot/2.0 (https://commoncrawl.org/faq/)", "CCBot", event.AICrawler, "Common Crawl"},
		{"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot", event.Crawler, ""},
		{"facebookexternalhit/1.1", "facebookexternalhit", event.Crawler, ""},
		{"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36", "", "", ""},
		{"Mozilla/5.0 (Windows NT 10.0) NovaActor/1.0", "", "", ""},
		{"Mozilla/5.0 (Windows NT 10.0) Exabotany/1.0", "", "", ""},
	} {
		got, ok := Known().Find(c.userAgent)
		if got.Name != c.name || got.Class != c.class || got.Operator != c.operator || ok != (c.name != "") {
			t.Errorf("%s: %+v", c.userAgent, got)
		}
	}
}
