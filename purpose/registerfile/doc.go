// Package registerfile is the YAML form of a register.
//
// Keys are the json names of the fields of purpose.Spec and of what it holds. Everything is strict: unknown and
// duplicate keys, missing values, anchors, tags and further documents are problems, and all problems
// of form and content come at once, each with file, line and column. Texts are read as they are written: the
// country NO, the version 2.4 and the day 2024-01-01 need no quotes. Only true and false are truth values.
package registerfile
