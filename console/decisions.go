package console

import (
	"encoding/binary"
	"fmt"
	"net/http"
)

// decisions answers with the decisions of the log since a time, each as the log keeps it after its length as a big-endian
// 32-bit number; a length of 0 ends them. Without that end something went wrong in the middle.
func (a *api) decisions(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	for name := range q {
		if name != "since" {
			refuse(w, http.StatusBadRequest, fmt.Sprintf("no parameter %q; there is since", name))
			return
		}
	}
	since, err := a.since(q.Get("since"))
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
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
			fail(w, err, http.StatusBadRequest)
		}
		return
	}
	write(nil)
}
