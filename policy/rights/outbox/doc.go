// Package outbox tells the recipients of a person's data that it was rectified, erased or restricted (GDPR Art. 19), and tells the
// person, who asks, whom it told.
//
// Decide first where notices are kept: [NewMemory] forgets them with the process; package sqloutbox keeps them in a database, next
// to the rights cases, for any number of processes. A [Store] of your own runs package outboxtest.
//
// [Outbox.Open] makes the notices of a case out of the audit trail: one for every recipient that received data of the categories
// concerned, or may have. Open it as soon as the desk has granted the request, and before the aliases of the person are erased:
// afterwards nobody knows who the recipients were. Opening twice changes nothing; [Outbox.Owed] finds cases that a crash kept
// from being opened.
//
// [Outbox.Dispatch] hands due notices to the caller, who sends them; what fails is tried again, later and later. A notice may
// reach a recipient twice, under the same id, when a process dies in the middle; it is never lost. Whether telling somebody is
// impossible, or takes disproportionate effort, a named person decides ([Outbox.Give]), with a reason that stays on record.
//
// Every step is on the audit trail, as rights.notification, before it takes effect.
package outbox
