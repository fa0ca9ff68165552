package enrich

import (
	_ "embed"
	"regexp"
	"strings"
	"sync"
)

// botList is npm's crawler-user-agents: about 1,500 regular expressions, nearly all of them plain texts.
//
//go:embed bots.txt
var botList string

// bots distinguishes crawlers, monitors and scripts from people, by the user agent. It never changes once built.
type bots struct {
	literals *automaton
	named    []bot    // by the automaton's index
	rest     []matchy // the few expressions that cannot be spelt out
}

type bot struct {
	name string
	// library is an HTTP client that programs use. Where only browsers call it is a bot; where a site's own server may
	// call, it is that server.
	library bool
}

type matchy struct {
	re *regexp.Regexp
	bot
}

// crawlers are the bots of the list: 2 MB and 20 ms, so they are built once, when first needed, and shared by the plans of
// all reloads.
var crawlers = sync.OnceValue(func() *bots { return newBots(botList) })

func newBots(list string) *bots {
	b := &bots{}
	var texts []string
	library := false
	for line := range strings.Lines(list) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case line == "" || line[0] == '#':
		case line == "[http-library]" || line == "[crawler]":
			library = line == "[http-library]"
		default:
			spelt, ok := literals(line)
			if !ok {
				re := regexp.MustCompile(line)
				b.rest = append(b.rest, matchy{re, bot{botName(re.String()), library}})
				continue
			}
			for _, text := range spelt {
				texts = append(texts, text)
				b.named = append(b.named, bot{botName(text), library})
			}
		}
	}
	b.literals = newAutomaton(texts)
	return b
}

// botName makes a name to show out of a literal or an expression: "Googlebot/" is "Googlebot".
func botName(text string) string {
	text = strings.TrimPrefix(text, "compatible; ")
	if i := strings.IndexAny(text, `[(\`); i > 0 {
		text = text[:i]
	}
	return strings.Trim(text, " /;.()+$^:\x02\x03")
}

// find returns the bot that a user agent names; ok is false for one that looks like a person's.
func (b *bots) find(userAgent string) (found bot, ok bool) {
	if i := b.literals.longest(userAgent); i >= 0 {
		return b.named[i], true
	}
	for i := range b.rest {
		if b.rest[i].re.MatchString(userAgent) {
			return b.rest[i].bot, true
		}
	}
	return confessed(userAgent)
}

// confessions are what unlisted bots call themselves, in lower case. A brand of phones ends in "bot" too (CUBOT), so the
// bare word is not enough.
var confessions = []string{"bot/", "crawler", "spider", "headless", "+http"}

func confessed(userAgent string) (found bot, ok bool) {
	lower := strings.ToLower(userAgent)
	for _, word := range confessions {
		if i := strings.Index(lower, word); i >= 0 {
			return bot{name: product(userAgent, i)}, true
		}
	}
	return bot{}, false
}

// product returns the product of a user agent around position at: "FooBot" of "Mozilla/5.0 (compatible; FooBot/1.0)". An
// address of a page about the bot follows the product's name.
func product(userAgent string, at int) string {
	at = min(at, len(userAgent))
	head := strings.TrimRight(userAgent[:at], " (;,")
	from := strings.LastIndexAny(head, " (;,") + 1
	name, _, _ := strings.Cut(userAgent[from:], "/")
	if i := strings.IndexAny(name, " ();,+"); i >= 0 {
		name = name[:i]
	}
	if name == "" {
		return "bot"
	}
	return name
}
