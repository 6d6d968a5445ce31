// Package protoguard reads protobuf messages through a guard.
//
// The decision to make is the same as for structs, field by field, and it is written into the message's definition with the option
// of purposebound/v1/personal.proto, which is for copying to where a build finds it:
//
//	message Lessee {
//	  string id   = 1 [(purposebound.v1.personal).data_subject = "id"];
//	  string name = 2 [(purposebound.v1.personal).category = "contact.name"];
//	  string note = 3;
//	}
//
// [Bind] reads the option through the descriptor, so that any message will do, generated or dynamic, and whether or not the Go
// code of the option itself is linked in. [Read] returns a new message with the fields that were asked for and released, and those that are
// marked category "-": never one that nobody marked, an extension, or an unknown field.
//
// A message inside a message is looked into; one with an id of its own is about another person, called by the path of its field. A list or a map of
// messages with marked fields is refused: bind the message that it lists, and read each.
package protoguard
