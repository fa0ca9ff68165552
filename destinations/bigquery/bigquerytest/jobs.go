package bigquerytest

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"

	"headgate/destinations/rest/resttest"
)

// elsewhere is what is said where the dataset is not.
func elsewhere(location string) *refusal {
	return &refusal{404, "notFound", "Not found: Dataset shop-production:shop was not found in location " + location}
}

// job is a load.
type job struct {
	looks    int // until it is done
	failed   *refusal
	location string
}

// uploaded cuts a multipart upload into its parts.
func uploaded(r *http.Request, body []byte) (parts [][]byte, no *refusal) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/related" || r.URL.RawQuery != "uploadType=multipart" {
		return nil, &refusal{400, "badRequest", "no upload"}
	}
	for reader := multipart.NewReader(bytes.NewReader(body), params["boundary"]); ; {
		part, err := reader.NextPart()
		if err != nil {
			return parts, nil
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return nil, &refusal{400, "badRequest", err.Error()}
		}
		parts = append(parts, data)
	}
}

func (f *Fake) start(r *http.Request, body []byte) (any, *refusal) {
	parts, no := uploaded(r, body)
	if no != nil {
		return nil, no
	}
	var ask struct {
		Reference struct {
			Project  string `json:"projectId"`
			Location string `json:"location"`
			ID       string `json:"jobId"`
		} `json:"jobReference"`
		Configuration struct {
			Load struct {
				To struct {
					Project string `json:"projectId"`
					Dataset string `json:"datasetId"`
					Table   string `json:"tableId"`
				} `json:"destinationTable"`
				Format string `json:"sourceFormat"`
				Write  string `json:"writeDisposition"`
				Create string `json:"createDisposition"`
				MaxBad int    `json:"maxBadRecords"`
			} `json:"load"`
		} `json:"configuration"`
	}
	if len(parts) != 2 {
		return nil, &refusal{400, "badRequest", "two parts are expected"}
	}
	l := &ask.Configuration.Load
	if err := resttest.Strictly(parts[0], &ask); err != nil || ask.Reference.Project != "shop-production" || l.To.Dataset != "shop" || l.Format != "NEWLINE_DELIMITED_JSON" ||
		l.Write != "WRITE_APPEND" || l.Create != "CREATE_NEVER" || l.MaxBad != 0 {
		return nil, &refusal{400, "badRequest", fmt.Sprintf("a job: %v %s", err, parts[0])}
	}
	if ask.Reference.Location != f.Location {
		return nil, elsewhere(ask.Reference.Location)
	}
	id := ask.Reference.ID
	if !regexp.MustCompile(`^[A-Za-z0-9_-]+$`).MatchString(id) || len(id) > 1024 {
		return nil, &refusal{400, "badRequest", "the id of a job: " + id}
	}
	if f.jobs[id] != nil {
		return nil, &refusal{409, "duplicate", "Already Exists: Job shop-production:EU." + id}
	}
	f.jobs[id] = &job{location: ask.Reference.Location, failed: f.load(l.To.Table, parts[1])}
	if f.Working {
		f.jobs[id].looks = 2
	}
	return f.job(id, f.Location)
}

func (f *Fake) job(id, location string) (any, *refusal) {
	j := f.jobs[id]
	if j == nil || j.location != location {
		return nil, &refusal{404, "notFound", "Not found: Job " + id}
	}
	status := map[string]any{"state": "RUNNING"}
	if j.looks--; j.looks < 0 {
		status["state"] = "DONE"
		if j.failed != nil {
			e := map[string]string{"reason": j.failed.reason, "message": "Error while reading data"}
			status["errorResult"], status["errors"] = e, []map[string]string{e, {"reason": j.failed.reason, "message": j.failed.message}}
		}
	}
	return map[string]any{"jobReference": map[string]string{"projectId": "shop-production", "location": f.Location, "jobId": id}, "status": status}, nil
}

// load stores all lines or none.
func (f *Fake) load(name string, data []byte) *refusal {
	t := f.Tables[name]
	if t == nil {
		return &refusal{404, "notFound", "Not found: Table shop-production:shop." + name}
	}
	var all []row
	for n, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		var values map[string]any
		if err := resttest.Strictly([]byte(line), &values); err != nil {
			return &refusal{400, "invalid", err.Error()}
		}
		if column, message := t.check(values, true); message != "" {
			return &refusal{400, "invalid", fmt.Sprintf("JSON table encountered too many errors: row %d, field %s: %s", n, column, message)}
		}
		all = append(all, row{values: values})
	}
	t.rows = append(t.rows, all...)
	return nil
}
