// Package registerfile is the YAML form of a register, one file with one document.
//
// Keys are the json names of the fields of purpose.Spec and of what it holds; [Schema] is for editors. A fact's
// value is written as it is, an instant as {instant: 2024-01-01T12:00:00Z}; "is: true" is a list of one.
//
// Everything is strict. Unknown and duplicate keys, keys without a value, anchors, aliases, merge keys, tags,
// further documents and hidden characters are problems, and they come all at once, each with code, path,
// file, line and column, together with what [purpose.Compile] finds. Texts are read as they are written: the country
// NO, the version 2.10 and the day 2024-01-01 need no quotes. Only true and false are truth values.
package registerfile
