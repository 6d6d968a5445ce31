package report

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/purposebound/purposebound/audit/filetrail"
	"github.com/purposebound/purposebound/examples/benchmarks/bound"
	"github.com/purposebound/purposebound/examples/benchmarks/contest"
	"github.com/purposebound/purposebound/examples/benchmarks/gdpr"
	"github.com/purposebound/purposebound/examples/benchmarks/measure"
	"github.com/purposebound/purposebound/examples/benchmarks/parts"
	"github.com/purposebound/purposebound/examples/benchmarks/world"
)

// Row is a contender at one size.
type Row struct {
	world.Contender
	Skipped bool // the register is larger than Most
	Asked   int  // questions of the table that it answered as the rules say
	Load    time.Duration
	Held    int64
	measure.Result
	Two measure.Factor // throughput of two goroutines beside one; main table only
}

// Table is all contenders at one size.
type Table struct {
	Size
	Rows []Row
}

// Results are everything that was measured.
type Results struct {
	Config  Config
	Main    Table
	Others  []Table
	Growth  map[Size]measure.Result // purposebound at all sizes, in one run
	Shared  measure.Factor          // throughput of two goroutines that ask one guard, beside one
	Apart   measure.Factor          // the same of two that have a guard each and share nothing
	Parts   map[string]measure.Result
	Loading []parts.Stage
	Work    []*gdpr.Report
	Took    time.Duration
}

// Run measures all. Progress gets a line for each step.
func Run(ctx context.Context, c Config, progress io.Writer) (*Results, error) {
	start := time.Now()
	r := &Results{Config: c}
	say := func(format string, args ...any) {
		fmt.Fprintf(progress, "%5.0fs  %s\n", time.Since(start).Seconds(), fmt.Sprintf(format, args...))
	}
	for _, s := range append([]Size{c.Main}, c.Sizes...) {
		say("register of %d tagged fields and %d purposes", s.Fields, s.Purposes)
		two := c.Two
		if s != c.Main {
			two.Passes = 0
		}
		t, err := compare(s, c.Turns, two)
		if err != nil {
			return nil, err
		}
		if s == c.Main {
			r.Main = t
		} else {
			r.Others = append(r.Others, t)
		}
	}
	say("purposebound at all sizes")
	var err error
	if r.Growth, err = growth(c.all(), c.Turns); err != nil {
		return nil, err
	}
	say("two goroutines")
	if err = r.scale(); err != nil {
		return nil, err
	}
	say("batches, events, releases")
	rows, err := parts.Rows(world.New(c.Main.Fields, c.Main.Purposes), c.Batch)
	if err != nil {
		return nil, err
	}
	if r.Parts, err = measure.Turns(rows, c.Parts); err != nil {
		return nil, err
	}
	say("loading %d tagged fields", c.Large.Fields)
	if r.Loading, err = parts.Loading(world.New(c.Large.Fields, c.Large.Purposes), c.Loading); err != nil {
		return nil, err
	}
	for _, mix := range gdpr.Mixes {
		for _, zipfian := range []bool{false, true} {
			say("GDPRbench-derived workload: %s", mix.Name)
			w, err := work(ctx, mix, zipfian, c.Work)
			if err != nil {
				return nil, err
			}
			r.Work = append(r.Work, w)
		}
	}
	r.Took = time.Since(start)
	say("done")
	return r, nil
}

// compare times all contenders at one size, after each has answered the whole table as the rules say.
func compare(s Size, o, two measure.Options) (Table, error) {
	w := world.New(s.Fields, s.Purposes)
	t := Table{Size: s}
	var rows []measure.Row
	pairs := map[string][]measure.Runner{}
	for _, c := range contest.Contenders() {
		row := Row{Contender: c, Skipped: c.Most > 0 && s.Fields > c.Most}
		if !row.Skipped {
			calls, err := row.prepare(w)
			if err != nil {
				return t, fmt.Errorf("%s: %w", c.Key, err)
			}
			rows = append(rows, measure.Row{Key: c.Key, Runner: calls[0]})
			pairs[c.Key] = calls
		}
		t.Rows = append(t.Rows, row)
	}
	results, err := measure.Turns(rows, o)
	if err != nil {
		return t, err
	}
	for i := range t.Rows {
		r := &t.Rows[i]
		r.Result = results[r.Key]
		if two.Passes > 0 && !r.Skipped {
			if r.Two, err = measure.Scaling(r.Key, pairs[r.Key], two); err != nil {
				return t, err
			}
		}
	}
	return t, nil
}

// prepare loads the contender, holds it to the table, and makes calls for two goroutines.
func (r *Row) prepare(w *world.World) (calls []measure.Runner, err error) {
	load := func() (world.Loaded, error) { return r.Contender.Load(w) }
	held, took, bytes, err := measure.Held(load)
	if err == nil && took < 200*time.Millisecond { // the first one may also have set up what all share
		held, took, bytes, err = measure.Held(load)
	}
	if err != nil {
		return nil, err
	}
	r.Load, r.Held = took, bytes
	if r.Asked, err = contest.Agree(w, &r.Contender, held); err != nil {
		return nil, err
	}
	for i := range apart {
		call, err := held.Ask(world.Common())
		if err != nil {
			return nil, err
		}
		if i == 0 || i == apart-1 {
			calls = append(calls, call)
		}
	}
	return calls, nil
}

// apart is how many calls lie in memory from one goroutine's to the other's: neighbours would share a line of the processor's cache.
const apart = 8

// growth times purposebound alone at all sizes in one run.
func growth(sizes []Size, o measure.Options) (map[Size]measure.Result, error) {
	var rows []measure.Row
	c := bound.Contenders()[0]
	for _, s := range sizes {
		held, err := c.Load(world.New(s.Fields, s.Purposes))
		if err != nil {
			return nil, err
		}
		call, err := held.Ask(world.Common())
		if err != nil {
			return nil, err
		}
		rows = append(rows, measure.Row{Key: fmt.Sprint(s), Runner: call})
	}
	results, err := measure.Turns(rows, o)
	bySize := map[Size]measure.Result{}
	for _, s := range sizes {
		bySize[s] = results[fmt.Sprint(s)]
	}
	return bySize, err
}

// scale times two goroutines that ask one guard, and two that ask a guard each.
func (r *Results) scale() error {
	w := world.New(r.Config.Main.Fields, r.Config.Main.Purposes)
	var calls [2][]measure.Runner
	for i := range calls {
		row := Row{Contender: bound.Contenders()[0]}
		var err error
		if calls[i], err = row.prepare(w); err != nil {
			return err
		}
	}
	var err error
	if r.Shared, err = measure.Scaling("one guard", calls[0], r.Config.Scale); err != nil {
		return err
	}
	r.Apart, err = measure.Scaling("two guards", []measure.Runner{calls[0][0], calls[1][0]}, r.Config.Scale)
	return err
}

// work runs a mix of the workload with a trail in files of its own.
func work(ctx context.Context, mix gdpr.Mix, zipfian bool, o gdpr.Options) (*gdpr.Report, error) {
	dir, err := os.MkdirTemp("", "workload")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	o.Zipfian = zipfian
	o.Trail = func() (gdpr.Trail, error) { return filetrail.Open(filepath.Join(dir, "trail"), filetrail.Options{}) }
	return gdpr.Run(ctx, mix, o)
}

// row finds a contender of the main table.
func (t *Table) row(key string) (Row, error) {
	for _, r := range t.Rows {
		if r.Key == key && !r.Skipped {
			return r, nil
		}
	}
	return Row{}, fmt.Errorf("report: %s was not measured", key)
}
