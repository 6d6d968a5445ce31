package erasure

import (
	"context"
	"fmt"
	"time"

	"github.com/purposebound/purposebound/retention"
)

// Journal remembers orders from before they are carried out until they are on record. Implementations are safe for
// concurrent use, let one process at a time write, and run erasuretest.TestJournal.
type Journal interface {
	// Begin makes an intent durable. After an error it may be durable or not.
	Begin(ctx context.Context, i Intent) error
	// Done closes the intent of a batch, durably. The journal may forget its keys. Closing one that is not open is no error.
	Done(ctx context.Context, batch string) error
	// Open returns the intents that are not closed, in the order in which they began.
	Open(ctx context.Context) ([]Intent, error)
}

// Intent is an order about to be carried out.
type Intent struct {
	Batch   string         `json:"batch"` // ULID
	Event   string         `json:"event"` // id of the event that will report it
	Table   string         `json:"table"`
	Then    retention.Then `json:"then"`
	Rule    string         `json:"rule"`
	Clause  string         `json:"clause,omitempty"`
	Swept   bool           `json:"swept,omitempty"` // out of the ledger, not the plan
	Keys    []string       `json:"keys"`
	Begun   time.Time      `json:"begun"`
	HeadSeq uint64         `json:"head_seq"` // of the trail, before
}

// Format implements [fmt.Formatter]: no verb prints the keys.
func (i Intent) Format(s fmt.State, _ rune) {
	_, _ = fmt.Fprintf(s, "intent %s of %d rows", i.Batch, len(i.Keys))
}
