package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"os"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/mod/sumdb/note"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/checkpoint"
	"github.com/purposebound/purposebound/audit/filetrail"
)

const operator = "acme.example/audit"

// makeTrail is "trail DIR N": a trail of N events and the one that says it was opened, a file "checkpoints" with
// what an anchor has of it, and a file "keys".
func makeTrail(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: trail DIR N")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	clock := func() time.Time { return time.Date(2026, 5, 4, 7, 0, 0, 0, time.UTC) }
	trail, err := filetrail.Open(ts.MkAbs(args[0]), filetrail.Options{Stream: args[0], Clock: clock})
	ts.Check(err)
	ctx := context.Background()
	for range n {
		ts.Check(trail.Append(ctx, []audit.Event{{Name: audit.AccessDenied, Outcome: audit.Denied, Mode: audit.Enforce, Reason: "policy.denied",
			Purpose: "invoicing", DecisionID: "01JV0000000000000000000000"}}))
	}
	skey, vkey, err := note.GenerateKey(rand.Reader, operator)
	ts.Check(err)
	signer, err := note.NewSigner(skey)
	ts.Check(err)
	verifier, err := note.NewVerifier(vkey)
	ts.Check(err)
	anchor, err := checkpoint.NewFileAnchor(ts.MkAbs("checkpoints"))
	ts.Check(err)
	keeper, err := checkpoint.New(ctx, trail, checkpoint.Options{Operator: operator, Signers: []note.Signer{signer}, Verifiers: note.VerifierList(verifier),
		Anchors: map[string]checkpoint.Anchor{"file": anchor}, Events: 1, Clock: clock})
	ts.Check(err)
	ts.Check(keeper.Tick(ctx))
	ts.Check(trail.Close())
	known, _ := os.ReadFile(ts.MkAbs("keys"))
	ts.Check(os.WriteFile(ts.MkAbs("keys"), append(known, "# who signs "+args[0]+"\n"+vkey+"\n"...), 0o600))
}

// spoil is "spoil FILE cut|edit": it takes the last line away, or changes a letter in the first.
func spoil(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: spoil FILE cut|edit")
	}
	text := []byte(ts.ReadFile(args[0]))
	switch args[1] {
	case "cut":
		text = text[:bytes.LastIndexByte(text[:len(text)-1], '\n')+1]
	case "tear":
		text = text[:len(text)-5]
	case "edit":
		i := bytes.Index(text, []byte("invoicing"))
		text[i] = 'x'
	default:
		ts.Fatalf("%q spoils nothing", args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), text, 0o600))
}
