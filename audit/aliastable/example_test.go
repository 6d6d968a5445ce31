package aliastable_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/aliastable"
	"github.com/purposebound/purposebound/audit/sqltrail"
)

func Example() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	db, err := sql.Open("sqlite", filepath.Join(dir, "audit.db"))
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	ctx := context.Background()

	trail, err := sqltrail.OpenSQLite(ctx, db, sqltrail.Options{Stream: "leasing"})
	if err != nil {
		log.Fatal(err)
	}
	defer trail.Close()

	secret := make([]byte, audit.MinKey) // from a vault, and not from the database
	rand.Read(secret)
	key, err := audit.NewKey("2026", secret)
	if err != nil {
		log.Fatal(err)
	}
	keys, err := audit.NewKeys(key)
	if err != nil {
		log.Fatal(err)
	}
	aliases, err := aliastable.OpenSQLite(ctx, db, keys, trail, aliastable.Options{})
	if err != nil {
		log.Fatal(err)
	}
	// guard, err := policy.NewGuard(register, ledger, trail, rules, policy.WithPseudonyms(aliases))

	person, err := aliases.Alias(ctx, audit.DataSubject, "customer 4711")
	if err != nil {
		log.Fatal(err) // and release nothing
	}
	err = trail.Append(ctx, []audit.Event{{
		Name: audit.RightsErasure, Outcome: audit.Done, DataSubjectRefs: []string{person},
	}})
	if err != nil {
		log.Fatal(err)
	}
	n, err := aliases.Erase(ctx, audit.DataSubject, "customer 4711")
	fmt.Println(n, err)
	left, err := aliases.Aliases(ctx, audit.DataSubject, "customer 4711")
	fmt.Println(left, err)
	for e, err := range trail.Find(ctx, sqltrail.Filter{DataSubjectRefs: []string{person}}) {
		fmt.Println(e.Seq, e.Name, err)
	}
	report, err := trail.Verify(ctx, audit.Check{})
	fmt.Println(report.Count, report.Verdict, err)
	// Output:
	// 1 <nil>
	// [] <nil>
	// 2 rights.erasure <nil>
	// 3 subject.erased <nil>
	// 3 consistent, completeness not proved <nil>
}
