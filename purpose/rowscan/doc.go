// Package rowscan reads database rows into records with tagged and sealed fields, from database/sql and from pgx, whose errors
// it keeps from quoting what was in the row.
//
// The decision to make is which column is which field: a `db` tag says it, else the name, underscores and case aside. Every column needs
// a field and every tagged field a column, or `db:"-"`: a field that a query forgot would else be released as if it were empty.
//
//	for lessee, err := range rowscan.All[Lessee](rowscan.SQL(rows)) {
//
//	rows := rowscan.PGX(rows, func(f pgconn.FieldDescription) string { return f.Name })
//
// A sealed field takes what the driver gives and NULL unsets it; a plain one cannot take NULL. A row that does not fit leaves a zero
// record and an error that names column, field and types. Write with sealed values as arguments, and put [Quiet] around the errors of
// doing so: drivers and servers quote arguments.
package rowscan
