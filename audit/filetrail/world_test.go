package filetrail

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/purposebound/purposebound/audit"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		child(dir)
	}
	goleak.VerifyTestMain(m)
}

var noon = time.Date(2026, 3, 26, 12, 0, 0, 0, time.UTC)

func frozen() time.Time { return noon }

// sample is a permitted read of an everyday size; n can be read back.
func sample(n int) audit.Event {
	return audit.Event{
		Name: audit.AccessRead, Outcome: audit.Permitted, Mode: audit.Enforce, Action: "read", Reason: "basis.held",
		PrincipalRef: audit.Principal.Alias([16]byte{1}), PrincipalRoles: []string{"billing"},
		DataSubjectRefs: []string{audit.DataSubject.Alias([16]byte{2})},
		Fields:          []string{"Name", "Address.City", "IBAN"},
		Categories:      []string{"contact.name", "contact.address", "finance.iban"},
		Purpose:         "fx.contract_service", Basis: "gdpr:6-1-b", Activity: "fx.service", NoticeVersion: "2024-03-26",
		Clause: "FX-2.3.1", RetentionRule: "fx.ret.customer", DecisionID: decisionID(n), PolicyEngine: "cel",
		PolicyDigest: "sha256:" + strings.Repeat("ab", 32), RegisterDigest: "sha256:" + strings.Repeat("0f", 32),
	}
}

// small is an event with a short line.
func small(n int) audit.Event {
	return audit.Event{
		Name: audit.AccessDenied, Outcome: audit.Denied, Mode: audit.Enforce, Reason: "role.unknown",
		PrincipalRoles: []string{"billing"}, DecisionID: decisionID(n),
	}
}

func decisionID(n int) string { return fmt.Sprintf("%032x", n) }

func samples(from, n int) []audit.Event {
	out := make([]audit.Event, n)
	for i := range out {
		out[i] = sample(from + i)
	}
	return out
}

func newDir(t testing.TB) string { return filepath.Join(t.TempDir(), "trail") }

func open(t testing.TB, dir string, opts Options) *Trail {
	t.Helper()
	trail, err := Open(dir, opts)
	require.NoError(t, err)
	t.Cleanup(func() { _ = trail.Close() })
	return trail
}

// written makes a closed trail with the lines of n samples behind trail.opened, and returns its directory.
func written(t testing.TB, n int, opts Options) string { return writtenWith(t, n, opts, sample) }

func writtenWith(t testing.TB, n int, opts Options, event func(int) audit.Event) string {
	dir := newDir(t)
	trail := open(t, dir, opts)
	for i := range n {
		require.NoError(t, trail.Append(t.Context(), []audit.Event{event(i)}))
	}
	require.NoError(t, trail.Close())
	return dir
}

// snapshot holds the files of a directory by name.
type snapshot map[string][]byte

func snap(t testing.TB, dir string) snapshot {
	s := snapshot{}
	names, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, n := range names {
		s[n.Name()], err = os.ReadFile(filepath.Join(dir, n.Name()))
		require.NoError(t, err)
	}
	return s
}

func (s snapshot) write(t testing.TB) string {
	dir := newDir(t)
	require.NoError(t, os.Mkdir(dir, 0o700))
	for name, b := range s {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
	return dir
}

func (s snapshot) clone() snapshot {
	c := snapshot{}
	for name, b := range s {
		c[name] = bytes.Clone(b)
	}
	return c
}

// names returns the files with this ending, in order.
func (s snapshot) names(suffix string) (out []string) {
	for _, n := range slices.Sorted(maps.Keys(s)) {
		if strings.HasSuffix(n, suffix) {
			out = append(out, n)
		}
	}
	return out
}

func events(t testing.TB, trail *Trail) (out []audit.Event) {
	for e, err := range trail.Read(t.Context(), 0) {
		require.NoError(t, err)
		out = append(out, e)
	}
	return out
}

func verified(t testing.TB, dir string) audit.Report {
	rep, err := Verify(dir)
	require.NoError(t, err)
	return rep
}

// quick is for tests that open a great many trails and ask for no durability.
func quick(o Options) Options {
	o.disk = func(d disk) disk { return unsynced{d} }
	return o
}

type unsynced struct{ disk }

func (u unsynced) Sync() error { return nil }

func (u unsynced) OpenFile(name string, flag int) (file, error) {
	f, err := u.disk.OpenFile(name, flag)
	if err != nil {
		return nil, err
	}
	return unsyncedFile{f}, nil
}

type unsyncedFile struct{ file }

func (unsyncedFile) Sync() error { return nil }

// faulty fails the operation number failAt, counting from 1, with err; those after it work again. Writes that fail have
// written half.
type faulty struct {
	disk
	kind   string // write, sync, open, dirsync, stat, lstat, truncate, allocate, remove; empty for all
	failAt int
	err    error

	mu    sync.Mutex
	trace []string // all operations
	count int
	done  bool
	hang  chan struct{} // if not nil, sync waits for it
	hung  chan struct{} // gets one per sync that waits
}

var errInjected = errors.New("injected")

func (f *faulty) options() Options {
	return Options{Clock: frozen, Stream: "a", disk: func(d disk) disk { f.disk = d; return f }}
}

func (f *faulty) op(kind string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.trace = append(f.trace, kind)
	if f.kind != "" && f.kind != kind {
		return nil
	}
	if f.count++; f.count == f.failAt {
		f.done = true
		if f.err != nil {
			return f.err
		}
		return errInjected
	}
	return nil
}

// set changes the fault while the trail is at rest.
func (f *faulty) set(kind string, failAt int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.kind, f.failAt, f.count, f.done, f.trace = kind, failAt, 0, false, nil
}

// stall makes every sync of a file hang until release. Each says so in hung first.
func (f *faulty) stall(t testing.TB) (release func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	hang := make(chan struct{})
	f.hang, f.hung = hang, make(chan struct{}, 9)
	release = sync.OnceFunc(func() { close(hang) })
	t.Cleanup(release)
	return release
}

func (f *faulty) fired() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.done
}

func (f *faulty) OpenFile(name string, flag int) (file, error) {
	if err := f.op("open"); err != nil {
		return nil, err
	}
	inner, err := f.disk.OpenFile(name, flag)
	if err != nil {
		return nil, err
	}
	return &faultyFile{inner, f}, nil
}

func (f *faulty) Stat(name string) (fs.FileInfo, error) {
	if err := f.op("lstat"); err != nil {
		return nil, err
	}
	return f.disk.Stat(name)
}

func (f *faulty) Remove(name string) error {
	if err := f.op("remove"); err != nil {
		return err
	}
	return f.disk.Remove(name)
}

func (f *faulty) Sync() error {
	if err := f.op("dirsync"); err != nil {
		return err
	}
	return f.disk.Sync()
}

type faultyFile struct {
	file
	of *faulty
}

func (f *faultyFile) Write(p []byte) (int, error) {
	if err := f.of.op("write"); err != nil {
		n, _ := f.file.Write(p[:len(p)/2])
		return n, err
	}
	return f.file.Write(p)
}

func (f *faultyFile) Sync() error {
	f.of.mu.Lock()
	hang, hung := f.of.hang, f.of.hung
	f.of.mu.Unlock()
	if hang != nil {
		hung <- struct{}{}
		<-hang
	}
	if err := f.of.op("sync"); err != nil {
		return err
	}
	return f.file.Sync()
}

func (f *faultyFile) Stat() (fs.FileInfo, error) {
	if err := f.of.op("stat"); err != nil {
		return nil, err
	}
	return f.file.Stat()
}

func (f *faultyFile) Allocate(from, to int64) error {
	if err := f.of.op("allocate"); err != nil {
		return err
	}
	return f.file.Allocate(from, to)
}

func (f *faultyFile) Truncate(size int64) error {
	if err := f.of.op("truncate"); err != nil {
		return err
	}
	return f.file.Truncate(size)
}

func writeOver(t testing.TB, dir, name string, b []byte) {
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
}
