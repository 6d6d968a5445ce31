// Package ropa makes the record of processing activities of GDPR Art. 30 from a register: point by point for what is done as
// controller (Art. 30(1)(a) to (g)), and for the datasets that are held on behalf of others (Art. 30(2)(a) to (d)).
//
// Decide first of which day the record is. [Of] with an instant gives what the notice in force then declares, and refuses a
// transfer whose safeguard is not in force then; with the zero time it gives all that the register says, of every version.
// A record that would miss something that the article asks for is an error, an [IncompleteError] with every place of the
// register where it is missing: there is no half a record. What the register assumes is marked as assumed wherever it is shown,
// and listed at the end.
//
// A record is written as Markdown, CSV, HTML or JSON-LD in the terms of the W3C Data Privacy Vocabulary 2.3. Equal registers
// give equal bytes. It does not say that the processing is lawful.
package ropa
