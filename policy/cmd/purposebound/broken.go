package main

import (
	"errors"
	"path"
	"path/filepath"

	"github.com/purposebound/purposebound/policy/celpolicy"
	"github.com/purposebound/purposebound/policy/check"
	"github.com/purposebound/purposebound/policy/regopolicy"
	"github.com/purposebound/purposebound/policy/table"
	"github.com/purposebound/purposebound/purpose"
)

// brokenError is input that cannot be used, with everything that is wrong with it.
type brokenError struct {
	what     string
	findings []check.Finding
}

func (e *brokenError) Error() string {
	return e.what + ": " + plural(len(e.findings), "problem")
}

// problemsOf are the problems that an error of a loader lists; ok is false for other errors.
func problemsOf(err error) (list []purpose.Problem, ok bool) {
	var (
		register purpose.Problems
		cel      celpolicy.Problems
		rego     regopolicy.Problems
		tables   table.Problems
	)
	switch {
	case errors.As(err, &register):
		return register, true
	case errors.As(err, &cel):
		return cel, true
	case errors.As(err, &rego):
		return rego, true
	case errors.As(err, &tables):
		return tables, true
	}
	return nil, false
}

// broken turns an error of a loader into one that lists findings, with files named from where the command stands. dir
// is what the loader's file names are relative to; empty: they are named already.
func broken(what, dir string, err error) error {
	list, ok := problemsOf(err)
	if !ok {
		return err
	}
	b := &brokenError{what: what}
	for _, p := range list {
		b.findings = append(b.findings, check.Finding{Code: p.Code, Message: p.Message, File: within(dir, p.File), Line: p.Line, Column: p.Column, Path: p.Path})
	}
	return b
}

// within names a file of a directory. A finding about the whole directory is at the directory.
func within(dir, file string) string {
	if dir == "" {
		return file
	}
	return path.Join(filepath.ToSlash(dir), file)
}
