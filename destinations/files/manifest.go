package files

import (
	"encoding/hex"
	"encoding/json"
)

// entry is one file in a manifest. Url, mandatory and content_length are what Amazon Redshift's COPY reads:
// https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html. That it passes over the other keys is
// unconfirmed.
type entry struct {
	URL       string `json:"url"`
	Mandatory bool   `json:"mandatory"`
	Meta      struct {
		Bytes  int64  `json:"content_length"`
		Rows   int    `json:"record_count"`
		SHA256 string `json:"sha256"`
	} `json:"meta"`
}

func entryOf(address string, file *summed, rows int) entry {
	e := entry{URL: address, Mandatory: true}
	e.Meta.Bytes, e.Meta.Rows, e.Meta.SHA256 = file.bytes, rows, hex.EncodeToString(file.sum.Sum(nil))
	return e
}

// manifestOf lists the files of a batch. It is stored after them: a reader that takes only files which a manifest lists sees each
// event once, also after a crash in the middle.
func manifestOf(batch string, files []entry) []byte {
	body, err := json.Marshal(struct {
		Batch   string  `json:"batch"`
		Entries []entry `json:"entries"`
	}{batch, files})
	if err != nil {
		panic("BUG: a manifest cannot be written: " + err.Error())
	}
	return append(body, '\n')
}
