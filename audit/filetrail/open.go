package filetrail

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/purposebound/purposebound/audit"
)

var (
	// ErrLocked means that another writer has the directory.
	ErrLocked = errors.New("filetrail: another writer has this directory")
	// ErrDamaged means that the files are not what a writer left, not even one that was killed. [Verify] says more.
	ErrDamaged = errors.New("filetrail: damaged trail")
)

// Options of a trail. The zero value is good.
type Options struct {
	// Stream names the writer: lower-case words joined by dots, dashes and underscores, 64 bytes at most. Empty keeps the
	// name that the directory has, or makes a unique one. It cannot be changed later.
	Stream string
	// Clock gives events their time; nil means time.Now.
	Clock func() time.Time
	// SegmentSize in bytes begins a new file before it is exceeded, unless one batch alone exceeds it; 0 means 64 MiB.
	SegmentSize int64
	// QueueEvents and QueueBytes bound what may wait for the disk, and so the largest batch; 0 means 4096 events, 8 MiB.
	QueueEvents, QueueBytes int
	// Reserve in bytes is kept free in the open file, so that denials, and that the trail halted, go on record when the
	// disk is full and nothing is released any more; 0 means 256 KiB. It takes a file system that sets space aside
	// (fallocate on Linux); on others a full disk poisons the trail.
	Reserve int64
	// KeepMonths is how long [Trail.Prune] leaves events alone; 0 means 12.
	KeepMonths int

	disk func(disk) disk // tests put faults here
}

func (o *Options) complete() error {
	if o.SegmentSize < 0 || o.QueueEvents < 0 || o.QueueBytes < 0 || o.Reserve < 0 || o.KeepMonths < 0 {
		return errors.New("filetrail: negative number in Options")
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.SegmentSize == 0 {
		o.SegmentSize = 64 << 20
	}
	if o.QueueEvents == 0 {
		o.QueueEvents = 4096
	}
	if o.QueueBytes == 0 {
		o.QueueBytes = 8 << 20
	}
	if o.Reserve == 0 {
		o.Reserve = 256 << 10
	}
	if o.KeepMonths == 0 {
		o.KeepMonths = 12
	}
	return nil
}

// Open opens the trail in dir for writing, and makes dir, but not its parent, if there is none. It verifies the last
// file and how the files join, moves a torn last line aside, and appends trail.recovered, if so, and trail.opened.
func Open(dir string, opts Options) (*Trail, error) {
	if err := opts.complete(); err != nil {
		return nil, err
	}
	d, err := openDisk(dir)
	if err != nil {
		return nil, err
	}
	if opts.disk != nil {
		d = opts.disk(d)
	}
	t := &Trail{
		disk: d, maxEvents: opts.QueueEvents, maxBytes: opts.QueueBytes,
		writer: writer{disk: d, limit: opts.SegmentSize, reserve: opts.Reserve}, stopped: make(chan struct{}),
		keep: opts.KeepMonths, clock: opts.Clock,
	}
	t.filled = sync.NewCond(&t.mu)
	t.requests.New = func() any { return &request{done: make(chan error, 1)} }
	if err := guard(func() error { return t.open(opts) }); err != nil {
		return nil, errors.Join(err, t.release())
	}
	go t.run()
	return t, nil
}

func (t *Trail) open(opts Options) error {
	var err error
	if t.locked, err = t.disk.Lock(); err != nil {
		return err
	}
	found, err := recoverTrail(t.disk)
	if err != nil {
		return err
	}
	if err := t.name(&found.head, opts); err != nil {
		return err
	}
	t.writer.chain = audit.NewChain(found.head, opts.Clock)
	if found.segment == "" {
		err = t.writer.create(found.head.Seq + 1)
	} else {
		err = t.writer.reopen(found.segment, found.size)
	}
	if err != nil {
		return err
	}

	events := []audit.Event{{Name: audit.TrailOpened}}
	if found.torn > 0 {
		events = []audit.Event{{Name: audit.TrailRecovered, N: uint64(found.torn)}, {Name: audit.TrailOpened}}
	}
	r, err := newRequest(events)
	if err != nil {
		return err
	}
	if err := t.writer.room(r.bytes, releases); err != nil {
		if noSpace(err) {
			err = fmt.Errorf("%w: the disk: %w", audit.ErrFull, err)
		}
		return err
	}
	if err := t.writer.commit([]*request{r}); err != nil {
		return err
	}
	t.head, t.first, t.state = t.writer.chain.Head(), found.pruned+1, t.writer.health()
	return nil
}

// name settles the name of the stream.
func (t *Trail) name(head *audit.Head, opts Options) error {
	switch {
	case head.Stream != "" && opts.Stream != "" && head.Stream != opts.Stream:
		return errors.New("filetrail: the directory holds another stream")
	case head.Stream != "":
	case opts.Stream != "":
		head.Stream = opts.Stream
	default:
		id, err := audit.NewIDs(opts.Clock).Next()
		if err != nil {
			return err
		}
		head.Stream = "w-" + strings.ToLower(id)
	}
	return nil
}
