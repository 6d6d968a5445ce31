package gdpr

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/purposebound/purposebound/examples/benchmarks/measure"
)

// Options of a run.
type Options struct {
	Records    int
	Operations int
	Before     int // records deleted beforehand, for a regulator to verify
	Zipfian    bool
	Seed       uint64
	Trail      func() (Trail, error)
	deaf       bool // a control: the oracle hears no objection
}

// Timing is how long one kind of operation takes.
type Timing struct {
	Kind     Kind
	N        int
	P50, P99 time.Duration
}

// Report is what a run of one mix found.
type Report struct {
	Mix        string
	Zipfian    bool
	Records    int
	Operations int
	Took       time.Duration // of all operations, without the oracle's
	Timings    []Timing      // in the order of the mix
	Agreed     int
	Disagreed  string  // the first operation that the oracle sees otherwise
	Data       float64 // bytes of a record's values
	Own        float64 // bytes of its own metadata, as text
	Ledger     float64 // bytes of the heap that the ledger holds, for a record
	Events     uint64  // of the trail
	TrailBytes float64 // of an event
}

// Run does a mix.
func Run(ctx context.Context, mix Mix, o Options) (*Report, error) {
	now := time.Now().UTC()
	entries, people := population(o.Records, now, o.Seed)
	trail, err := o.Trail()
	if err != nil {
		return nil, err
	}
	defer trail.Close()
	s, err := newService(now, trail)
	if err != nil {
		return nil, err
	}
	_, _, held, err := measure.Held(func() (*service, error) { return s, s.fill(people) })
	if err != nil {
		return nil, err
	}
	r := &Report{Mix: mix.Name, Zipfian: o.Zipfian, Records: o.Records, Operations: o.Operations, Ledger: float64(held) / float64(o.Records)}
	for _, e := range entries {
		s.put(e)
		r.Data += float64(e.data()) / float64(o.Records)
		r.Own += float64(e.metadata()) / float64(o.Records)
	}
	oracle := newOracle(entries, people, now)
	oracle.deaf = o.deaf
	d := newDraws(mix, o.Zipfian, o.Records, len(people), now, o.Seed)
	for range o.Before {
		a := args{kind: deleteRecord, key: d.key()}
		if _, err := s.do(ctx, a); err != nil {
			return nil, err
		}
		oracle.do(a)
	}
	took := map[Kind][]time.Duration{}
	for i := range o.Operations {
		a := d.next()
		start := time.Now()
		got, err := s.do(ctx, a)
		t := time.Since(start)
		if err != nil {
			return nil, fmt.Errorf("gdpr: operation %d, %s: %w", i, a.kind, err)
		}
		r.Took += t
		took[a.kind] = append(took[a.kind], t)
		if want := oracle.do(a); slices.Equal(got, want) {
			r.Agreed++
		} else if r.Disagreed == "" {
			r.Disagreed = fmt.Sprintf("operation %d, %s of %d for %q: the service says %q, the oracle %q", i, a.kind, a.key, a.purpose, got, want)
		}
	}
	for _, p := range mix.Parts {
		for _, k := range p.Kinds {
			ts := took[k]
			slices.Sort(ts)
			r.Timings = append(r.Timings, Timing{Kind: k, N: len(ts), P50: measure.Quantile(ts, 0.5), P99: measure.Quantile(ts, 0.99)})
		}
	}
	return r, s.weigh(ctx, r)
}

// weigh reads the trail from the beginning.
func (s *service) weigh(ctx context.Context, r *Report) error {
	bytes := 0
	for line, err := range s.trail.Lines(ctx, 1) {
		if err != nil {
			return err
		}
		bytes += len(line) + 1
		r.Events++
	}
	if r.Events > 0 {
		r.TrailBytes = float64(bytes) / float64(r.Events)
	}
	return nil
}
