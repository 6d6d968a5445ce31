// Package purpose is the register: what a controller may do with personal data, about whom, why, on
// which legal basis, for how long, and who receives it. Enforcement, the record of processing and the
// retention schedule all come from it.
//
// # The decision to make
//
// Before any code, decide three things, with whoever is responsible for the privacy notice:
//
//   - Which purposes. A purpose answers "why is this read now". Programs request leaves of the tree, one at a
//     time, and a permission or a prohibition at a node covers what is below it, no parent and no sibling. Two uses
//     that rest on different grounds, or that a person can object to one by one, are two purposes.
//   - Which data categories. A category is what a notice would name, "contact.name", not a column. Its class says
//     whether it needs a ground of its own: special, criminal, national id, third-party.
//   - Which activities. An activity is one line of the record of processing (GDPR Art. 30): purposes, capacities of
//     the data subjects, categories, claims of a legal basis, retention rules, recipients, and the clause that says
//     so. Bases hang here and not on fields: the same number is readable for one purpose and not for another.
//
// What no activity covers is denied. What the notice leaves open may be assumed, marked and explained
// (Assumed, Note); every assumption comes back from [Register.Advice].
//
// Write it as a [Spec] in Go, or in YAML with package registerfile, and make a [Register] of it with [Compile],
// which reports all that is wrong at once. [Register.Digest] identifies the content: two registers
// with one digest decide alike.
//
// # Tags
//
// Fields are tied to categories by struct tags, which [Register.Bind] reads once for a type:
//
//	personal:"contact.name"          the data category, a leaf; "-" says that the field is not personal
//	purpose:"kyc,service"            only for these purposes, or what is below them
//	basis:"legal-obligation"         only on these legal bases
//	retention:"aml"                  only until these retention rules have expired, too
//	subject:"id"                     identifies the person the record is about
//	subject:"guarantor.id"           identifies somebody else in the record
//	subject:"guarantor"              is about that one
//
// Lists are separated by commas, without blanks. A tag narrows what the activities allow for the category and never
// widens it. Nested structs, pointers, slices, arrays, maps and embedded structs are walked; a nested struct with a field
// of its own tagged subject:"id" is about that person. A misspelt key, a duplicate, an unknown category, purpose,
// basis or rule, personal data in an unexported field or in the key of a map is a [TagError] that names
// type, field and offset. An untagged field is never released. A [Schema] says the same of maps, rows and documents.
package purpose
