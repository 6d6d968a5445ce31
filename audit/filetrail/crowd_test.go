package filetrail

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
)

// crowded is a disk of which every file misbehaves once it is told to.
type crowded struct {
	disk
	mood atomic.Pointer[string]
	hang chan struct{}
}

func (c *crowded) be(mood string) { c.mood.Store(&mood) }

func (c *crowded) OpenFile(name string, flag int) (file, error) {
	f, err := c.disk.OpenFile(name, flag)
	if err != nil {
		return nil, err
	}
	return &crowdedFile{f, c}, nil
}

type crowdedFile struct {
	file
	of *crowded
}

func (f *crowdedFile) Write(p []byte) (int, error) {
	switch *f.of.mood.Load() {
	case "errors":
		return 0, errInjected
	case "says that it wrote":
		return len(p), nil
	case "says that it wrote half":
		return len(p) / 2, nil
	case "writes too much":
		return f.file.Write(make([]byte, len(p)+1))
	case "panics":
		panic("canary")
	}
	return f.file.Write(p)
}

func (f *crowdedFile) Sync() error {
	switch *f.of.mood.Load() {
	case "hangs":
		<-f.of.hang
	case "is slow":
		time.Sleep(time.Millisecond)
	}
	return f.file.Sync()
}

// A thousand callers before a disk that misbehaves: each gets an answer by its deadline, nothing is acknowledged that is
// not there, and nobody is left behind (the package's tests end with a look at all goroutines).
func TestAThousandCallersBeforeABadDisk(t *testing.T) {
	const callers = 1000
	for mood, c := range map[string]struct {
		acknowledges bool
		errs         []error
	}{
		"good":                    {true, nil},
		"is slow":                 {true, nil},
		"errors":                  {false, []error{audit.ErrPoisoned}},
		"panics":                  {false, []error{audit.ErrPoisoned}},
		"says that it wrote":      {false, []error{audit.ErrPoisoned}},
		"says that it wrote half": {false, []error{audit.ErrPoisoned}},
		"writes too much":         {false, []error{audit.ErrPoisoned}},
		"hangs":                   {false, []error{audit.ErrFull, audit.ErrUnknown, context.DeadlineExceeded}},
	} {
		t.Run(mood, func(t *testing.T) {
			bad := &crowded{hang: make(chan struct{})}
			bad.be("good")
			dir := newDir(t)
			trail := open(t, dir, Options{Clock: frozen, QueueEvents: 64, disk: func(d disk) disk { bad.disk = d; return bad }})
			bad.be(mood)
			patience := time.Minute
			if mood == "hangs" {
				patience = 20 * time.Millisecond
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			var acknowledged atomic.Int64
			var wg sync.WaitGroup
			for i := range callers {
				wg.Go(func() {
					err := trail.Append(ctx, []audit.Event{small(i)})
					if err == nil {
						acknowledged.Add(1)
						return
					}
					known := false
					for _, want := range c.errs {
						known = known || errors.Is(err, want)
					}
					assert.True(t, known, "%v", err)
					assert.NotContains(t, err.Error(), "canary")
				})
			}
			if mood == "hangs" {
				require.Eventually(t, func() bool {
					h := trail.Health()
					assert.LessOrEqual(t, h.Queued, callers, "the queue holds what callers brought, and no more")
					return h.Waiting > 0 || ctx.Err() != nil
				}, 10*time.Second, 100*time.Microsecond)
			}
			wg.Wait()
			if mood == "hangs" {
				h := trail.Health()
				assert.Zero(t, h.Queued, "who gave up is forgotten")
				close(bad.hang)
			}
			assert.Equal(t, c.acknowledges, acknowledged.Load() == callers)
			if !c.acknowledges {
				assert.Zero(t, acknowledged.Load())
			}
			err := trail.Close()
			assert.Equal(t, errors.Is(err, audit.ErrPoisoned), len(c.errs) == 1, "%v", err)
			if c.acknowledges {
				assert.EqualValues(t, 1+callers, verified(t, dir).Count)
			}
		})
	}
}

func TestHealthTellsHowTheTrailDoes(t *testing.T) {
	f := &faulty{kind: "none"}
	opts := f.options()
	opts.QueueEvents = 3
	trail := open(t, newDir(t), opts)
	h := trail.Health()
	assert.True(t, h.OK())
	assert.EqualValues(t, 1, h.Head.Seq)
	assert.Equal(t, segmentName(1), h.Segment)
	assert.Positive(t, h.SegmentSize)
	if h.Reserve > 0 { // where the file system sets space aside
		assert.GreaterOrEqual(t, h.Reserve, int64(256<<10))
		assert.Positive(t, h.Free)
	}

	release := f.stall(t)
	var wg sync.WaitGroup
	wg.Go(func() { assert.NoError(t, trail.Append(context.Background(), samples(0, 1))) })
	<-f.hung
	for i := range 4 {
		wg.Go(func() { assert.NoError(t, trail.Append(context.Background(), samples(i, 1))) })
	}
	waitFor(t, trail, 4)
	h = trail.Health()
	assert.Equal(t, 4, h.Queued)
	assert.Positive(t, h.Bytes)
	assert.Equal(t, 1, h.Waiting)
	assert.False(t, h.OK())
	release()
	wg.Wait()
	assert.True(t, trail.Health().OK())

	f.set("sync", 1)
	assert.Error(t, trail.Append(t.Context(), samples(9, 1)))
	h = trail.Health()
	assert.ErrorIs(t, h.Err, audit.ErrPoisoned)
	assert.False(t, h.OK())

	other := open(t, newDir(t), Options{})
	require.NoError(t, other.Close())
	assert.ErrorIs(t, other.Health().Err, audit.ErrClosed)
}
