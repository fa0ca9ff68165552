package scripts

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"

	"headgate/event"
)

// Bounds of what is fetched.
const (
	fetchTime  = 8 * time.Second
	fetchRate  = 10 // requests a second
	fetchBurst = 40

	mostPassing = 32 // requests that gateways pass on at once
)

// longestStale is how long a copy is served while its vendor does not answer as it should.
const longestStale = 7 * 24 * time.Hour

// file answers with a vendor's file: out of the cache while it is fresh, else newly fetched, else an old copy. While one request
// fetches a file, others get the old copy, or wait where there is none.
func (s *Set) file(one *Script, address string, r *Request) Answer {
	key := address
	if one.geo {
		key += "\n" + r.Country + "-" + r.Region
	}
	slot := s.store.slot(one.Name + "\n" + key)
	now := r.Hit.Received
	slot.look.Lock()
	known := slot.copy
	slot.look.Unlock()
	if known.fresh(now) && one.accepts(known) {
		return one.answer(known, r.Hit, Cached)
	}
	if known != nil && now.Before(known.fetched.Add(longestStale)) && one.accepts(known) {
		if !slot.fetching.TryLock() {
			return one.answer(known, r.Hit, Stale)
		}
	} else {
		slot.fetching.Lock()
	}
	defer slot.fetching.Unlock()
	slot.look.Lock()
	known = slot.copy // another request may have fetched it meanwhile
	slot.look.Unlock()
	if known == nil {
		known = s.store.read(slot, one)
	}
	if known.fresh(now) && one.accepts(known) {
		return one.answer(known, r.Hit, Cached)
	}
	if known == nil && now.Before(slot.refused) {
		return refusal(502, Failed, nil) // who waited does not ask again
	}
	return s.renew(one, address, slot, known, r)
}

// accepts reports whether a copy may be served: one of another version than the pinned may not.
func (s *Script) accepts(c *copied) bool {
	return c != nil && (len(s.pins) == 0 || s.pins[c.digest])
}

// renew fetches a file and puts it into its slot; known is the copy so far, nil for none.
func (s *Set) renew(one *Script, address string, slot *slot, known *copied, r *Request) Answer {
	now := r.Hit.Received
	fresh, err := s.get(one, address, known, r)
	if err != nil {
		one.watch.failed(err, now)
		if one.accepts(known) && now.Before(known.fetched.Add(longestStale)) {
			known = known.retryAt(now)
			s.store.put(slot, known)
			a := one.answer(known, r.Hit, Stale)
			a.Err = err
			return a
		}
		slot.refused = now.Add(fetchTime + 2*time.Second)
		if errors.Is(err, errBusy) {
			return refusal(503, Failed, err)
		}
		return refusal(502, Failed, err)
	}
	s.store.put(slot, fresh)
	change := one.watch.saw(known, fresh)
	if known == nil || known.digest != fresh.digest {
		if err := s.store.write(slot, fresh); err != nil {
			one.watch.failed(err, now)
		}
	}
	a := one.answer(fresh, r.Hit, Fetched)
	a.Change = change
	return a
}

// get asks the vendor. Nothing of the visitor goes along but, where the file depends on it, the country and the region.
func (s *Set) get(one *Script, address string, known *copied, r *Request) (*copied, error) {
	if !s.fetch.AllowN(time.Now(), 1) {
		return nil, errBusy
	}
	request, err := http.NewRequest(http.MethodGet, address, nil) // the client's time-out ends it
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept-Encoding", "identity")
	request.Header.Set("User-Agent", "Headgate")
	if one.geo {
		setPlace(request.Header, r)
	}
	if known != nil && known.validator != "" && one.accepts(known) {
		request.Header.Set("If-None-Match", known.validator)
	}
	answer, err := s.client.Do(request)
	if err != nil {
		return nil, plainError(err)
	}
	defer func() { _ = answer.Body.Close() }() // it was read as far as it is wanted
	if answer.StatusCode == http.StatusNotModified && known != nil {
		return known.seenAgain(r.Hit.Received, one.maxAge), nil
	}
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the vendor answers %d", answer.StatusCode) // a redirect too: it may lead anywhere
	}
	if e := answer.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return nil, errors.New("the vendor answers in an encoding that was not asked for")
	}
	kind, _, err := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	if err != nil || !isScript(kind) {
		return nil, fmt.Errorf("the vendor answers with %q, which is no script", kind)
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, int64(one.size)+1))
	switch {
	case err != nil:
		return nil, plainError(err)
	case len(body) > one.size:
		return nil, fmt.Errorf("the file has more than %d bytes", one.size)
	case len(body) == 0:
		return nil, errors.New("the file is empty")
	}
	fresh := newCopy(body, kind, answer.Header.Get("ETag"), r.Hit.Received, one)
	if !one.accepts(fresh) {
		return nil, fmt.Errorf("the file is not a pinned version: its SHA-256 is %s", fresh.digest)
	}
	return fresh, nil
}

// plainError leaves the address out of an error of the client.
func plainError(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}

// setPlace says where the visitor is, as Google's gateways do: X-Forwarded-CountryRegion where both are known.
func setPlace(header http.Header, r *Request) {
	switch {
	case r.Country != "" && r.Region != "":
		header.Set("X-Forwarded-CountryRegion", r.Country+"-"+r.Region)
	case r.Country != "":
		header.Set("X-Forwarded-Country", r.Country)
	}
}

// answer serves a copy.
func (s *Script) answer(c *copied, h *event.Hit, result string) Answer {
	age := max(0, min(s.maxAge, c.until.Sub(h.Received)))
	visibility := "public"
	if len(s.Needs) > 0 || s.geo { // what one visitor may have, another may not
		visibility = "private"
	}
	return c.encoded.answer(h, c.contentType(), fmt.Sprintf("%s, max-age=%d", visibility, int(max(age, time.Minute).Seconds())), result)
}
