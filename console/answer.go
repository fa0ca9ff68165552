package console

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"headgate/config/edit"
	"headgate/document"
	"headgate/insight"
	"headgate/insight/answers"
	"headgate/proxy"
	"headgate/subjects"
)

// answer writes v as JSON. <, > and & stay as they are: this is read by people, and never as HTML.
func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // the client is gone
}

// hide masks secrets in what the API answers. The text of the configuration stays as it is, since it is edited and sent back;
// stored decisions are binary and read by the command that asks.
func hide(secrets *document.Secrets, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/") && !hasConfiguration(r) && r.URL.Path != "/api/decisions" {
			w = hidingResponse{w, secrets.Writer(w)}
		}
		next.ServeHTTP(w, r)
	})
}

// hasConfiguration reports whether the answer has the text of the configuration, which refers to secrets and holds none.
func hasConfiguration(r *http.Request) bool {
	switch path := r.URL.Path; path {
	case "/api/config":
		return r.Method == http.MethodGet
	case "/api/destinations":
		return true
	default:
		return path == "/api/versions" || strings.HasPrefix(path, "/api/versions/")
	}
}

type hidingResponse struct {
	http.ResponseWriter
	out io.Writer
}

func (w hidingResponse) Write(p []byte) (int, error) { return w.out.Write(p) }

// Unwrap lets http.ResponseController flush.
func (w hidingResponse) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// refusal is why there is no answer.
type refusal struct {
	Error    string    `json:"error"`
	Mistakes []mistake `json:"mistakes,omitempty"`
}

// mistake is a document.Mistake.
type mistake struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Fact   string `json:"fact"`
	Cure   string `json:"cure,omitempty"`
}

func refuse(w http.ResponseWriter, status int, why string) { answer(w, status, refusal{Error: why}) }

// fail answers with an error of the service. What the person who asks wrote wrong has the status mistaken.
func fail(w http.ResponseWriter, err error, mistaken int) {
	var mistakes document.Mistakes
	switch {
	case errors.Is(err, proxy.ErrNotFound):
		refuse(w, http.StatusNotFound, err.Error())
	case errors.Is(err, proxy.ErrInForce):
		refuse(w, http.StatusConflict, err.Error())
	case errors.Is(err, edit.ErrStale):
		refuse(w, http.StatusPreconditionFailed, err.Error())
	case errors.Is(err, proxy.ErrUnavailable), errors.Is(err, subjects.ErrUnshared):
		refuse(w, http.StatusServiceUnavailable, err.Error())
	case errors.Is(err, answers.ErrOff), errors.Is(err, answers.ErrUnknown):
		refuse(w, http.StatusNotFound, err.Error())
	case errors.Is(err, answers.ErrAsk):
		refuse(w, mistaken, err.Error())
	case errors.Is(err, insight.ErrBusy):
		refuse(w, http.StatusConflict, err.Error())
	case errors.As(err, &mistakes):
		out := refusal{Error: err.Error()}
		for _, m := range mistakes {
			out.Mistakes = append(out.Mistakes, mistake{m.At.File, m.At.Line, m.At.Column, m.Fact, m.Cure})
		}
		answer(w, mistaken, out)
	default:
		refuse(w, http.StatusInternalServerError, err.Error())
	}
}
