// Package referrer tells where visitors come from: a search engine, a social network, an AI assistant, a mail program, a video
// platform. It knows hosts and nothing else.
package referrer

import "strings"

// The classes.
const (
	Search   = "search"
	Social   = "social"
	AI       = "ai" // an assistant that people ask; its answers inside a search engine look like the search engine
	Email    = "email"
	Video    = "video"
	Internal = "internal" // the site itself; told by who knows the site
	Other    = "other"
)

// hosts are the domains of each class; what lies below a domain belongs to it, unless it is listed itself. A name that ends in .* is
// followed by any country's ending. State of November 2026; the assistants' hosts are of public lists and unconfirmed.
var hosts = map[string]string{
	AI: `chatgpt.com chat.openai.com perplexity.ai claude.ai gemini.google.com bard.google.com copilot.microsoft.com copilot.cloud.microsoft
		m365.cloud.microsoft edgeservices.bing.com chat.deepseek.com grok.com x.ai meta.ai chat.mistral.ai you.com phind.com poe.com duck.ai
		notebooklm.google.com chat.qwen.ai doubao.com kimi.com yiyan.baidu.com iask.ai andisearch.com pi.ai`,
	Search: `google.* bing.com duckduckgo.com yahoo.* search.yahoo.com yandex.* ya.ru baidu.com ecosia.org qwant.com startpage.com search.brave.com
		kagi.com naver.com search.naver.com daum.net seznam.cz sogou.com so.com ask.com aol.com search.aol.com lycos.* mojeek.com swisscows.com metager.de
		metager.org presearch.com gibiru.com dogpile.com search.com webcrawler.com coccoc.com rambler.ru com.google.android.googlequicksearchbox
		lite.duckduckgo.com neeva.com goo.ne.jp petalsearch.com ekoru.org karmasearch.org`,
	Social: `facebook.com l.facebook.com lm.facebook.com m.facebook.com fb.com fb.me instagram.com l.instagram.com threads.net threads.com twitter.com
		t.co x.com linkedin.com lnkd.in com.linkedin.android pinterest.* pin.it reddit.com out.reddit.com redd.it com.reddit.frontpage tiktok.com
		vm.tiktok.com snapchat.com tumblr.com vk.com vkontakte.ru ok.ru weibo.com weibo.cn t.cn wechat.com weixin.qq.com qzone.qq.com xing.com
		mastodon.social bsky.app go.bsky.app quora.com news.ycombinator.com t.me telegram.org web.telegram.org whatsapp.com wa.me web.whatsapp.com
		discord.com line.me messenger.com nextdoor.com douban.com zhihu.com xiaohongshu.com com.facebook.katana com.instagram.android
		com.twitter.android com.pinterest`,
	Email: `mail.google.com com.google.android.gm outlook.live.com outlook.office.com outlook.office365.com outlook.com mail.live.com mail.yahoo.com
		mail.yahoo.co.jp mail.aol.com mail.proton.me protonmail.com mail.yandex.ru mail.yandex.com e.mail.ru mail.ru navigator.gmx.net gmx.net gmx.com
		web.de mail.com t-online.de email.t-online.de orange.fr webmail.free.fr mail.qq.com mail.163.com mail.126.com mail.naver.com icloud.com
		fastmail.com app.fastmail.com mail.zoho.com zoho.com roundcube.net hey.com app.hey.com`,
	Video: `youtube.com m.youtube.com youtu.be youtube-nocookie.com vimeo.com dailymotion.com twitch.tv bilibili.com rumble.com youku.com iqiyi.com
		v.qq.com nicovideo.jp odysee.com netflix.com wistia.com loom.com`,
}

var byDomain, byName = func() (domains, names map[string]string) {
	domains, names = map[string]string{}, map[string]string{}
	for class, list := range hosts {
		for host := range strings.FieldsSeq(list) {
			if name, ok := strings.CutSuffix(host, ".*"); ok {
				names[name] = class
			} else {
				domains[host] = class
			}
		}
	}
	return domains, names
}()

// Class returns the class of a host in lower case without a port: Other for one that is in no list, "" for "". It does not allocate.
func Class(host string) string {
	if host == "" {
		return ""
	}
	for rest := host; ; {
		if class, ok := byDomain[rest]; ok {
			return class
		}
		name, after, more := strings.Cut(rest, ".")
		if !more {
			return Other
		}
		if class, ok := byName[name]; ok && isEnding(after) {
			return class
		}
		rest = after
	}
}

// isEnding reports whether a text is what follows the name of a company's domain: com, de, co.uk, com.br.
func isEnding(s string) bool {
	first, country, two := strings.Cut(s, ".")
	if !two {
		return s != ""
	}
	switch first {
	case "co", "com", "org", "net", "ne", "or":
		return len(country) == 2
	}
	return false
}
