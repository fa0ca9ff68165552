package databricks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"headgate/destinations/rest"
)

// workspace is Databricks' REST interface: https://docs.databricks.com/api/workspace/introduction
type workspace struct {
	client    *rest.Client
	address   string
	warehouse string
	pause     func(context.Context, time.Duration) error
}

const (
	firstLook = time.Second // how long a statement is left alone after the half minute that the request waits
	laterLook = 10 * time.Second
)

// failure is an error that Databricks has answered with, or with which a statement ended.
type failure struct {
	status  int // of HTTP; 0 when a statement ended with it
	code    string
	message string
	after   time.Duration
}

func (f *failure) Error() string {
	if f.code == "" {
		return fmt.Sprintf("HTTP %d: %s", f.status, f.message)
	}
	return f.message + " (" + f.code + ")"
}

func failureOf(answer *rest.Answer) *failure {
	var said struct {
		Code    string `json:"error_code"`
		Message string `json:"message"`
	}
	f := &failure{status: answer.Status, after: answer.After}
	if err := json.Unmarshal(answer.Body, &said); err != nil || said.Code == "" {
		f.message = rest.Words(string(answer.Body)) // something before Databricks has answered
		return f
	}
	f.code, f.message = said.Code, rest.Words(said.Message)
	return f
}

// escaped is a path with each of its segments escaped.
func escaped(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		segments[i] = url.PathEscape(s)
	}
	return strings.Join(segments, "/")
}

// put stores a file of a volume; one that has its name is replaced.
func (w *workspace) put(ctx context.Context, path string, body []byte) error {
	return w.file(ctx, rest.Request{Method: http.MethodPut, URL: w.address + "/api/2.0/fs/files" + escaped(path) + "?overwrite=true", Type: "application/octet-stream", Body: body})
}

// remove removes a file of a volume, if it is there. That files are removed so is the reference's, and unconfirmed on a real workspace.
func (w *workspace) remove(ctx context.Context, path string) error {
	err := w.file(ctx, rest.Request{Method: http.MethodDelete, URL: w.address + "/api/2.0/fs/files" + escaped(path)})
	if f := (*failure)(nil); errors.As(err, &f) && f.status == http.StatusNotFound {
		return nil
	}
	return err
}

func (w *workspace) file(ctx context.Context, r rest.Request) error {
	answer, err := w.client.Do(ctx, r)
	switch {
	case err != nil:
		return err
	case answer.Status/100 != 2:
		return failureOf(answer)
	}
	return nil
}

// statement is how Databricks tells of one.
type statement struct {
	ID     string `json:"statement_id"`
	Status struct {
		State string `json:"state"`
		Error struct {
			Code    string `json:"error_code"`
			Message string `json:"message"`
		} `json:"error"`
	} `json:"status"`
	Result struct {
		Data [][]string `json:"data_array"` // null in it reads as ""
	} `json:"result"`
}

// parameter is a text for :name in a statement.
type parameter struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// run runs a statement to its end and returns the rows of its result.
func (w *workspace) run(ctx context.Context, sql string, params ...parameter) ([][]string, error) {
	ask := map[string]any{"warehouse_id": w.warehouse, "statement": sql, "wait_timeout": "30s", "on_wait_timeout": "CONTINUE"}
	if len(params) > 0 {
		ask["parameters"] = params
	}
	body, err := json.Marshal(ask)
	if err != nil {
		panic("BUG: a statement that is no JSON: " + err.Error())
	}
	r := rest.Request{Method: http.MethodPost, URL: w.address + "/api/2.0/sql/statements", Body: body}
	for wait := firstLook; ; wait = min(2*wait, laterLook) {
		answer, err := w.client.Do(ctx, r)
		if err != nil {
			return nil, err
		}
		if answer.Status/100 != 2 {
			return nil, failureOf(answer)
		}
		var s statement
		if err := json.Unmarshal(answer.Body, &s); err != nil || s.ID == "" {
			return nil, errors.New("the answer is not one of Databricks'")
		}
		switch s.Status.State {
		case "SUCCEEDED":
			return s.Result.Data, nil
		case "PENDING", "RUNNING":
		default: // FAILED, CANCELED, CLOSED
			code := s.Status.Error.Code
			if code == "" {
				code = s.Status.State
			}
			return nil, &failure{code: code, message: rest.Words(s.Status.Error.Message)}
		}
		if err := w.pause(ctx, wait); err != nil {
			return nil, err
		}
		r = rest.Request{Method: http.MethodGet, URL: w.address + "/api/2.0/sql/statements/" + url.PathEscape(s.ID)}
	}
}
