// Package bots tells crawlers, monitors, scripts and AI agents from people by the user agent, which is a claim that nobody has
// checked.
package bots

import (
	_ "embed"
	"regexp"
	"strings"
	"sync"

	"headgate/event"
)

// botList is npm's crawler-user-agents: about 1,500 regular expressions, nearly all of them plain texts.
//
//go:embed bots.txt
var botList string

// List distinguishes crawlers, monitors and scripts from people, by the user agent. It never changes once built.
type List struct {
	literals *automaton
	named    []Bot    // by the automaton's index
	rest     []matchy // the few expressions that cannot be spelt out
}

// Bot is what a user agent names.
type Bot struct {
	Name string
	// Library is an HTTP client that programs use. Where only browsers call it is a bot; where a site's own server may
	// call, it is that server.
	Library  bool
	Class    string // event.Crawler, event.AICrawler or event.AIAgent
	Operator string // of those about AI: who runs it
}

type matchy struct {
	re *regexp.Regexp
	Bot
}

// Known are the bots of the list: 2 MB and 20 ms, so they are built once, when first needed, and shared by the plans of
// all reloads.
var Known = sync.OnceValue(func() *List { return newBots(botList) })

func newBots(list string) *List {
	b := &List{}
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
				b.rest = append(b.rest, matchy{re, Bot{Name: botName(re.String()), Library: library, Class: event.Crawler}})
				continue
			}
			for _, text := range spelt {
				texts = append(texts, text)
				b.named = append(b.named, Bot{Name: botName(text), Library: library, Class: event.Crawler})
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

// Find returns the bot that a user agent names; ok is false for one that looks like a person's.
func (b *List) Find(userAgent string) (found Bot, ok bool) {
	if found, ok := assistant(userAgent); ok {
		return found, true
	}
	if i := b.literals.longest(userAgent); i >= 0 {
		return b.named[i], true
	}
	for i := range b.rest {
		if b.rest[i].re.MatchString(userAgent) {
			return b.rest[i].Bot, true
		}
	}
	return confessed(userAgent)
}

// confessions are what unlisted bots call themselves, in lower case. A brand of phones ends in "bot" too (CUBOT), so the
// bare word is not enough.
var confessions = []string{"bot/", "crawler", "spider", "headless", "+http"}

func confessed(userAgent string) (found Bot, ok bool) {
	lower := strings.ToLower(userAgent)
	for _, word := range confessions {
		if i := strings.Index(lower, word); i >= 0 {
			return Bot{Name: product(userAgent, i), Class: event.Crawler}, true
		}
	}
	return Bot{}, false
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
