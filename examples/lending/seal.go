package main

import (
	"context"
	"crypto/rand"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/checkpoint"
	"github.com/purposebound/purposebound/audit/filetrail"
)

const operator = "andelratio.example/audit"

// checkpointed makes a signed checkpoint of the trail, keeps it in dir, and returns what the lines of the trail must agree
// with. A real service runs the keeper all day and keeps the checkpoints where only another department can write.
func checkpointed(ctx context.Context, trail *filetrail.Trail, dir string) (check audit.Check, err error) {
	private, public, err := note.GenerateKey(rand.Reader, operator)
	if err != nil {
		return check, err
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		return check, err
	}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		return check, err
	}
	anchor, err := checkpoint.NewFileAnchor(filepath.Join(dir, "anchor"))
	if err != nil {
		return check, err
	}
	keys := note.VerifierList(verifier)
	keeper, err := checkpoint.New(ctx, trail, checkpoint.Options{Operator: operator, Signers: []note.Signer{signer}, Verifiers: keys,
		Anchors: map[string]checkpoint.Anchor{"elsewhere": anchor}})
	if err != nil {
		return check, err
	}
	if err := keeper.Tick(ctx); err != nil {
		return check, err
	}
	evidence, err := checkpoint.Collect(ctx, keeper.Origin(), keys, anchor)
	return evidence.Check(), err
}
