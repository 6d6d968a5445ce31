package filetrail

import (
	"errors"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
)

// tiny is a disk with so many bytes, to the byte. What does not fit is written as far as it goes.
type tiny struct {
	disk
	room  int64 // bytes left
	taken map[string]int64
	blind bool // sets nothing aside
}

func (d *tiny) options(reserve int64) Options {
	return Options{Clock: frozen, Stream: "a", Reserve: reserve, disk: func(inner disk) disk {
		d.disk, d.taken = unsynced{inner}, map[string]int64{}
		return d
	}}
}

// take sets aside what a file needs up to end, or as much as there is.
func (d *tiny) take(name string, end int64, part bool) (int64, error) {
	need := end - d.taken[name]
	switch {
	case need <= 0:
		return end, nil
	case need <= d.room:
	case part:
		end -= need - d.room
		need = d.room
		d.room, d.taken[name] = 0, end
		return end, syscall.ENOSPC
	default:
		return 0, syscall.ENOSPC
	}
	d.room -= need
	d.taken[name] = end
	return end, nil
}

func (d *tiny) OpenFile(name string, flag int) (file, error) {
	f, err := d.disk.OpenFile(name, flag)
	if err != nil {
		return nil, err
	}
	return &tinyFile{f, d, name}, nil
}

func (d *tiny) Remove(name string) error {
	d.room += d.taken[name]
	delete(d.taken, name)
	return d.disk.Remove(name)
}

type tinyFile struct {
	file
	of   *tiny
	name string
}

func (f *tinyFile) Allocate(_, to int64) error {
	if f.of.blind {
		return errors.ErrUnsupported
	}
	_, err := f.of.take(f.name, to, false)
	return err
}

func (f *tinyFile) Write(p []byte) (int, error) {
	info, err := f.file.Stat()
	if err != nil {
		return 0, err
	}
	end, full := f.of.take(f.name, info.Size()+int64(len(p)), true)
	n, err := f.file.Write(p[:end-info.Size()])
	return n, errors.Join(err, full)
}

func (f *tinyFile) Truncate(size int64) error {
	f.of.room += f.of.taken[f.name] - size
	f.of.taken[f.name] = size
	return f.file.Truncate(size)
}

// story of a disk that fills up: what an open trail acknowledged, and how it took what did not fit.
type story struct {
	opened, refused  bool
	reads, denials   int
	poisoned, resume bool
}

// fill appends reads until one is refused, then denials, then frees the disk and appends once more.
func fill(t *testing.T, dir string, opts Options, free func()) (s story) {
	t.Helper()
	trail, err := Open(dir, opts)
	if err != nil {
		require.ErrorIs(t, err, audit.ErrFull)
		require.ErrorIs(t, err, syscall.ENOSPC)
		return s
	}
	s.opened = true
	for range 300 {
		if err = trail.Append(t.Context(), samples(s.reads, 1)); err != nil {
			break
		}
		s.reads++
	}
	if s.refused = err != nil; s.refused {
		require.ErrorIs(t, err, syscall.ENOSPC)
		s.poisoned = errors.Is(err, audit.ErrPoisoned)
		require.True(t, s.poisoned || errors.Is(err, audit.ErrFull))
		require.False(t, trail.Health().OK())
		require.Equal(t, !s.poisoned, trail.Health().Full)
	}
	for range 3 {
		if trail.Append(t.Context(), []audit.Event{small(s.denials)}) == nil {
			s.denials++
		}
	}
	free()
	if trail.Append(t.Context(), samples(s.reads, 1)) == nil {
		s.reads++
		s.resume = true
		require.True(t, trail.Health().OK())
	}
	require.Equal(t, s.poisoned, trail.Close() != nil)
	return s
}

// told reads back what a trail says: reads, denials, halts.
func told(t *testing.T, dir string) (reads, denials, halts int) {
	t.Helper()
	trail, err := Open(dir, quick(Options{Clock: frozen}))
	require.NoError(t, err)
	for _, e := range events(t, trail) {
		switch e.Name {
		case audit.AccessRead:
			require.Equal(t, decisionID(reads), e.DecisionID)
			reads++
		case audit.AccessDenied:
			denials++
		case audit.TrailHalted:
			require.Equal(t, "trail.disk-full", e.Reason)
			halts++
		}
	}
	require.NoError(t, trail.Close())
	require.Equal(t, audit.Consistent, verified(t, dir).Verdict)
	return reads, denials, halts
}

// A disk that is full at any byte: what was acknowledged is there and nothing else, denials and the halt go on record
// from the reserve, and the trail goes on by itself once there is space.
func TestADiskThatIsFullAtAnyByte(t *testing.T) {
	const reserve = 4000
	step := 83
	if testing.Short() {
		step = 211
	}
	if os.Getenv("PURPOSEBOUND_NIGHTLY") != "" {
		step = 1
	}
	opened, unopened := 0, 0
	for room := 0; room < 12_000; room += step {
		dir := newDir(t)
		d := &tiny{room: int64(room)}
		opts := d.options(reserve)
		opts.SegmentSize = 3000
		s := fill(t, dir, opts, func() { d.room += 1 << 20 })
		if !s.opened {
			unopened++
			continue
		}
		opened++
		require.True(t, s.refused && !s.poisoned && s.resume, "%d bytes: %+v", room, s)
		require.Equal(t, 3, s.denials, "%d bytes", room)
		reads, denials, halts := told(t, dir)
		require.Equal(t, []int{s.reads, s.denials, 1}, []int{reads, denials, halts}, "%d bytes", room)
	}
	assert.Positive(t, opened)
	assert.Positive(t, unopened)
}

// The control: without space set aside the same disks poison the trail, and nothing goes on record any more.
func TestWithoutAReserveAFullDiskLeavesNoRecord(t *testing.T) {
	torn := 0
	for room := 2000; room < 12_000; room += 503 {
		dir := newDir(t)
		d := &tiny{room: int64(room), blind: true}
		s := fill(t, dir, d.options(0), func() { d.room += 1 << 20 })
		require.True(t, s.opened && s.refused && s.poisoned && !s.resume, "%+v", s)
		require.Zero(t, s.denials)
		if verified(t, dir).Verdict == audit.Torn {
			torn++
		}
		reads, denials, halts := told(t, dir)
		require.Equal(t, []int{s.reads, 0, 0}, []int{reads, denials, halts})
	}
	assert.Positive(t, torn)
}

// Each time that the disk fills up is told of once, however many are refused meanwhile.
func TestEachHaltIsToldOfOnce(t *testing.T) {
	dir := newDir(t)
	d := &tiny{room: 5000}
	opts := d.options(4000)
	opts.SegmentSize = 3000
	trail := open(t, dir, opts)
	for range 3 {
		reads := 0
		for trail.Append(t.Context(), samples(reads, 1)) == nil {
			reads++
		}
		for range 5 {
			require.ErrorIs(t, trail.Append(t.Context(), samples(9, 1)), audit.ErrFull)
			require.NoError(t, trail.Append(t.Context(), []audit.Event{small(1)}))
		}
		d.room += 20_000
	}
	halts := 0
	for _, e := range events(t, trail) {
		if e.Name == audit.TrailHalted {
			halts++
		}
	}
	assert.Equal(t, 3, halts)
}

// A flood of denials cannot use up what is left for saying that the trail halted, or for making room.
func TestDenialsLeaveTheLastOfTheReserve(t *testing.T) {
	dir := newDir(t)
	d := &tiny{room: 9000}
	opts := d.options(8000)
	opts.KeepMonths = 1
	trail := open(t, dir, opts)
	denials := 0
	var err error
	for err == nil {
		if err = trail.Append(t.Context(), []audit.Event{small(denials)}); err == nil {
			denials++
		}
	}
	assert.ErrorIs(t, err, audit.ErrFull)
	assert.Greater(t, denials, 10)
	h := trail.Health()
	assert.True(t, h.Full)
	assert.Less(t, h.Reserve, int64(2500))
	assert.NoError(t, trail.Append(t.Context(), []audit.Event{{Name: audit.TrailPruned, N: 1}}), "what makes room has room")
	assert.ErrorIs(t, trail.Append(t.Context(), []audit.Event{{Name: audit.TrailPruned, N: 1}, small(1)}), audit.ErrFull)
	require.NoError(t, trail.Close())
	_, got, halts := told(t, dir)
	assert.Equal(t, denials, got)
	assert.Equal(t, 1, halts)
}

// Of a batch, what fits goes in: the small and the denials are not refused because of the large.
func TestAFullDiskRefusesOnlyWhatDoesNotFit(t *testing.T) {
	f := &faulty{kind: "none"}
	d := &tiny{room: 1 << 20}
	opts := d.options(4000)
	inner := opts.disk
	opts.disk = func(x disk) disk { f.disk = inner(x); return f }
	dir := newDir(t)
	trail := open(t, dir, opts)
	release := f.stall(t)
	results := map[string]chan error{}
	appends := func(name string, events []audit.Event) {
		c := make(chan error, 1)
		results[name] = c
		go func() { c <- trail.Append(t.Context(), events) }()
	}
	appends("first", samples(0, 1))
	<-f.hung
	d.room = 0
	appends("release", samples(1, 900))
	waitFor(t, trail, 1)
	appends("denial", []audit.Event{small(1)})
	waitFor(t, trail, 2)
	release()
	assert.NoError(t, <-results["first"])
	assert.ErrorIs(t, <-results["release"], audit.ErrFull)
	assert.NoError(t, <-results["denial"])
}
