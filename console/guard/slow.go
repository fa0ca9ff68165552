package guard

import (
	"io"
	"net/http"
	"time"
)

// BodyTimeout is how long a client may take to send the body of a request. The server's ReadTimeout would end the live view
// and long answers, too.
const BodyTimeout = 30 * time.Second

// WithBodyTimeout gives up on clients that do not send the body that they announced.
func WithBodyTimeout(next http.Handler, timeout time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 {
			body := &timedBody{r.Body, http.NewResponseController(w)}
			_ = body.connection.SetReadDeadline(time.Now().Add(timeout)) // it only fails where there is no connection
			r.Body = body
		}
		next.ServeHTTP(w, r)
	})
}

// timedBody takes the deadline away when the body has been read: the answer may take longer.
type timedBody struct {
	io.ReadCloser
	connection *http.ResponseController
}

// Read reads the body.
func (b *timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		_ = b.connection.SetReadDeadline(time.Time{})
	}
	return n, err
}
