package live

import (
	"context"
	"errors"
)

// number refuses what nobody signed, what has no revision, and what is older than what was in force.
func (p *Policy) number(ctx context.Context, s Snapshot) error {
	switch {
	case s.embedded():
		return nil
	case s.Signer == "":
		return &Error{Reason: ReasonUnsigned}
	case s.Revision == 0:
		return &Error{Reason: ReasonRevision, Err: errors.New("the revision is missing or 0")}
	}
	if p.store != nil {
		stored, err := run(ctx, &p.stages, "store", p.limit, p.store.Load)
		if err == nil && !stored.valid() {
			err = errMark
		}
		if err != nil {
			return p.storeError(ctx, err)
		}
		if stored.Revision > p.mark.Revision {
			p.mark = stored // another process was faster, or this one before it was started anew
		}
	}
	switch {
	case s.Revision < p.mark.Revision:
		return &Error{Reason: ReasonRollback}
	case s.Revision == p.mark.Revision && s.Files.Digest() != p.mark.Digest:
		return &Error{Reason: ReasonConflict}
	}
	return nil
}

// keep stores the revision before the change is recorded: what is on record as done can never be undone by
// putting the old files back.
func (p *Policy) keep(ctx context.Context, s Snapshot) error {
	mark := Mark{Revision: s.Revision, Digest: s.Files.Digest()}
	if s.embedded() || mark == p.mark {
		return nil
	}
	if p.store != nil {
		_, err := run(ctx, &p.stages, "store", p.limit, func(ctx context.Context) (struct{}, error) {
			return struct{}{}, p.store.Save(ctx, mark)
		})
		if err != nil {
			return p.storeError(ctx, err)
		}
	}
	p.mark = mark
	return nil
}

func (p *Policy) storeError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return &Error{Reason: ReasonStore, Err: err}
}
