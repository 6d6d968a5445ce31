package checkpoint

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/purposebound/purposebound/audit"
)

// Source is a trail to follow. One that is an [audit.LeafReader] or an [audit.LineReader] too is followed faster; one that
// has a method Pruned() (audit.Manifest, error) is followed from there.
type Source interface {
	audit.Trail
	audit.Reader
}

// Options of a keeper. Operator, Signers and Verifiers are needed, and Anchors to prove anything.
type Options struct {
	// Operator begins the origin of the checkpoints, as in [Origin]; the stream ends it.
	Operator string
	// Signers sign every checkpoint: one, or, while keys change, the old and the new one. They must return.
	Signers []note.Signer
	// Verifiers know the signers' keys, and those that signed what is anchored already.
	Verifiers note.Verifiers
	// Anchors keep the checkpoints, each under a name for [Health].
	Anchors map[string]Anchor
	// AnchorTimeout is how long each call to an anchor may last; 0 means 5 s.
	AnchorTimeout time.Duration
	// Store keeps the hashes for proofs; nil means in memory.
	Store Store
	// Events is the number of events behind a checkpoint at which the next one is made; 0 means 1,000.
	Events uint64
	// Interval is the time after which the next one is made in any case; 0 means 60 s.
	Interval time.Duration
	// Poll is how often Run looks at the trail; 0 means 1 s.
	Poll time.Duration
	// Clock tells when Interval is over; nil means time.Now.
	Clock func() time.Time
	// Halted, if any, is called once, when another history turns out to be anchored.
	Halted func(error)
}

func (o *Options) complete() error {
	switch {
	case len(o.Signers) == 0 || o.Verifiers == nil:
		return errors.New("checkpoint: Options need Signers and Verifiers")
	case o.AnchorTimeout < 0 || o.Interval < 0 || o.Poll < 0:
		return errors.New("checkpoint: negative time in Options")
	}
	for name, a := range o.Anchors {
		if a == nil {
			return fmt.Errorf("checkpoint: anchor %q is nil", name)
		}
	}
	orDefault(&o.AnchorTimeout, 5*time.Second)
	orDefault(&o.Events, 1000)
	orDefault(&o.Interval, time.Minute)
	orDefault(&o.Poll, time.Second)
	if o.Store == nil {
		o.Store = NewMemory()
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return nil
}

func orDefault[T comparable](v *T, otherwise T) {
	var zero T
	if *v == zero {
		*v = otherwise
	}
}
