package bigquery_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"headgate/destinations"
	"headgate/destinations/conformance"
)

func problem(status int, reason, message string) (int, string) {
	b, _ := json.Marshal(map[string]any{"error": map[string]any{"code": status, "message": message, "errors": []map[string]string{{"reason": reason, "message": message}}}})
	return status, string(b)
}

func TestWhatBigQueryAnswersIsJudged(t *testing.T) {
	for _, c := range []struct {
		status  int
		reason  string
		message string
		kind    destinations.Kind
		after   time.Duration
	}{
		{403, "accessDenied", "Access Denied: Table shop:events: Permission bigquery.tables.updateData denied", destinations.Halt, 0},
		{403, "billingNotEnabled", "Streaming insert is not allowed in the free tier", destinations.Halt, 0},
		{403, "quotaExceeded", "Exceeded rate limits: too many rows", destinations.Retry, 5 * time.Minute},
		{403, "rateLimitExceeded", "Exceeded rate limits", destinations.Retry, 0},
		{404, "notFound", "Not found: Table", destinations.Halt, 0},
		{400, "invalid", "The request is wrong", destinations.Reject, 0},
		{400, "resourcesExceeded", "Resources exceeded", destinations.Retry, 0},
		{413, "", "Request Entity Too Large", destinations.Retry, 0},
		{500, "internalError", "An internal error occurred", destinations.Retry, 0},
		{503, "backendError", "Error encountered during execution", destinations.Retry, 0},
		{302, "", "", destinations.Halt, 0},
		{418, "", "I am a teapot", destinations.Halt, 0},
	} {
		f := newFake(t)
		d := f.open(t, ", schema: \"off\"")
		f.Before = func(call, _ string) (int, string) {
			if strings.HasSuffix(call, "/insertAll") {
				return problem(c.status, c.reason, c.message)
			}
			return 0, ""
		}
		for _, v := range d.Deliver(t.Context(), conformance.Batch(1, 3)) {
			if v.Kind != c.kind || v.After != c.after || !strings.Contains(v.Why, c.message) || v.Status != 0 {
				t.Errorf("%d %s: %s after %s %q", c.status, c.reason, v.Kind, v.After, v.Why)
			}
		}
	}
}

func TestWhatAJobEndsWithIsJudged(t *testing.T) {
	for reason, want := range map[string]destinations.Kind{"accessDenied": destinations.Halt, "quotaExceeded": destinations.Retry, "backendError": destinations.Retry,
		"jobInternalError": destinations.Retry, "invalid": destinations.Reject, "resourcesExceeded": destinations.Retry} {
		f := newFake(t)
		d := f.open(t, ", mode: load, schema: \"off\"")
		f.Before = func(call, _ string) (int, string) {
			if strings.Contains(call, "/upload/") {
				return 200, fmt.Sprintf(`{"jobReference": {"jobId": "j", "location": "EU"}, "status": {"state": "DONE",
					"errorResult": {"reason": %q, "message": "Error while reading data"}, "errors": [{"message": "Error while reading data"}, {"message": "the details"}]}}`, reason)
			}
			return 0, ""
		}
		v := d.Deliver(t.Context(), conformance.Batch(1, 1))[0]
		if v.Kind != want || !strings.HasPrefix(v.Why, "Error while reading data: the details") {
			t.Errorf("%s: %+v", reason, v)
		}
	}
}

func TestATableThatCannotBeMadeIsNoEventsFault(t *testing.T) {
	f := newFake(t)
	d := f.open(t, "")
	f.Before = func(call, _ string) (int, string) {
		if strings.HasSuffix(call, "/queries") {
			return problem(400, "invalidQuery", "Partitioning by this is not allowed")
		}
		return 0, ""
	}
	conformance.Expect(t, d, conformance.Batch(1, 3), destinations.Halt, "Partitioning by this is not allowed")
}

func TestCredentialsThatCannotBeHadHalt(t *testing.T) {
	f := newFake(t)
	d := f.open(t, "")
	f.Before = func(call, _ string) (int, string) {
		if strings.HasSuffix(call, "/token") {
			return 400, `{"error": "invalid_grant", "error_description": "Invalid JWT Signature."}`
		}
		return 0, ""
	}
	conformance.Expect(t, d, conformance.Batch(1, 1), destinations.Halt, "invalid_grant Invalid JWT Signature. (the key was deleted")
	f.Before = func(string, string) (int, string) { return 503, "unavailable" }
	conformance.Expect(t, d, conformance.Batch(1, 1), destinations.Retry, "no access token: status 503")

	_, ms := conformance.Open(t, "bigquery", nil, "{project: shop-production, dataset: \"my-data\"}")
	if len(ms) != 1 || !strings.Contains(ms.Error(), "dataset") {
		t.Error(ms)
	}
	f = newFake(t)
	f.KeyText = "damaged"
	if ms := f.mistakes(t); !strings.Contains(ms, "service_account: the private_key in it is no key: it is not PEM") || strings.Contains(ms, "headgate@") {
		t.Error(ms)
	}
}

func TestAnAddressThatEgressDoesNotAllowHalts(t *testing.T) {
	f := newFake(t)
	f.Server.URL = strings.Replace(f.Server.URL, "127.0.0.1", "10.0.0.1", 1)
	v := f.open(t, ", schema: \"off\"").Deliver(t.Context(), conformance.Batch(1, 1))[0]
	if v.Kind != destinations.Halt || !strings.Contains(v.Why, "egress") || strings.Contains(v.Why, "insertAll") {
		t.Errorf("%+v", v)
	}
}
