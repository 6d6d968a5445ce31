package table

import (
	"bytes"
	_ "embed"
)

//go:embed table.schema.json
var schema []byte

//go:embed request.schema.json
var requestSchema []byte

// Schema is the JSON Schema (draft 2020-12) of a table file, for editors. It knows the form alone: what it accepts, Check
// may still refuse.
func Schema() []byte { return bytes.Clone(schema) }

// RequestSchema is the JSON Schema of what ParseRequest reads.
func RequestSchema() []byte { return bytes.Clone(requestSchema) }
