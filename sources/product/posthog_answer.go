package product

import (
	"headgate/event"
	"headgate/sources"
)

// posthogDropped are the events that were not taken, which the newer path names one by one.
type posthogDropped []posthogDrop

type posthogDrop struct{ id, why string }

// Answer is 200 and nothing else, since the browser library sends again what is answered with any other success.
func (s *posthog) Answer(_ *event.Hit, c sources.Call, r sources.Reading) sources.Answer {
	a := sources.Answer{Status: 200, ContentType: sources.TypeJSON, Headers: sources.NoStore}
	switch c.Name {
	case posthogConfig:
		a.Body, a.Headers = posthogSettings(c.Arg), sources.ForAWhile
	case posthogScript:
		a.ContentType, a.Headers = "application/javascript; charset=utf-8", sources.ForAWhile
		key := event.AppendString(nil, c.Arg)
		b := append([]byte("(function(w){w._POSTHOG_REMOTE_CONFIG=w._POSTHOG_REMOTE_CONFIG||{};w._POSTHOG_REMOTE_CONFIG["), key...)
		b = append(append(b, "]={config:"...), posthogSettings(c.Arg)...)
		a.Body = append(b, ",siteApps:[]}})(window);"...)
	case posthogFlags:
		a.Body = []byte(posthogNoFlags)
	case posthogSurveys:
		a.Body = []byte(`{"surveys":[]}`)
	case posthogV1:
		dropped, _ := r.State.(posthogDropped)
		a.Body = posthogResults(r.Events, dropped)
	default:
		if len(r.Events) == 0 && len(r.Rejected) > 0 {
			return sources.Problem(sources.ErrMalformed, r.Rejected)
		}
		a.Body = []byte(`{"status":1}`)
	}
	return a
}

// posthogSettings tell the browser library what PostHog would do for the project beside taking events in: nothing. Only the
// first two and the recording are confirmed; hasFeatureFlags stays out, so that callers that wait for flags get none from /flags/.
func posthogSettings(key string) []byte {
	b := event.AppendString([]byte(`{"token":`), key)
	return append(b, `,"supportedCompression":["gzip","gzip-js"],"sessionRecording":false,"surveys":false,`+
		`"heatmaps":false,"capturePerformance":false,"captureDeadClicks":false,"autocaptureExceptions":false,"toolbarParams":{},`+
		`"isAuthenticated":false,"siteApps":[],"elementsChainAsString":true}`...)
}

// posthogNoFlags answers /flags/, and /decide/ as older libraries ask; the shape for the latter is unconfirmed.
const posthogNoFlags = `{"flags":{},"featureFlags":{},"featureFlagPayloads":{},"errorsWhileComputingFlags":false,` +
	`"supportedCompression":["gzip","gzip-js"],"sessionRecording":false,"toolbarParams":{},"isAuthenticated":false,"siteApps":[]}`

// posthogResults answers the newer path: {"results":{"<uuid>":{"result":"ok"}}}.
func posthogResults(taken []event.Event, dropped posthogDropped) []byte {
	results := make(event.Map, 0, len(taken)+len(dropped))
	result := func(pairs ...event.Pair) event.Value { return event.ObjectOf(event.Map(pairs)) }
	ok := result(event.Pair{Key: "result", Value: event.String("ok")})
	for i := range taken {
		results.Set(taken[i].ID, ok)
	}
	for _, d := range dropped {
		if d.id != "" {
			results.Set(d.id, result(event.Pair{Key: "result", Value: event.String("drop")}, event.Pair{Key: "details", Value: event.String(d.why)}))
		}
	}
	b := append([]byte(`{"results":`), results.AppendJSON(nil)...)
	return append(b, '}')
}

// Refuse is final to the libraries where its status is between 400 and 499; 413 has them send half as much.
func (s *posthog) Refuse(_ *event.Hit, _ sources.Call, err error) sources.Answer {
	return sources.Problem(err, nil)
}

// Delay answers 503 in every case: the browser library and the newer path of others do not send again after a 429.
func (s *posthog) Delay(_ *event.Hit, _ sources.Call, a sources.Answer) sources.Answer {
	a.Status = 503
	return a
}
