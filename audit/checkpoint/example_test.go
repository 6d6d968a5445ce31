package checkpoint_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/checkpoint"
	"github.com/purposebound/purposebound/audit/filetrail"
)

func Example() {
	parent, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(parent)
	ctx := context.Background()

	// The signer stays with the service; the verifier goes to whoever checks.
	private, public, err := note.GenerateKey(rand.Reader, "acme.example/audit")
	if err != nil {
		log.Fatal(err)
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		log.Fatal(err)
	}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		log.Fatal(err)
	}

	dir := filepath.Join(parent, "trail")
	trail, err := filetrail.Open(dir, filetrail.Options{Stream: "leasing-1"})
	if err != nil {
		log.Fatal(err)
	}
	defer trail.Close()
	anchor, err := checkpoint.NewFileAnchor(filepath.Join(parent, "somebody-elses-file"))
	if err != nil {
		log.Fatal(err)
	}
	keeper, err := checkpoint.New(ctx, trail, checkpoint.Options{
		Operator: "acme.example", Signers: []note.Signer{signer}, Verifiers: note.VerifierList(verifier),
		Anchors: map[string]checkpoint.Anchor{"other account": anchor},
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := keeper.Tick(ctx); err != nil { // a service calls go keeper.Run(ctx) and gives keeper.Trail() to its guard
		log.Fatal(err)
	}

	alone, err := filetrail.Verify(dir)
	if err != nil {
		log.Fatal(err)
	}
	evidence, err := checkpoint.Collect(ctx, "acme.example/leasing-1", note.VerifierList(verifier), anchor)
	if err != nil {
		log.Fatal(err)
	}
	anchored, err := filetrail.VerifyWith(ctx, dir, evidence.Check())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(alone.Verdict)
	fmt.Println(anchored.Verdict, "up to", anchored.Proved)

	proof, err := keeper.Prove(1)
	if err != nil {
		log.Fatal(err)
	}
	for line, err := range trail.Lines(ctx, 1) {
		if err != nil {
			log.Fatal(err)
		}
		_, err = checkpoint.CheckLine(proof, line, keeper.Origin(), note.VerifierList(verifier))
		fmt.Println(err)
		break
	}
	var _ audit.Trail = keeper.Trail()
	// Output:
	// consistent, completeness not proved
	// passed up to 1
	// <nil>
}
