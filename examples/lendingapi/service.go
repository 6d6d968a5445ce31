package main

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"time"

	"github.com/purposebound/purposebound/audit/filetrail"
	"github.com/purposebound/purposebound/basis/sqlledger"
	"github.com/purposebound/purposebound/examples/lending/notice"
	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/policy/httpshare"
	"github.com/purposebound/purposebound/policy/live"
	"github.com/purposebound/purposebound/policy/rights"
)

// settings are what the service is told.
type settings struct {
	dir      string // of the trail, its keys, and SQLite
	anchor   string // file that checkpoints of the trail are kept in; empty: in dir
	postgres string // URL of a database to use in its stead
	bureau   string // URL of the credit bureau; empty: there is none
	atOnce   int    // requests under way; 0 means 128
	clock    func() time.Time
	log      *slog.Logger
}

// service is what the program holds: the guard before the data, and the desk for those whom the data is about.
type service struct {
	settings
	db       *sql.DB
	store    *store
	ledger   *sqlledger.Ledger
	trail    *filetrail.Trail
	seals    *seals
	policies *live.Policy
	guard    *policy.Guard
	desk     *rights.Desk
	metrics  *metrics
	accounts accounts
	endpoint *httpshare.Endpoint // of the credit bureau; nil: there is none
}

// newService opens everything. Whatever is wrong with register, policies, tags or views is an error here and not in a request.
func newService(ctx context.Context, set settings) (_ *service, err error) {
	if set.clock == nil {
		set.clock = time.Now
	}
	set.atOnce = cmp.Or(set.atOnce, 128)
	s := &service{settings: set, accounts: demonstration()}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close(ctx))
		}
	}()
	if err := os.MkdirAll(set.dir, 0o700); err != nil {
		return nil, err
	}
	register, err := notice.Register()
	if err != nil {
		return nil, err
	}
	if s.db, err = openDatabase(set.dir, set.postgres); err != nil {
		return nil, err
	}
	if s.ledger, err = openLedger(ctx, s.db, set.postgres != "", register.Vocabulary(), set.clock); err != nil {
		return nil, err
	}
	if s.store, err = openStore(ctx, s.db); err != nil {
		return nil, err
	}
	trail, aliases, err := openTrail(set.dir, set.clock)
	if err != nil {
		return nil, err
	}
	s.trail = trail
	if s.seals, err = openSeals(ctx, trail, &s.settings); err != nil {
		return nil, err
	}
	kept := s.seals.keeper.Trail()
	if s.policies, err = live.Open(ctx, "lending", notice.Source(), notice.Loader(register), kept, live.WithClock(set.clock)); err != nil {
		return nil, err
	}
	if s.metrics, err = newMetrics(); err != nil {
		return nil, err
	}
	if err = s.metrics.watch(s); err != nil {
		return nil, err
	}
	s.guard, err = policy.NewGuard(register, s.ledger, kept, s.policies, policy.WithClock(set.clock), policy.WithPseudonyms(aliases), policy.WithObserver(s.metrics),
		policy.WithTypes(policy.View[AssessmentView, Application](), policy.View[FileView, Application](), policy.View[BureauView, Application](),
			policy.View[TestimonialView, Application]()))
	if err != nil {
		return nil, err
	}
	if set.bureau != "" {
		if s.endpoint, err = httpshare.NewEndpoint(s.guard, bureauKey, set.bureau, httpshare.Options{Timeout: 5 * time.Second}); err != nil {
			return nil, err
		}
	}
	s.desk, err = rights.NewDesk(register, s.ledger, kept, rights.WithClock(set.clock), rights.WithPseudonyms(aliases))
	return s, err
}

// Close ends the service: what the trail has not been told of is told, what is queued is written, and a checkpoint covers it.
func (s *service) Close(ctx context.Context) error {
	var errs []error
	if s.guard != nil {
		errs = append(errs, s.guard.Flush(context.WithoutCancel(ctx)))
	}
	if s.seals != nil {
		errs = append(errs, s.seals.Close(context.WithoutCancel(ctx)))
	}
	if s.trail != nil {
		errs = append(errs, s.trail.Close())
	}
	if s.metrics != nil {
		errs = append(errs, s.metrics.Close(context.WithoutCancel(ctx)))
	}
	if s.store != nil {
		errs = append(errs, s.store.Close())
	}
	if s.ledger != nil {
		errs = append(errs, s.ledger.Close())
	}
	if s.db != nil {
		errs = append(errs, s.db.Close())
	}
	return errors.Join(errs...)
}
