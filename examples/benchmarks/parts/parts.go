// Package parts measures what the contest does not: batches beside calls, an event of the trail beside encoding/json, a
// release beside its decision, and what loading a large register takes.
package parts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/audittest"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/examples/benchmarks/bound"
	"github.com/purposebound/purposebound/examples/benchmarks/measure"
	"github.com/purposebound/purposebound/examples/benchmarks/world"
	"github.com/purposebound/purposebound/policy"
)

// Keys of the rows.
const (
	Decide    = "decide"
	Read      = "read"
	Calls     = "calls"
	Batch     = "batch"
	OwnCalls  = "own.calls"
	OwnBatch  = "own.batch"
	EventJSON = "event.json"
	EventLine = "event.line"
)

// View is all fields of the first record.
type View struct {
	F00, F01, F02, F03, F04, F05, F06, F07, F08, F09 string
	F10, F11, F12, F13, F14, F15, F16, F17, F18, F19 string
}

var errDenied = errors.New("parts: denied")

// Rows are the parts, over a world and batches of n records.
func Rows(w *world.World, n int) ([]measure.Row, error) {
	guard, ledger, err := bound.Guard(w, bound.Selectors, bound.Forgets{})
	if err != nil {
		return nil, err
	}
	req, err := bound.Request(world.Common())
	if err != nil {
		return nil, err
	}
	req.DataSubject = ""
	same, own := make([]*bound.First, n), make([]*bound.First, n)
	var events []basis.Event
	for i := range n {
		same[i] = &bound.First{ID: world.Customer.ID, F00: "x", F19: "y"}
		own[i] = &bound.First{ID: fmt.Sprintf("person-%d", i), F00: "x", F19: "y"}
		events = append(events, basis.Event{DataSubject: own[i].ID, ValidAt: time.Now().Add(-time.Hour), Body: basis.Occurred{Event: "signed"}})
	}
	if err := ledger.Record(context.Background(), events...); err != nil {
		return nil, err
	}
	encoded, chained, err := event(w)
	if err != nil {
		return nil, err
	}
	row := func(key string, f func() error) measure.Row {
		return measure.Row{Key: key, Runner: measure.Func(f)}
	}
	return []measure.Row{
		row(Decide, func() error { return decide(guard, req, same[0]) }),
		row(Read, func() error { return read(guard, req, same[:1]) }),
		row(Calls, func() error { return read(guard, req, same) }),
		row(Batch, func() error { return batch(guard, req, same) }),
		row(OwnCalls, func() error { return read(guard, req, own) }),
		row(OwnBatch, func() error { return batch(guard, req, own) }),
		row(EventJSON, encoded),
		row(EventLine, chained),
	}, nil
}

func decide(g *policy.Guard, req policy.Request, r *bound.First) error {
	d, err := policy.Decide(context.Background(), g, req, r)
	if err == nil && d.Outcome != policy.OutcomePermitted {
		err = errDenied
	}
	return err
}

func read(g *policy.Guard, req policy.Request, records []*bound.First) error {
	for _, r := range records {
		v, err := policy.Read[View](context.Background(), g, req, r)
		if err != nil {
			return err
		}
		if v.F00 != "x" || v.F19 != "y" {
			return errDenied
		}
	}
	return nil
}

func batch(g *policy.Guard, req policy.Request, records []*bound.First) error {
	results, err := policy.ReadBatch[View](context.Background(), g, req, records)
	if err != nil {
		return err
	}
	for i := range results {
		if results[i].Err != nil {
			return results[i].Err
		}
		if v := &results[i].View; v.F00 != "x" || v.F19 != "y" {
			return errDenied
		}
	}
	return nil
}

// event is an event of a release, encoded by encoding/json, and drafted and chained as trails do.
func event(w *world.World) (encoded, chained func() error, err error) {
	trail := audittest.NewRecorder(nil)
	guard, _, err := bound.Guard(w, bound.Selectors, trail)
	if err != nil {
		return nil, nil, err
	}
	req, err := bound.Request(world.Common())
	if err != nil {
		return nil, nil, err
	}
	req.DataSubject = ""
	if err := read(guard, req, []*bound.First{{ID: world.Customer.ID, F00: "x", F19: "y"}}); err != nil {
		return nil, nil, err
	}
	whole := trail.Events()[0]
	bare := whole
	bare.V, bare.Stream, bare.Seq, bare.Prev, bare.Time = 0, "", 0, audit.Hash{}, time.Time{}
	events := []audit.Event{bare}
	drafter, chain := audit.Drafter{}, audit.NewChain(audit.Head{Stream: "measure"}, time.Now)
	var line []byte
	return func() error {
			_, err := json.Marshal(&whole)
			return err
		}, func() error {
			drafts, err := drafter.Drafts(events)
			if err != nil {
				return err
			}
			line, err = chain.AppendLine(line[:0], &drafts[0])
			return err
		}, nil
}
