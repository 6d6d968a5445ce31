package filetrail_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/filetrail"
)

func Example() {
	parent, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(parent)
	dir := filepath.Join(parent, "trail")

	trail, err := filetrail.Open(dir, filetrail.Options{Stream: "leasing-1"})
	if err != nil {
		log.Fatal(err)
	}
	defer trail.Close()

	key := make([]byte, audit.MinKey) // keep it; one per epoch
	rand.Read(key)
	aliases, err := audit.NewKeyedHMAC(key, "2026")
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	person, err := aliases.Alias(ctx, audit.DataSubject, "customer 4711")
	if err != nil {
		log.Fatal(err)
	}
	clerk, err := aliases.Alias(ctx, audit.Principal, "u17")
	if err != nil {
		log.Fatal(err)
	}
	decision, err := audit.NewIDs(nil).Next()
	if err != nil {
		log.Fatal(err)
	}

	err = trail.Append(ctx, []audit.Event{{
		Name: audit.AccessRead, Outcome: audit.Permitted, Mode: audit.Enforce,
		PrincipalRef: clerk, DataSubjectRefs: []string{person}, Fields: []string{"Name", "IBAN"},
		Purpose: "fx.contract_service", Basis: "gdpr:6-1-b", DecisionID: decision,
	}})
	if err != nil {
		log.Fatal(err) // and release nothing
	}

	err = trail.Append(ctx, []audit.Event{{Name: audit.AccessDenied, PrincipalRef: "u17"}})
	fmt.Println(err)
	report, err := filetrail.Verify(dir)
	fmt.Println(report.Count, report.Verdict, err)
	// Output:
	// audit: principal.ref: malformed
	// 2 consistent, completeness not proved <nil>
}
