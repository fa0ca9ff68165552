package own

import (
	"headgate/event"
	"headgate/sources"
	"headgate/sources/reading"
)

var _ = sources.Declare(sources.Declaration{
	Name:      "pixel",
	Help:      "An image for mails and pages without scripts",
	Path:      sources.Path{Usual: "/p.gif", Help: "Where the image is"},
	Speakers:  sources.Browsers, // and the mail programs that show the image
	Routes:    func(path string) []sources.Route { return []sources.Route{{Methods: "GET", Path: path}} },
	Headers:   sources.None, // an image is asked for without any
	Addresses: sources.None, // they are fields of the vocabulary
	Agents:    sources.None,
}, newPixel)

// pixel reads an event from the query of an image, for mails and pages that run no scripts. Whoever asks gets the image,
// whatever is wrong: a broken image is a mark on the site.
type pixel struct{ tools *reading.Tools }

func newPixel(_ sources.Mounting, l sources.Limits) sources.Protocol {
	return &pixel{tools: reading.New(l)}
}

// Read reads one event. Without a name it is a page view, and without a page the one that the browser says it is on.
func (s *pixel) Read(h *event.Hit, _ sources.Call) (sources.Reading, error) {
	own := s.tools.Own(false)
	own.Event.Source, own.Event.Received = "pixel", h.Received
	all := reading.Pairs(h.Query)
	texts := event.Arena{Size: len(h.Query)}
	count := 0
	for name, value, ok := all.Next(); ok; name, value, ok = all.Next() {
		if count++; count > reading.MaxParams {
			return sources.Reading{}, sources.ErrTooLarge
		}
		name, value = texts.Unescape(name), texts.Unescape(value)
		if value == "" {
			continue
		}
		if why := own.Set(pixelAlias(name), event.String(value)); why != "" {
			own.Event.Params.Set(name, event.String(value))
		}
	}
	if own.Event.Name == "" {
		own.Event.Name = "page_view"
	}
	if own.Event.Page.URL == "" {
		own.Event.Page.URL = h.Headers.Get("referer")
	}
	s.tools.Limits.SetTime(&own.Event, own.Stated, own.Sent)
	return sources.Reading{Events: []event.Event{own.Event}}, nil
}

// pixelAlias is what a short name of the query stands for.
func pixelAlias(name string) string {
	switch name {
	case "e":
		return "name"
	case "url", "title", "referrer":
		return "page." + name
	}
	return name
}

func (s *pixel) Answer(*event.Hit, sources.Call, sources.Reading) sources.Answer {
	return sources.Image()
}

func (s *pixel) Refuse(*event.Hit, sources.Call, error) sources.Answer { return sources.Image() }
