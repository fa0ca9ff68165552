package snowflake_test

import (
	"fmt"
	"strings"
	"testing"

	"headgate/destinations"
	"headgate/destinations/conformance"
	"headgate/destinations/snowflake"
)

func TestWhatSnowflakeAnswersIsJudged(t *testing.T) {
	for _, c := range []struct {
		at          string // the end of the request
		status      int
		code, state string
		kind        destinations.Kind
		why         string
	}{
		{"/api/v2/statements", 401, "390144", "", destinations.Halt, "is the public key the user's"},
		{"/api/v2/statements", 403, "390422", "", destinations.Halt, "(390422)"},
		{"/api/v2/statements", 422, "003001", "42501", destinations.Halt, "(003001, SQLSTATE 42501)"},
		{"/api/v2/statements", 422, "100038", "22018", destinations.Halt, "22018"},
		{"/api/v2/statements", 422, "000604", "57014", destinations.Retry, "57014"},
		{"/api/v2/statements", 429, "391908", "", destinations.Retry, "391908"},
		{"/api/v2/statements", 503, "", "", destinations.Retry, "HTTP 503"},
		{"/oauth/token", 401, "390318", "", destinations.Halt, "390318"},
		{"/oauth/token", 500, "", "", destinations.Retry, "HTTP 500"},
		{"/hostname", 302, "", "", destinations.Halt, "HTTP 302"},
		{"/rows", 403, "NOT_AUTHORIZED", "", destinations.Halt, "NOT_AUTHORIZED"},
		{"/rows", 404, "PIPE_NOT_FOUND", "", destinations.Halt, "PIPE_NOT_FOUND"},
		{"/rows", 429, "RECEIVER_SATURATED", "", destinations.Retry, "RECEIVER_SATURATED"},
		{"/rows", 400, "ERR_CHANNEL_MUST_BE_REOPENED_DUE_TO_ROW_SEQ_GAP", "", destinations.Retry, "REOPENED"},
		{"/rows", 400, "INVALID_BODY", "", destinations.Reject, "INVALID_BODY"},
		{":bulk-channel-status", 500, "", "", destinations.Retry, "HTTP 500"},
	} {
		f := newFake(t)
		d := f.open(t, "")
		f.Before = func(call, _ string) (int, string) {
			if !strings.HasSuffix(call, c.at) {
				return 0, ""
			}
			if c.code == "" {
				return c.status, "hm"
			}
			return c.status, fmt.Sprintf(`{"code": %q, "sqlState": %q, "message": "so it is"}`, c.code, c.state)
		}
		for _, v := range d.Deliver(t.Context(), conformance.Batch(1, 3)) {
			if v.Kind != c.kind || !strings.Contains(v.Why, c.why) || v.Status != 0 || strings.Contains(v.Why, "continuationToken") {
				t.Errorf("%s %d %s: %s %q", c.at, c.status, c.code, v.Kind, v.Why)
			}
		}
	}
}

func TestMistakesInSettingsAreSaid(t *testing.T) {
	f := newFake(t)
	f.KeyText = "no key"
	_, ms := conformance.Open(t, "snowflake", snowflake.NewDriver, f.Settings(", table: events"))
	for _, want := range []string{"private_key: it is not PEM", "table: expected a schema and a table", "openssl genrsa"} {
		if !strings.Contains(ms.Error(), want) {
			t.Errorf("%v\nlacks %s", ms, want)
		}
	}
	if strings.Contains(ms.Error(), "no key") {
		t.Error("the key is shown")
	}
	f.KeyText = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
	conformance.Expect(t, f.open(t, ""), conformance.Batch(1, 2), destinations.Halt, "private_key: it is not an RSA key, or damaged")
}
