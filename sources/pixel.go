package sources

import (
	"headgate/document"
	"headgate/event"
)

// PixelOptions configure the image.
type PixelOptions struct {
	At   document.Place `yaml:"-"`
	Path string         `yaml:"path" help:"Where the image is" example:"/p.gif"`
}

// SetDefaults is document.Defaulter's.
func (o *PixelOptions) SetDefaults() { o.Path = "/p.gif" }

func (o *PixelOptions) mount() (document.Place, *string) { return o.At, &o.Path }

var _ = declare(Declaration{
	Name:      "pixel",
	Help:      "An image for mails and pages without scripts",
	Speakers:  Browsers, // and the mail programs that show the image
	Routes:    func(path string) []Route { return []Route{{Methods: "GET", Path: path}} },
	Headers:   None, // an image is asked for without any
	Addresses: None, // they are fields of the vocabulary
	Agents:    None,
}, newPixel)

// pixel reads an event from the query of an image, for mails and pages that run no scripts. Whoever asks gets the image,
// whatever is wrong: a broken image is a mark on the site.
type pixel struct{ tools *toolbox }

func newPixel(_ PixelOptions, t *toolbox) Protocol { return &pixel{tools: t} }

// Read reads one event. Without a name it is a page view, and without a page the one that the browser says it is on.
func (s *pixel) Read(h *event.Hit, _ Call) (Reading, error) {
	own := ownEvent{vocabulary: s.tools.vocabulary}
	own.e.Source, own.e.Received = "pixel", h.Received
	all := pairs{h.Query}
	texts := arena{size: len(h.Query)}
	count := 0
	for name, value, ok := all.next(); ok; name, value, ok = all.next() {
		if count++; count > maxParams {
			return Reading{}, ErrTooLarge
		}
		name, value = texts.unescape(name), texts.unescape(value)
		if value == "" {
			continue
		}
		if why := own.set(pixelAlias(name), event.String(value)); why != "" {
			own.e.Params.Set(name, event.String(value))
		}
	}
	if own.e.Name == "" {
		own.e.Name = "page_view"
	}
	if own.e.Page.URL == "" {
		own.e.Page.URL = h.Headers.Get("referer")
	}
	s.tools.limits.setTime(&own.e, own.stated, own.sent)
	return Reading{Events: []event.Event{own.e}}, nil
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

// transparent is the smallest GIF that every mail program shows: one transparent dot.
const transparent = "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"

// image is the answer of every tracking pixel.
func image() Answer {
	return Answer{Status: 200, ContentType: "image/gif", Headers: noCache, Body: []byte(transparent)}
}

func (s *pixel) Answer(*event.Hit, Call, Reading) Answer { return image() }

func (s *pixel) Refuse(*event.Hit, Call, error) Answer { return image() }
