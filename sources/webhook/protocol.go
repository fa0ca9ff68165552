package webhook

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"headgate/document"
	"headgate/event"
	"headgate/rules"
	"headgate/sources"
	"headgate/sources/reading"
	"headgate/sources/signature"
)

// Open returns what opens the webhooks of a configuration.
func Open(files *Catalogue, l *rules.Language) sources.Opener {
	return func(w *sources.Webhook, limits sources.Limits) (title string, p sources.Protocol, ms document.Mistakes) {
		spec, ms := files.find(w.Use)
		if spec == nil || len(ms) > 0 {
			return "", nil, ms
		}
		h := &hook{name: w.Name, tools: reading.New(limits), language: l, ping: spec.Ping, presume: w.WithoutConsent == "region", schemes: spec.Verify}
		if len(w.Verify) > 0 {
			h.schemes = w.Verify
		}
		ms = append(ms, h.openKeys(w)...)
		filled, wrong := spec.settings(w.Settings)
		ms = append(ms, wrong...)
		h.plan, wrong = compile(spec, filled, l)
		ms = append(ms, wrong...)
		if len(ms) > 0 {
			return "", nil, ms
		}
		return spec.Title, h, nil
	}
}

// hook is one webhook of a configuration.
type hook struct {
	name     string
	schemes  signature.Schemes
	keys     [][]signature.Key // by scheme
	ping     string
	presume  bool // what a region presumes holds without consent
	plan     *plan
	tools    *reading.Tools
	language *rules.Language
}

func (h *hook) openKeys(w *sources.Webhook) (ms document.Mistakes) {
	if len(h.schemes) == 0 {
		ms.Add(w.At, "how deliveries are signed is not said", "write verify: {header: X-Signature}, or what the sender's documentation says")
	}
	secrets := w.Secrets
	if !w.Secret.IsEmpty() {
		secrets = append([]document.Secret{w.Secret}, w.Secrets...)
	}
	shared := slices.ContainsFunc(h.schemes, func(s signature.Scheme) bool { return !s.Public() })
	signed := slices.ContainsFunc(h.schemes, func(s signature.Scheme) bool { return s.Public() })
	if shared && len(secrets) == 0 {
		ms.Add(w.At, "no secret: anybody could send orders", "write secret: \"${NAME}\" with what the sender signs with")
		return ms
	}
	if signed && len(w.PublicKeys) == 0 {
		ms.Add(w.At, "no public key of the sender", `write public_keys: ["${file:/etc/headgate/sender.pem}"] with what the sender publishes`)
		return ms
	}
	public, wrong := signature.PublicKeys(w.PublicKeys)
	ms = append(ms, wrong...)
	for i := range h.schemes {
		s := &h.schemes[i]
		var keys []signature.Key
		if s.Public() {
			if keys = s.Of(public); len(keys) == 0 && len(wrong) == 0 {
				ms.Add(w.At, "none of the public keys is of the algorithm "+s.Algorithm, "write the sender's public key of it, or the algorithm that the key is of")
			}
		} else {
			var unfit document.Mistakes
			keys, unfit = s.Keys(secrets, w.At)
			ms = append(ms, unfit...)
		}
		h.keys = append(h.keys, keys)
	}
	return ms
}

// Read checks that a delivery is genuine, and makes events of it.
func (h *hook) Read(hit *event.Hit, _ sources.Call) (sources.Reading, error) {
	if h.isPing(hit) {
		return sources.Reading{State: aPing}, nil
	}
	proof, err := h.schemes.Verify(hit, h.keys)
	if err != nil {
		return sources.Reading{}, fmt.Errorf("%w: %w", sources.ErrSignature, err)
	}
	r, _, err := h.made(hit)
	r.Key = proof.Key + 1
	if err == nil && r.Once.Delivery == (sources.Mark{}) {
		r.Once.Delivery = sources.MarkOf("signed", h.name, string(proof.Mark))
	}
	return r, err
}

// made makes events of a delivery that is taken for genuine. failure is the first of the formulas that failed.
func (h *hook) made(hit *event.Hit) (r sources.Reading, failure, err error) {
	if h.isPing(hit) {
		return sources.Reading{State: aPing}, nil, nil
	}
	body, err := h.open(hit)
	if err != nil {
		return r, nil, err
	}
	f := &frame{machine: h.language.Machine(), env: rules.Env{Body: body, Headers: hit.Headers}}
	defer f.machine.Release()
	m, err := h.plan.read(f)
	if err != nil {
		return r, nil, err
	}
	if len(m.events) > h.tools.Limits.Events {
		return r, nil, fmt.Errorf("%w: a request may have %d events", sources.ErrTooLarge, h.tools.Limits.Events)
	}
	hit.Stated = append(hit.Stated, h.plan.carries.stated(body)...)
	r = h.reading(hit, &m)
	r.Failed = f.failed
	if m.delivery != "" {
		r.Once.Delivery = sources.MarkOf("delivery", h.name, m.delivery)
	}
	return r, f.first, nil
}

// aPing is why a ping does not become an event.
const aPing = "a try of the address"

// isPing recognizes the unsigned form by which a sender tests the address: one field with digits in it.
func (h *hook) isPing(hit *event.Hit) bool {
	digits, ok := strings.CutPrefix(string(hit.Body), h.ping+"=")
	if h.ping == "" || !ok || len(digits) > 20 {
		return false
	}
	_, err := strconv.ParseUint(digits, 10, 64)
	return err == nil
}

// open reads a body: JSON, or a form.
func (h *hook) open(hit *event.Hit) (event.Value, error) {
	body, err := h.tools.Bodies.Open(hit)
	if err != nil {
		return event.Value{}, err
	}
	if strings.HasPrefix(strings.ToLower(hit.Headers.Get("content-type")), "application/x-www-form-urlencoded") {
		form, err := reading.FlatQuery(string(body))
		return event.ObjectOf(form), err
	}
	return h.tools.JSON.Read(hit, reading.TrimJSON(body))
}

// reading reads what was made of a delivery.
func (h *hook) reading(hit *event.Hit, m *made) sources.Reading {
	r := sources.Reading{Proven: true, State: m.why, Once: &sources.Once{}}
	for _, q := range m.requests {
		q.Source = h.name
		r.Requests = append(r.Requests, q)
	}
	for i, v := range m.events {
		own := v.Object()
		stated, _ := own.Find("consent")
		own.Delete("consent")
		e, why := h.tools.Event(h.name, hit, own)
		if why != "" {
			r.Rejected = append(r.Rejected, sources.Rejected{Index: i, Why: why})
			continue
		}
		h.state(hit, &e, readConsent(stated))
		if m.topic != "" && m.topic != e.Name {
			e.Params.Set("original_name", event.String(m.topic))
		}
		r.Events = append(r.Events, e)
		var mark sources.Mark
		if e.ID != "" {
			mark = sources.MarkOf("event", h.name, e.Name, e.ID)
		}
		r.Once.Events = append(r.Once.Events, mark)
	}
	return r
}

// state sets what a delivery states about consent. One that states nothing, or nothing that can be read, is given none.
func (h *hook) state(hit *event.Hit, e *event.Event, stated event.Map) {
	if len(stated) == 0 && len(e.Consent) > 0 { // under names with dots
		return
	}
	if len(stated) > 0 {
		said, why := h.tools.Event(h.name, hit, event.Map{{Key: "name", Value: event.String(e.Name)}, {Key: "consent", Value: event.ObjectOf(stated)}})
		if why == "" && len(said.Consent) > 0 {
			e.Consent = said.Consent
			return
		}
	}
	if !h.presume {
		denyAll(e)
	}
}

// Answer is 200 with a few bytes: senders read the status only, and some take anything else for a failure.
func (h *hook) Answer(_ *event.Hit, _ sources.Call, r sources.Reading) sources.Answer {
	repeated := r.Once != nil && r.Once.Repeated > 0
	if len(r.Events) == 0 && len(r.Rejected) > 0 && !repeated {
		return sources.Problem(sources.ErrMalformed, r.Rejected)
	}
	b := strconv.AppendInt([]byte(`{"accepted":`), int64(len(r.Events)), 10)
	if n := len(r.Requests); n > 0 {
		b = strconv.AppendInt(append(b, `,"requests":`...), int64(n), 10)
	}
	why, _ := r.State.(string)
	if repeated && len(r.Events)+len(r.Requests) == 0 {
		why = "it was taken before"
	}
	if len(r.Events) == 0 && why != "" {
		b = event.AppendString(append(b, `,"why":`...), why)
	}
	return sources.Reply(200, append(b, '}'))
}

// Refuse answers with the status that says whether it helps to send the delivery again.
func (h *hook) Refuse(_ *event.Hit, _ sources.Call, err error) sources.Answer {
	return sources.Problem(err, nil)
}
