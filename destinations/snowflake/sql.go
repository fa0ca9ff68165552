package snowflake

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/google/uuid"

	"headgate/destinations/rest"
)

// place is where the tables are, in capitals.
type place struct{ database, schema string }

// sqlAPI runs single statements: https://docs.snowflake.com/en/developer-guide/sql-api/intro
type sqlAPI struct {
	client          *rest.Client
	address         string
	place           place
	warehouse, role string
	pause           func(context.Context, time.Duration) error
}

const (
	statementSeconds = 300 // how long a statement may run
	firstLook        = time.Second
	laterLook        = 10 * time.Second
)

// run runs a statement with texts for its question marks and returns the rows of its result.
func (s *sqlAPI) run(ctx context.Context, statement string, values ...string) (data [][]string, err error) {
	ask := map[string]any{"statement": statement, "timeout": statementSeconds, "database": s.place.database, "schema": s.place.schema}
	if s.warehouse != "" {
		ask["warehouse"] = s.warehouse
	}
	if s.role != "" {
		ask["role"] = s.role
	}
	if len(values) > 0 {
		bindings := map[string]any{}
		for i, v := range values {
			bindings[strconv.Itoa(i+1)] = map[string]string{"type": "TEXT", "value": v}
		}
		ask["bindings"] = bindings
	}
	body, err := json.Marshal(ask)
	if err != nil {
		panic("BUG: a statement that is no JSON: " + err.Error())
	}
	r := rest.Request{Method: http.MethodPost, URL: s.address + "/api/v2/statements?requestId=" + uuid.NewString(), Body: body}
	for wait := firstLook; ; wait = min(2*wait, laterLook) {
		answer, err := s.client.Do(ctx, r)
		if err != nil {
			return nil, err
		}
		if answer.Status != http.StatusOK && answer.Status != http.StatusAccepted {
			return nil, failureOf(answer)
		}
		var said struct {
			Handle string     `json:"statementHandle"`
			Data   [][]string `json:"data"` // null in it reads as ""
		}
		if err := json.Unmarshal(answer.Body, &said); err != nil {
			return nil, errors.New("the answer is not one of Snowflake's")
		}
		if answer.Status == http.StatusOK {
			return said.Data, nil
		}
		if said.Handle == "" {
			return nil, errors.New("the answer is not one of Snowflake's")
		}
		if err := s.pause(ctx, wait); err != nil {
			return nil, err
		}
		r = rest.Request{Method: http.MethodGet, URL: s.address + "/api/v2/statements/" + url.PathEscape(said.Handle)}
	}
}
