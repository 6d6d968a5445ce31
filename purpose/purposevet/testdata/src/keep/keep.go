// Package keep keeps views.
package keep

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose/purposevet/testdata/src/domain"
	"github.com/purposebound/purposebound/purpose/purposevet/testdata/src/keep/views"
)

var (
	last  views.Debit
	names []string
	all   sync.Map
	errs  error
	count int
)

type server struct {
	guard *policy.Guard
	cache map[string]views.Debit
	last  views.Debit
	at    atomic.Pointer[views.Debit]
	err   error
	queue chan views.Debit
}

func (s *server) handle(ctx context.Context, req policy.Request, l *domain.Lessee) (_ views.Debit, err error) {
	v, err := policy.Read[views.Debit](ctx, s.guard, req, l)
	last = v                                      // want `keep: a released view is kept in the package variable last, beyond the call and the purpose that it was released for`
	s.cache["a"] = v                              // want `keep: .*what \*keep.server holds`
	s.last, err = views.Get(ctx, s.guard, req, l) // want `keep: .*what \*keep.server holds`
	names = append(names, v.Name)                 // want `keep: .*the package variable names`
	views.Last = &v                               // want `keep: .*the package variable Last`
	all.Store("a", v)                             // want `keep: .*the package variable all`
	s.at.Store(&v)                                // want `keep: .*what \*keep.server holds`
	s.queue <- v                                  // want `keep: .*what \*keep.server holds`
	s.last.Name = v.Name                          // want `keep: .*what \*keep.server holds`
	s.err, errs = err, err
	count++
	local := map[string]views.Debit{"a": v}
	local["b"] = v
	other := &server{}
	other.last = v
	if v.Name == "" {
		s.err = errors.New("no name")
	}
	return v, err
}

func (s *server) more(ctx context.Context, req policy.Request, l *domain.Lessee) error {
	some, d, err := policy.Permitted[views.Debit](ctx, s.guard, req, l)
	s.last = some // want `keep: `
	count = len(d.Permitted())
	results, err := policy.ReadBatch[views.Debit](ctx, s.guard, req, []*domain.Lessee{l})
	for _, r := range results {
		s.err = r.Err
		s.last = r.View // want `keep: `
	}
	if err = policy.Send[views.Debit](ctx, s.guard, req, l, func(_ context.Context, v views.Debit) error {
		last = v // want `keep: `
		return nil
	}); err != nil {
		return err
	}
	grant, err := policy.Authorise[views.Debit](ctx, s.guard, req, l)
	if err != nil {
		return err
	}
	s.last, err = grant.Open(ctx) // want `keep: `
	return err
}

func (s server) byValue(v views.Debit) { s.last = v }

// remember is a cache on purpose.
//
//purposevet:stores an index of what was sent
func (s *server) remember(ctx context.Context, req policy.Request, l *domain.Lessee) (err error) {
	s.last, err = policy.Read[views.Debit](ctx, s.guard, req, l)
	return err
}
