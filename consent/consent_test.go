package consent

import (
	"headgate/document"
)

// entry is a CMP's map of one id.
func entry(tool, id, purpose string) document.Entry[CMP] {
	return document.Entry[CMP]{Key: tool, Value: CMP{Map: document.Ordered[document.WordList]{{Key: id, Value: document.ListOfWords(purpose)}}}}
}
