package golden

import (
	"headgate/document/cases"
)

// Update writes what is sent now into a file of cases: the text of every `sends` that differs or is missing is
// replaced, and nothing else is touched.
func Update(data []byte, results []Result) []byte {
	texts := make([]string, len(results))
	for i := range results {
		texts[i] = results[i].Sends
	}
	return cases.Write(data, "sends", "events", texts)
}
