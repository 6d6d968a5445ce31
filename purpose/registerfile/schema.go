package registerfile

import (
	"bytes"
	_ "embed"
)

//go:embed register.schema.json
var schema []byte

// Schema is the JSON Schema (draft 2020-12) of a register file, for editors. It knows the form alone: what it
// accepts, Read may still refuse.
func Schema() []byte { return bytes.Clone(schema) }
