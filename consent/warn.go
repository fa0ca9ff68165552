package consent

import (
	"fmt"
	"time"

	"headgate/consent/region"
	"headgate/document"
)

// Warnings lists where the section allows what the defaults would stop. All of it is valid, and some of it is right for a site,
// but those responsible for privacy should know.
func (c *Config) Warnings() document.Mistakes {
	var ms document.Mistakes
	if c.Mode.Value == "monitor" {
		ms.Add(c.Mode.At, "consent is only monitored: events are delivered whatever was refused", "")
	}
	if c.Combine.Value == "first" {
		ms.Add(c.Combine.At, "combine is first: a refusal is ignored where a source listed before it grants", "write combine: strictest, unless the later sources are known to be wrong")
	}
	c.warnOfSources(&ms)
	c.warnOfAge(&ms)
	c.Regions.Warn(&ms)
	return ms
}

// warnOfSources names the opt-outs that are ignored.
func (c *Config) warnOfSources(ms *document.Mistakes) {
	var ignored document.Mistakes // the mistakes in the list are reported by New
	listed := c.compileSources(&ignored)
	var missing []string
	for _, f := range region.OptOutFamilies {
		if _, ok := listed[f]; !ok {
			missing = append(missing, f)
		}
	}
	if len(missing) == 0 {
		return
	}
	at := c.At
	if len(c.Sources) > 0 {
		at = c.Sources[0].At
	}
	ms.Add(at, fmt.Sprintf("sources leaves out %s: such an opt-out is ignored everywhere", document.Enumerate(missing, "and")), "add it to the list, or write auto")
}

// longestAge is what TCF sets as the longest time after which to ask again: 13 months.
const longestAge = 400 * 24 * time.Hour

func (c *Config) warnOfAge(ms *document.Mistakes) {
	switch age := c.MaxAge.Std(); {
	case age == 0:
		ms.Add(c.At, "max_age is 0: an answer counts for ever", "write max_age: 395d, after which TCF asks again")
	case age > longestAge:
		ms.Add(c.At, fmt.Sprintf("max_age is %s: TCF asks again after 13 months", days(age)), "write max_age: 395d or less")
	}
}
