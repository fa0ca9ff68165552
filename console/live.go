package console

import (
	"fmt"
	"net/http"
	"time"

	"headgate/console/exchange"
	"headgate/console/failure"
	"headgate/proxy/live"
)

// heartbeat is how often a silent live view says that it is alive, so that proxies keep the connection and we learn when
// the reader is gone.
const heartbeat = 15 * time.Second

// live writes traces as server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html
func (a *api) live(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if sampled := q.Get("sampled"); sampled != "" && sampled != "true" {
		exchange.Refuse(w, http.StatusBadRequest, "sampled is true, or left out to see every event")
		return
	}
	sightings, err := a.service.Live(r.Context(), q.Get("where"), q.Get("sampled") == "true")
	if err != nil {
		failure.Answer(w, err, http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	stream := http.NewResponseController(w)
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	_, err = fmt.Fprint(w, ": events follow as they are decided\n\n")
	for err == nil && stream.Flush() == nil {
		select {
		case s, more := <-sightings:
			if !more {
				return
			}
			err = show(w, &s)
		case <-beat.C:
			_, err = fmt.Fprint(w, ":\n\n")
		case <-r.Context().Done():
			return
		}
	}
}

func show(w http.ResponseWriter, s *live.Sighting) error {
	if s.Lost > 0 {
		if _, err := fmt.Fprintf(w, "event: lost\ndata: {\"lost\":%d}\n\n", s.Lost); err != nil {
			return err
		}
	}
	line, err := s.JSON()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "data: %s\n\n", line)
	return err
}
