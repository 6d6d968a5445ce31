package audit

import _ "embed"

//go:embed event.schema.json
var schema string

// Schema returns the JSON Schema (draft 2020-12) of a line.
func Schema() string { return schema }
