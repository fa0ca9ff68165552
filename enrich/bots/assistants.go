package bots

import (
	"strings"

	"headgate/event"
)

// assistants are the products of AI companies, by the token in their user agents, as their operators document them or public lists
// have them (ai-robots-txt of August 2026); none of it is confirmed by the requests themselves. A crawler collects pages to train
// models or to answer from; an agent acts for a person, be it that it fetches a page for a question or that it drives a browser.
// Google-Extended and Applebot-Extended are words for robots.txt and no user agent's. Names that other products' user agents may hold
// (Cursor, Devin, Operator, Trae) are left out.
var assistants = []struct{ operator, crawlers, agents string }{
	{"OpenAI", "GPTBot OAI-SearchBot OAI-AdsBot", "ChatGPT-User"},
	{"Anthropic", "ClaudeBot Claude-SearchBot Claude-Web anthropic-ai", "Claude-User claude-code"},
	{"Perplexity", "PerplexityBot", "Perplexity-User PerplexityUser"},
	{"Google", "Google-CloudVertexBot", "Google-Agent GoogleAgent-Mariner GoogleAgent-URLContext Google-NotebookLM Google-GeminiNotebook Gemini-Deep-Research Google-Gemini-CLI"},
	{"Amazon", "Amazonbot Amzn-SearchBot bedrockbot", "Amzn-User Amazon-Bedrock-AgentCore-Browser NovaAct AmazonBuyForMe"},
	{"Meta", "meta-externalagent meta-webindexer FacebookBot", "meta-externalfetcher"},
	{"ByteDance", "Bytespider TikTokSpider", ""},
	{"Mistral", "", "MistralAI-User"},
	{"DuckDuckGo", "", "DuckAssistBot"},
	{"You.com", "YouBot", ""},
	{"Kagi", "", "kagi-fetcher"},
	{"Cohere", "cohere-training-data-crawler", "cohere-ai"},
	{"Common Crawl", "CCBot", ""},
	{"Diffbot", "Diffbot", ""},
	{"Ai2", "AI2Bot", ""},
	{"Hive", "ImagesiftBot", ""},
	{"Timpi", "Timpibot", ""},
	{"Webz.io", "omgili omgilibot", ""},
	{"Alibaba", "TongyiBot", ""},
	{"Huawei", "PanguBot", ""},
	{"DeepSeek", "DeepSeekBot", ""},
	{"Zhipu", "ChatGLM-Spider", ""},
	{"Manus", "", "Manus-User"},
	{"", "", "TwinAgent"},
	{"Firecrawl", "FirecrawlAgent", ""},
	{"Tavily", "TavilyBot", ""},
	{"Exa", "ExaBot", ""},
	{"Linkup", "LinkupBot", ""},
	{"", "Crawl4AI", ""},
}

// tokens are the assistants by their tokens in lower case.
var tokens = func() (list []token) {
	for _, a := range assistants {
		for _, class := range []struct{ name, tokens string }{{event.AICrawler, a.crawlers}, {event.AIAgent, a.agents}} {
			for name := range strings.FieldsSeq(class.tokens) {
				list = append(list, token{strings.ToLower(name), Bot{Name: name, Class: class.name, Operator: a.operator}})
			}
		}
	}
	return list
}()

type token struct {
	lower string
	Bot
}

// assistant returns the product of an AI company that a user agent names. The token stands by itself, in any case; of several the
// first of the table counts.
func assistant(userAgent string) (found Bot, ok bool) {
	lower := strings.ToLower(userAgent)
	for i := range tokens {
		at := strings.Index(lower, tokens[i].lower)
		if at < 0 {
			continue
		}
		end := at + len(tokens[i].lower)
		if (at == 0 || !isWord(lower[at-1])) && (end == len(lower) || !isWord(lower[end])) {
			return tokens[i].Bot, true
		}
	}
	return Bot{}, false
}

func isWord(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}

// Operators lists who runs the assistants.
func Operators() (names []string) {
	for _, a := range assistants {
		if a.operator != "" {
			names = append(names, a.operator)
		}
	}
	return names
}
