// Package sqleraser lets package erasure change the rows of a SQL table.
//
// Decide first what goes with a row: an [Eraser] deletes or restricts rows of one table, and foreign keys, triggers and
// other tables are the schema's. It opens one transaction for an order, reads each row again under a lock, asks the order
// whether it is still due, changes it, and counts what the database says it changed. Anything unexpected undoes the whole
// order. An [Anonymiser] moves what may remain of a row to a table of its own, so that no column can be forgotten.
package sqleraser
