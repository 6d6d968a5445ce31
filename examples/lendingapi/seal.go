package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/checkpoint"
	"github.com/purposebound/purposebound/audit/filetrail"
)

const (
	stream   = "lendingapi"
	operator = "andelratio.example/audit"
)

// seals makes signed checkpoints of the trail while the service runs, and one when it ends. They prove the trail whole as long
// as somebody else keeps them: the file of the anchor belongs to another department.
type seals struct {
	source  checkpoint.Source
	options checkpoint.Options
	store   *checkpoint.FileStore
	keeper  *checkpoint.Keeper
}

// anchorOf is where checkpoints are kept.
func anchorOf(set *settings) string { return cmp.Or(set.anchor, filepath.Join(set.dir, "anchor")) }

func openSeals(ctx context.Context, source checkpoint.Source, set *settings) (_ *seals, err error) {
	private, public, err := signing(set.dir)
	if err != nil {
		return nil, err
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		return nil, errors.New("the key of the checkpoints is damaged") // the error might quote it
	}
	anchor, err := checkpoint.NewFileAnchor(anchorOf(set))
	if err != nil {
		return nil, err
	}
	s := &seals{source: source}
	if s.store, err = checkpoint.OpenFileStore(filepath.Join(set.dir, "hashes")); err != nil {
		return nil, err
	}
	s.options = checkpoint.Options{Operator: operator, Signers: []note.Signer{signer}, Verifiers: note.VerifierList(public),
		Anchors: map[string]checkpoint.Anchor{"elsewhere": anchor}, Store: s.store, Interval: 10 * time.Second, Clock: set.clock}
	if s.keeper, err = checkpoint.New(ctx, source, s.options); err != nil {
		return nil, errors.Join(err, s.store.Close())
	}
	return s, nil
}

// signing is the key of the checkpoints, made the first time, and the half of it that others verify with.
func signing(dir string) (private string, public note.Verifier, err error) {
	text, err := secret(filepath.Join(dir, "checkpoints.key"), func() ([]byte, error) {
		private, public, err := note.GenerateKey(rand.Reader, operator)
		return []byte(private + "\n" + public), err
	})
	if err != nil {
		return "", nil, err
	}
	private, name, _ := strings.Cut(string(text), "\n")
	if public, err = note.NewVerifier(name); err != nil {
		return "", nil, errors.New("the key of the checkpoints is damaged")
	}
	return private, public, nil
}

// unproved is how many events no checkpoint covers that the anchor keeps.
func (s *seals) unproved() int64 {
	h := s.keeper.Health()
	return int64(h.Head - min(h.Head, h.Anchored))
}

// Close makes a last checkpoint: a keeper begins with one.
func (s *seals) Close(ctx context.Context) error {
	last, err := checkpoint.New(ctx, s.source, s.options)
	if err == nil {
		err = last.Tick(ctx)
	}
	return errors.Join(err, s.store.Close())
}

// verify holds the trail against the checkpoints that were kept.
func verify(ctx context.Context, set *settings) (audit.Report, error) {
	_, public, err := signing(set.dir)
	if err != nil {
		return audit.Report{}, err
	}
	origin, err := checkpoint.Origin(operator, stream)
	if err != nil {
		return audit.Report{}, err
	}
	anchor, err := checkpoint.NewFileAnchor(anchorOf(set))
	if err != nil {
		return audit.Report{}, err
	}
	evidence, err := checkpoint.Collect(ctx, origin, note.VerifierList(public), anchor)
	if err != nil {
		return audit.Report{}, err
	}
	return filetrail.VerifyWith(ctx, filepath.Join(set.dir, "trail"), evidence.Check())
}
