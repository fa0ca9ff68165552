package console

import (
	"io"
	"net/http"
	"strings"

	"headgate/document"
)

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
