package console

import (
	"encoding/binary"
	"fmt"
	"net/http"

	"headgate/console/exchange"
	"headgate/console/failure"
)

// decisions answers with the decisions of the log since a time, each as the log keeps it after its length as a big-endian
// 32-bit number; a length of 0 ends them. Without that end something went wrong in the middle.
func (a *api) decisions(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	for name := range q {
		if name != "since" {
			exchange.Refuse(w, http.StatusBadRequest, fmt.Sprintf("no parameter %q; there is since", name))
			return
		}
	}
	since, err := exchange.Since(q.Get("since"), a.now())
	if err != nil {
		exchange.Refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	begun := false
	write := func(b []byte) bool {
		if !begun {
			begun = true
			w.Header().Set("Content-Type", "application/octet-stream")
		}
		_, err := w.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...))
		return err == nil
	}
	if err := a.service.Decisions(r.Context(), since, write); err != nil {
		if !begun {
			failure.Answer(w, err, http.StatusBadRequest)
		}
		return
	}
	write(nil)
}
