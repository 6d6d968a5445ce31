// Package rights answers what a person asks of the controller: GDPR Art. 7(3), 12 and 15 to 22, on the same register,
// ledger and audit trail as the guard.
//
// Decide first what you hold on the person: a [Holding] for each datum, with its category, where it came from and what it
// was obtained for. The values stay where they are: nothing here sees one.
//
// A [Request] is what was asked. [Desk.Decide] says what the answer must be, and changes nothing. [Desk.Serve] decides,
// puts the decision on record, durably, and only then lets it take effect in the ledger: a withdrawal, an objection, a
// restriction. An [Outcome] answers datum by datum and names for each what decided: the purpose that still needs it, the
// rule and law that keep it, and until when. What the law leaves to judgement is [Escalated]: a named person decides, and
// the answer comes back as a [Finding]. Reasons are a closed list of codes, in reasons.md.
//
// [Due] counts the time for the answer, in the controller's zone and working days (Art. 12(3), Reg. 1182/71).
//
// A [Keeper] says of one datum how long it is kept for all its purposes: the retention rules over the person's state. The
// desk asks it before anything is erased; so does whoever erases by the calendar.
//
// Packages access, portability and outbox below this one make the report, the export and the notices to recipients
// (Art. 15, 19, 20) of what the desk has granted.
package rights
