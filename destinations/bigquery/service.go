package bigquery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"headgate/destinations/rest"
)

// service is BigQuery's REST interface: https://cloud.google.com/bigquery/docs/reference/rest
type service struct {
	client                              *rest.Client
	address, project, dataset, location string
}

// failure is an error that BigQuery has answered with, or with which a job ended.
type failure struct {
	status   int // of HTTP; 0 when a job ended with it
	reason   string
	location string
	message  string
	after    time.Duration
}

func (f *failure) Error() string {
	said := f.message
	if f.status != 0 && f.reason == "" {
		said = fmt.Sprintf("HTTP %d: %s", f.status, said)
	}
	if f.location != "" {
		said += ", at " + f.location
	}
	if f.reason != "" {
		said += " (" + f.reason + ")"
	}
	return said
}

// problem is how BigQuery says what is wrong.
type problem struct {
	Reason   string `json:"reason"`
	Location string `json:"location"`
	Message  string `json:"message"`
}

// path is below the project; segments are escaped.
func (s *service) path(segments ...string) string {
	path := "/bigquery/v2/projects/" + url.PathEscape(s.project)
	for _, one := range segments {
		path += "/" + url.PathEscape(one)
	}
	return path
}

// do makes a request and reads the answer into out. Any other status than 2xx is a *failure.
func (s *service) do(ctx context.Context, r rest.Request, out any) error {
	r.URL = s.address + r.URL
	answer, err := s.client.Do(ctx, r)
	if err != nil {
		return err
	}
	if answer.Status/100 != 2 {
		return failureOf(answer)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer.Body, out); err != nil {
		return errors.New("the answer is not one of BigQuery's")
	}
	return nil
}

func failureOf(answer *rest.Answer) *failure {
	var said struct {
		Error struct {
			Message string    `json:"message"`
			Errors  []problem `json:"errors"`
		} `json:"error"`
	}
	f := &failure{status: answer.Status, after: answer.After}
	if err := json.Unmarshal(answer.Body, &said); err != nil {
		f.message = rest.Words(string(answer.Body)) // something before BigQuery has answered
		return f
	}
	f.message = rest.Words(said.Error.Message)
	if len(said.Error.Errors) > 0 {
		f.reason = said.Error.Errors[0].Reason
	}
	return f
}

// parameter is a list of texts for @name in a query.
type parameter struct {
	name   string
	values []string
}

func (p parameter) MarshalJSON() ([]byte, error) {
	type value struct {
		Value string `json:"value"`
	}
	list := make([]value, len(p.values))
	for i, v := range p.values {
		list[i].Value = v
	}
	return json.Marshal(map[string]any{"name": p.name,
		"parameterType":  map[string]any{"type": "ARRAY", "arrayType": map[string]string{"type": "STRING"}},
		"parameterValue": map[string]any{"arrayValues": list}})
}

const queryWait = 30 * time.Second // how long one request waits for a statement

// query runs a statement to its end and returns how many rows it has changed. The names of the answer's fields, and that a statement
// which takes longer is asked for under queries/ID, are the reference's and unconfirmed on a real account.
// https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs/query
func (s *service) query(ctx context.Context, sql string, params ...parameter) (rows int64, err error) {
	ask := map[string]any{"query": sql, "useLegacySql": false, "timeoutMs": queryWait.Milliseconds()}
	if s.location != "" {
		ask["location"] = s.location
	}
	if len(params) > 0 {
		ask["parameterMode"], ask["queryParameters"] = "NAMED", params
	}
	body, err := json.Marshal(ask)
	if err != nil {
		panic("BUG: a query that is no JSON: " + err.Error())
	}
	var said struct {
		Complete bool `json:"jobComplete"`
		Job      struct {
			ID       string `json:"jobId"`
			Location string `json:"location"`
		} `json:"jobReference"`
		Changed string `json:"numDmlAffectedRows"`
	}
	err = s.do(ctx, rest.Request{Method: http.MethodPost, URL: s.path("queries"), Body: body}, &said)
	for err == nil && !said.Complete {
		id, where := said.Job.ID, said.Job.Location
		if id == "" {
			return 0, errors.New("the answer is not one of BigQuery's")
		}
		err = s.do(ctx, rest.Request{Method: http.MethodGet, URL: s.path("queries", id) + "?maxResults=0&timeoutMs=" +
			strconv.FormatInt(queryWait.Milliseconds(), 10) + "&location=" + url.QueryEscape(where)}, &said)
	}
	if err != nil {
		return 0, err
	}
	rows, _ = strconv.ParseInt(said.Changed, 10, 64)
	return rows, nil
}
