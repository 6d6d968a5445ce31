// Package sqlanchor keeps checkpoints in a caller's SQL database: SQLite or PostgreSQL. The constructor says which; no
// driver is imported.
//
// The reader's decision is whose database it is. One that the owner of the trail administers proves little: he can
// remove checkpoints from it as he can events from the trail. Use a database under another account, create the tables
// there with its owner's rights (the migrations are exported for that), and give the trail's account INSERT and SELECT
// alone. Triggers refuse updates and deletions to whoever may not drop them.
//
// Errors carry an operation and a code, never the text of the driver.
package sqlanchor
