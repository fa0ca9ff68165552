package config

import (
	"bytes"
	"encoding/json"
	"fmt"

	"headgate/document"
)

// Schema is the JSON Schema (draft 2020-12) of a configuration file, for editors.
func Schema() []byte {
	shape, err := json.Marshal(document.Schema(Defaults()))
	if err != nil {
		panic(fmt.Sprintf("BUG: the schema of the configuration: %v", err))
	}
	head := `{"$schema":"https://json-schema.org/draft/2020-12/schema","title":"Headgate configuration",`
	var out bytes.Buffer
	if err := json.Indent(&out, append([]byte(head), shape[1:]...), "", "  "); err != nil {
		panic(fmt.Sprintf("BUG: the schema of the configuration: %v", err))
	}
	out.WriteByte('\n')
	return out.Bytes()
}

// Reference is the page that lists every key of a configuration file, in Markdown.
func Reference() []byte {
	var b bytes.Buffer
	b.WriteString(`# Configuration reference

Every key of the configuration file, made from the program itself. A dot goes one level down, <name> stands for names of
your choice, [] for the items of a list. Values may hold ${NAME}, ${NAME:-default} and ${file:/path}.

`)
	b.Write(document.Schema(Defaults()).Docs())
	return b.Bytes()
}
