// Package portability makes the export that a person may ask for (GDPR Art. 20): the data that they provided, that is held on their
// consent or for a contract with them, and that is processed by automated means, in a form that machines read.
//
// Decide first what is said of the data: where it came from ([rights.Origin]) and on which basis it is held decide what is in the
// export. What is worked out or estimated, such as a score, what a law demands, what is on paper and what is another person's is
// left out, and the export names each with its reason.
//
// Values come through an [access.Release], which asks the guard. [Exporter.Make] serves the request through a rights desk, gathers
// the values, puts on record what is handed over, and only then returns the export. With an error there is none.
//
// An [Export] is written as JSON, which holds every value as it is, or as CSV, whose cells no spreadsheet takes for a formula. It
// holds personal data: hand it to the person, or to the controller whom they name, by a way that reaches nobody else.
package portability
