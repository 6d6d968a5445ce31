// Package retentionschedule says how long a register keeps what, and why: the schedule that a controller publishes (GDPR
// Art. 13(2)(a), 30(1)(f)), and the tables from which package retention plans.
//
// Decide first which you need. [Of] lists every category, purpose and activity with the rule that it cites, for people, as
// Markdown, CSV or JSON; equal registers give equal bytes. [Table] makes the [retention.Table] of one store, with all
// purposes that keep its rows: a row goes when the last of them ended.
package retentionschedule
