package files

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// partBytes is how much of an object is held in memory and sent in one request. Storage takes 10,000 parts, each of 5 MiB or more
// but the last: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
const partBytes = 8 << 20

// upload is an object on its way: in one request where it fits into one, and otherwise in parts as it grows. It is there when all of
// it has arrived.
type upload struct {
	ctx              context.Context
	b                *bucket
	key, contentType string
	buffer           bytes.Buffer
	id               string // of an upload in parts; "" as long as it is none
	parts            []uploaded
}

type uploaded struct {
	Number int    `xml:"PartNumber"`
	ETag   string `xml:"ETag"`
}

func (b *bucket) create(ctx context.Context, key, contentType string) (output, error) {
	return &upload{ctx: ctx, b: b, key: b.key(key), contentType: contentType}, nil
}

// Write sends a part whenever there is a whole one.
func (u *upload) Write(data []byte) (int, error) {
	written := 0
	for len(data) > 0 {
		n := min(len(data), partBytes-u.buffer.Len())
		u.buffer.Write(data[:n])
		data, written = data[n:], written+n
		if u.buffer.Len() == partBytes && len(data) > 0 {
			if err := u.send(); err != nil {
				return written, err
			}
		}
	}
	return written, nil
}

// send sends what is in memory as the next part.
func (u *upload) send() error {
	if u.id == "" {
		said, err := u.b.do(u.ctx, call{method: http.MethodPost, key: u.key, query: url.Values{"uploads": {""}}, contentType: u.contentType, creates: true})
		if err != nil {
			return err
		}
		var begun struct {
			ID string `xml:"UploadId"`
		}
		if err := xml.Unmarshal(said.body, &begun); err != nil || begun.ID == "" {
			return fmt.Errorf("the storage's answer to a new upload is not understood: %.200s", said.body)
		}
		u.id = begun.ID
	}
	number := len(u.parts) + 1
	said, err := u.b.do(u.ctx, call{method: http.MethodPut, key: u.key, body: u.buffer.Bytes(),
		query: url.Values{"partNumber": {strconv.Itoa(number)}, "uploadId": {u.id}}})
	if err != nil {
		return err
	}
	u.parts = append(u.parts, uploaded{number, said.etag})
	u.buffer.Reset()
	return nil
}

// commit completes the object. A failure may come with status 200:
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
func (u *upload) commit() error {
	if u.id == "" {
		_, err := u.b.do(u.ctx, call{method: http.MethodPut, key: u.key, contentType: u.contentType, body: u.buffer.Bytes(), creates: true})
		return err
	}
	if err := u.send(); err != nil {
		return err
	}
	list, err := xml.Marshal(struct {
		XMLName xml.Name   `xml:"CompleteMultipartUpload"`
		Parts   []uploaded `xml:"Part"`
	}{Parts: u.parts})
	if err != nil {
		return err
	}
	said, err := u.b.do(u.ctx, call{method: http.MethodPost, key: u.key, query: url.Values{"uploadId": {u.id}}, body: list})
	if err != nil {
		return err
	}
	var answer struct {
		XMLName xml.Name
		refusal
	}
	if err := xml.Unmarshal(said.body, &answer); err != nil || answer.XMLName.Local == "Error" {
		answer.Status = http.StatusInternalServerError
		return &answer.refusal
	}
	u.id = ""
	return nil
}

// abort has the storage drop the parts. Where that fails they stay, and cost, until a rule of the bucket removes them.
func (u *upload) abort() {
	if u.id == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(u.ctx), abortFor)
	defer cancel()
	_, _ = u.b.do(ctx, call{method: http.MethodDelete, key: u.key, query: url.Values{"uploadId": {u.id}}}) // see above
}

// abortFor bounds how long a broken upload is cleared up.
const abortFor = 5 * time.Second
