// Package export writes audit events in the forms that other systems read.
//
// The reader's decision is which form the receiver understands: [Attributes] for OpenTelemetry and other structured logs,
// [CloudEvent] for brokers and web hooks, [OCSF] for security analytics. Each carries the whole event and nothing else, and
// refuses one that is not valid, so that what the trail keeps out stays out of every copy. What none of them carries is the
// proof: verify the trail, not its exports.
//
// The functions are pure: they open, send and keep nothing.
package export
