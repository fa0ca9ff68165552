package reading

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"

	"headgate/event"
	"headgate/event/wire"
	"headgate/sources"
)

// bodies undoes what clients and the proxies before us do to a body, without ever holding more than limit bytes of it.
type bodies struct {
	limit int
	gzips sync.Pool // *gzip.Reader: each has a window of 32 KiB
}

// brotliWindow is how much a few bytes of Brotli can make its reader hold (RFC 7932, section 9.1).
const brotliWindow = 16 << 20

// Open returns the body of a hit with its compression undone. Some SDKs send gzip without saying so (posthog-js: no
// Content-Encoding, text/plain), and some proxies undo it and leave the header, so the bytes decide.
func (b *bodies) Open(h *event.Hit) ([]byte, error) {
	body := h.Body
	if len(body) == 0 {
		return nil, nil
	}
	for _, encoding := range encodings(h.Headers) {
		var err error
		switch encoding {
		case "", "identity", "gzip", "x-gzip": // gzip is found below
		case "deflate":
			if err = Hold(h, b.limit); err == nil {
				body, err = b.inflate(body)
			}
		case "br":
			if err = Hold(h, b.limit+brotliWindow); err == nil {
				body, err = b.drain(brotli.NewReader(bytes.NewReader(body)))
			}
		default:
			err = fmt.Errorf("%w: a body encoded as %q cannot be read", sources.ErrMalformed, encoding)
		}
		if err != nil {
			return nil, err
		}
	}
	return b.unzipped(h, body)
}

// encodings are the Content-Encoding of a request, the last one applied first. More than two are more than any client uses.
func encodings(hs event.Headers) []string {
	value := hs.Get("content-encoding")
	if value == "" {
		return nil
	}
	names := strings.Split(strings.ToLower(value), ",")
	if len(names) > 2 {
		return []string{value}
	}
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	if len(names) == 2 {
		names[0], names[1] = names[1], names[0]
	}
	return names
}

// unzipped undoes gzip where a body begins like it, and checks the limit.
func (b *bodies) unzipped(h *event.Hit, body []byte) ([]byte, error) {
	if len(body) < 2 || body[0] != 0x1f || body[1] != 0x8b {
		if len(body) > b.limit {
			return nil, b.TooLarge()
		}
		return body, nil
	}
	if err := Hold(h, b.limit); err != nil {
		return nil, err
	}
	z, pooled := b.gzips.Get().(*gzip.Reader)
	if !pooled {
		z = new(gzip.Reader)
	}
	defer b.gzips.Put(z)
	if err := z.Reset(bytes.NewReader(body)); err != nil {
		return nil, fmt.Errorf("%w: gzip: %w", sources.ErrMalformed, err)
	}
	return b.drain(z)
}

// inflate undoes "deflate", which is zlib by the standard and raw deflate by some clients.
func (b *bodies) inflate(body []byte) ([]byte, error) {
	if z, err := zlib.NewReader(bytes.NewReader(body)); err == nil {
		return b.drain(z)
	}
	return b.drain(flate.NewReader(bytes.NewReader(body)))
}

func (b *bodies) drain(r io.Reader) ([]byte, error) {
	out, err := io.ReadAll(io.LimitReader(r, int64(b.limit)+1))
	switch {
	case len(out) > b.limit:
		return nil, b.TooLarge()
	case err != nil:
		return nil, fmt.Errorf("%w: compressed body: %w", sources.ErrMalformed, err)
	}
	return out, nil
}

func (b *bodies) TooLarge() error {
	return fmt.Errorf("%w: a body may have %d bytes", sources.ErrTooLarge, b.limit)
}

// OpenJSON returns the body of a hit where it is to be JSON: as it is, in the field "data" of a form, or in base64, as SDKs
// send it to avoid a preflight.
func (b *bodies) OpenJSON(h *event.Hit) ([]byte, error) {
	body, err := b.Open(h)
	if err != nil {
		return nil, err
	}
	body = TrimJSON(body)
	if LooksJSON(body) {
		return body, nil
	}
	if data, ok := FormData(body); ok {
		body = TrimJSON(data)
	}
	if plain, ok := Unbase64(body); ok {
		if plain, err = b.unzipped(h, plain); err != nil {
			return nil, err
		}
		body = TrimJSON(plain)
	}
	if len(body) == 0 {
		return nil, fmt.Errorf("%w: the body is empty", sources.ErrMalformed)
	}
	return body, nil
}

// TrimJSON takes off white space and the byte order mark that some editors put first.
func TrimJSON(body []byte) []byte {
	return bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
}

// LooksJSON reports whether a body begins as a JSON object or list does.
func LooksJSON(body []byte) bool { return len(body) > 0 && (body[0] == '{' || body[0] == '[') }

// FormData returns the field "data" of a form body.
func FormData(body []byte) ([]byte, bool) {
	if !bytes.HasPrefix(body, []byte("data=")) && !bytes.Contains(body, []byte("&data=")) {
		return nil, false
	}
	form := Pairs(string(body))
	for name, value, ok := form.Next(); ok; name, value, ok = form.Next() {
		if name == "data" {
			return []byte(wire.Unescape(value)), true
		}
	}
	return nil, false
}

// Unbase64 decodes base64 of either alphabet, padded or not. A space stands for a "+" that a form turned into one.
func Unbase64(body []byte) ([]byte, bool) {
	if len(body) < 8 {
		return nil, false
	}
	text := strings.NewReplacer("-", "+", "_", "/", " ", "+").Replace(strings.TrimRight(string(body), "="))
	plain, err := base64.RawStdEncoding.DecodeString(text)
	return plain, err == nil
}
