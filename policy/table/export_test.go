package table

import "reflect"

// For the schema, which is made from the types.
var (
	Kinds        = kinds
	QuestionType = reflect.TypeFor[question]()
)

// KeyOf is the key of a field in a file.
func KeyOf(f reflect.StructField) (name, option string) { return keyOf(f) }
