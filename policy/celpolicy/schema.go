package celpolicy

import _ "embed"

//go:embed rules.schema.json
var schema string

// Schema is the JSON Schema of rule files, for editors.
func Schema() []byte { return []byte(schema) }
