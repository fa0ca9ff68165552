package bigquery

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"time"

	"headgate/destinations/rest"
	"headgate/destinations/rows"
)

const (
	firstLook = time.Second // how long a job is left alone at first; doubling
	laterLook = 10 * time.Second
	mostJobs  = 1000 // of one batch: each failed, and a person repaired what was wrong
)

// job is a load job.
type job struct {
	Reference jobReference `json:"jobReference"`
	Status    struct {
		State string    `json:"state"`
		Error *problem  `json:"errorResult"`
		All   []problem `json:"errors"`
	} `json:"status"`
}

type jobReference struct {
	Project  string `json:"projectId"`
	Location string `json:"location,omitempty"`
	ID       string `json:"jobId"`
}

// load has rows loaded by a job and waits for its end. The job's id is made of the batch, so that BigQuery does nothing when it
// comes again; a job that has failed keeps its id, so the batch goes on with the next.
func load[T any](ctx context.Context, d *Driver, t *table[T], list []*T, batch string) error {
	lines := rows.Lines(t.columns, list, rows.Form{Times: times})
	if batch == "" {
		batch = rand.Text()
	}
	for n := range mostJobs {
		j, err := startJob(ctx, t, t.jobID(d.name, batch, n), lines)
		known := isDuplicate(err)
		if known {
			j, err = t.service.job(ctx, jobReference{ID: t.jobID(d.name, batch, n), Location: t.service.location})
		}
		if err == nil {
			err = d.finish(ctx, j)
		}
		var ended *failure
		if known && errors.As(err, &ended) && ended.status == 0 && !ofTheRows(ended) {
			continue // it had failed before
		}
		return err
	}
	return fmt.Errorf("%d jobs of one batch have failed", mostJobs)
}

// jobID names the n-th job of a batch. A batch has one for each destination and table: ids are a project's.
func (t *table[T]) jobID(destination, batch string, n int) string {
	sum := sha256.Sum256([]byte(destination + "\x00" + t.service.dataset + "\x00" + t.table + "\x00" + batch))
	safe := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '_'
	}, t.table)
	id := "hg_" + safe[:min(len(safe), 100)] + "_" + hex.EncodeToString(sum[:16])
	if n > 0 {
		id += fmt.Sprintf("_%d", n)
	}
	return id
}

// startJob sends rows with the job that loads them: https://cloud.google.com/bigquery/docs/loading-data-local. Columns of JSON are
// nested in the lines; that BigQuery takes them so is unconfirmed on a real account.
func startJob[T any](ctx context.Context, t *table[T], id string, lines []byte) (*job, error) {
	s := t.service
	ask, err := json.Marshal(map[string]any{
		"jobReference": jobReference{Project: s.project, Location: s.location, ID: id},
		"configuration": map[string]any{"load": map[string]any{
			"destinationTable": map[string]string{"projectId": s.project, "datasetId": s.dataset, "tableId": t.table},
			"sourceFormat":     "NEWLINE_DELIMITED_JSON", "writeDisposition": "WRITE_APPEND", "createDisposition": "CREATE_NEVER", "maxBadRecords": 0,
		}},
	})
	if err != nil {
		panic("BUG: a job that is no JSON: " + err.Error())
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, part := range []struct {
		kind string
		data []byte
	}{{"application/json; charset=UTF-8", ask}, {"application/octet-stream", lines}} {
		to, err := w.CreatePart(textproto.MIMEHeader{"Content-Type": {part.kind}})
		if err == nil {
			_, err = to.Write(part.data)
		}
		if err != nil {
			panic("BUG: a bytes.Buffer takes everything: " + err.Error())
		}
	}
	if err := w.Close(); err != nil {
		panic("BUG: a bytes.Buffer takes everything: " + err.Error())
	}
	var j job
	err = s.do(ctx, rest.Request{Method: http.MethodPost, URL: "/upload" + s.path("jobs") + "?uploadType=multipart", Body: b.Bytes(),
		Type: "multipart/related; boundary=" + w.Boundary()}, &j)
	return &j, err
}

func (s *service) job(ctx context.Context, r jobReference) (*job, error) {
	address := s.path("jobs", r.ID)
	if r.Location != "" {
		address += "?location=" + url.QueryEscape(r.Location)
	}
	var j job
	return &j, s.do(ctx, rest.Request{Method: http.MethodGet, URL: address}, &j)
}

// finish waits for a job's end. A job that failed has stored nothing.
func (d *Driver) finish(ctx context.Context, j *job) (err error) {
	for wait := firstLook; j.Status.State != "DONE"; wait = min(2*wait, laterLook) {
		if j.Reference.ID == "" {
			return errors.New("the answer is not one of BigQuery's")
		}
		if err := d.pause(ctx, wait); err != nil {
			return err
		}
		if j, err = d.service.job(ctx, j.Reference); err != nil {
			return err
		}
	}
	p := j.Status.Error
	if p == nil {
		return nil
	}
	f := &failure{reason: p.Reason, location: p.Location, message: rest.Words(p.Message)}
	for _, more := range j.Status.All { // the first says only that there were too many
		if more.Message != p.Message {
			f.message = rest.Words(f.message + ": " + more.Message)
			break
		}
	}
	return f
}
