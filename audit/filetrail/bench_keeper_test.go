package filetrail_test

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/checkpoint"
	"github.com/purposebound/purposebound/audit/filetrail"
)

// bare is a writer that shares fsyncs as a trail does and does nothing else: no event, no chain, no tree.
type bare struct {
	mu    sync.Mutex
	ready *sync.Cond
	queue []waiting
	done  bool
}

type waiting struct {
	line []byte
	err  chan error
}

func (b *bare) run(f *os.File) {
	var buf []byte
	for {
		b.mu.Lock()
		for len(b.queue) == 0 && !b.done {
			b.ready.Wait()
		}
		batch := b.queue
		b.queue = nil
		b.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		buf = buf[:0]
		for _, w := range batch {
			buf = append(buf, w.line...)
		}
		_, err := f.Write(buf)
		if err == nil {
			err = f.Sync()
		}
		for _, w := range batch {
			w.err <- err
		}
	}
}

func (b *bare) append(line []byte) error {
	w := waiting{append([]byte(nil), line...), make(chan error, 1)}
	b.mu.Lock()
	b.queue = append(b.queue, w)
	b.ready.Signal()
	b.mu.Unlock()
	return <-w.err
}

// read is an event of an everyday size, of about 1 KiB as a line.
func read() audit.Event {
	return audit.Event{
		Name: audit.AccessRead, Outcome: audit.Permitted, Mode: audit.Enforce, Action: "read", Reason: "basis.held",
		PrincipalRef: audit.Principal.Alias([16]byte{1}), PrincipalRoles: []string{"billing"},
		DataSubjectRefs: []string{audit.DataSubject.Alias([16]byte{2})},
		Fields:          []string{"Name", "Address.City", "IBAN"},
		Categories:      []string{"contact.name", "contact.address", "finance.iban"},
		Purpose:         "fx.contract_service", Basis: "gdpr:6-1-b", Activity: "fx.service", NoticeVersion: "2024-03-26",
		Clause: "FX-2.3.1", RetentionRule: "fx.ret.customer", DecisionID: strings.Repeat("0f", 16), PolicyEngine: "cel",
		PolicyDigest: "sha256:" + strings.Repeat("ab", 32), RegisterDigest: "sha256:" + strings.Repeat("0f", 32),
	}
}

const callers = 256

// writers are ways to record one event, each on the same disk, made as they are asked for.
func writers(b *testing.B) map[string]func(*testing.B) func() error {
	event := read()
	d, err := audit.NewDraft(&event)
	require.NoError(b, err)
	line, err := audit.NewChain(audit.Head{Stream: "w-01jq8z6m3t0000000000000000"}, nil).AppendLine(nil, &d)
	require.NoError(b, err)
	line = append(line, '\n')
	peer := func(b *testing.B) *os.File {
		f, err := os.OpenFile(filepath.Join(b.TempDir(), "peer"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		require.NoError(b, err)
		b.Cleanup(func() { require.NoError(b, f.Close()) })
		return f
	}
	return map[string]func(*testing.B) func() error{
		"fsyncEach": func(b *testing.B) func() error {
			f := peer(b)
			var mu sync.Mutex
			return func() error {
				mu.Lock()
				defer mu.Unlock()
				if _, err := f.Write(line); err != nil {
					return err
				}
				return f.Sync()
			}
		},
		"bare": func(b *testing.B) func() error {
			w := &bare{}
			w.ready = sync.NewCond(&w.mu)
			f := peer(b)
			var wg sync.WaitGroup
			wg.Go(func() { w.run(f) })
			b.Cleanup(func() {
				w.mu.Lock()
				w.done = true
				w.ready.Signal()
				w.mu.Unlock()
				wg.Wait()
			})
			return func() error { return w.append(line) }
		},
		"trail": func(b *testing.B) func() error {
			trail, err := filetrail.Open(filepath.Join(b.TempDir(), "trail"), filetrail.Options{})
			require.NoError(b, err)
			b.Cleanup(func() { require.NoError(b, trail.Close()) })
			return func() error { return trail.Append(context.Background(), []audit.Event{event}) }
		},
		"kept": func(b *testing.B) func() error {
			keeper := keep(b)
			trail := keeper.Trail()
			return func() error { return trail.Append(context.Background(), []audit.Event{event}) }
		},
	}
}

// keep opens a trail with a keeper that follows it, signs and anchors.
func keep(b *testing.B) *checkpoint.Keeper {
	trail, err := filetrail.Open(filepath.Join(b.TempDir(), "trail"), filetrail.Options{})
	require.NoError(b, err)
	private, public, err := note.GenerateKey(rand.Reader, "acme.example/audit")
	require.NoError(b, err)
	signer, err := note.NewSigner(private)
	require.NoError(b, err)
	verifier, err := note.NewVerifier(public)
	require.NoError(b, err)
	anchor, err := checkpoint.NewFileAnchor(filepath.Join(b.TempDir(), "anchor"))
	require.NoError(b, err)
	store, err := checkpoint.OpenFileStore(filepath.Join(b.TempDir(), "hashes"))
	require.NoError(b, err)
	keeper, err := checkpoint.New(b.Context(), trail, checkpoint.Options{
		Operator: "acme.example/audit", Signers: []note.Signer{signer}, Verifiers: note.VerifierList(verifier),
		Anchors: map[string]checkpoint.Anchor{"file": anchor}, Store: store, Poll: 50 * time.Millisecond,
	})
	require.NoError(b, err)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { require.NoError(b, keeper.Run(ctx)) })
	b.Cleanup(func() {
		cancel()
		wg.Wait()
		require.NoError(b, keeper.Tick(context.Background()))
		require.True(b, keeper.Health().OK())
		require.NoError(b, trail.Close())
		require.NoError(b, store.Close())
	})
	return keeper
}

// BenchmarkThroughput sets side by side, on the same disk and in the same run, with 256 callers: an fsync for each event,
// a writer that shares fsyncs and does nothing else, the trail, and the trail with a keeper that follows it, signs and
// anchors. The figures are events/s.
func BenchmarkThroughput(b *testing.B) {
	open := writers(b)
	for _, name := range []string{"fsyncEach", "bare", "trail", "kept"} {
		b.Run(name, func(b *testing.B) {
			share(b, callers, open[name](b))
		})
	}
}

// BenchmarkAgainstBare takes turns, 10,000 events each, so that all have the same share of a machine that has other work.
// trail/bare and kept/bare are the medians of the turns' ratios.
func BenchmarkAgainstBare(b *testing.B) {
	open := writers(b)
	names := []string{"bare", "trail", "kept"}
	ways, took := map[string]func() error{}, map[string][]float64{}
	for _, name := range names {
		ways[name] = open[name](b)
	}
	for b.Loop() {
		for _, name := range names {
			const n = 10_000
			began := time.Now()
			crowd(b, n, callers, ways[name])
			took[name] = append(took[name], time.Since(began).Seconds()/n)
		}
	}
	median := func(of func(i int) float64) float64 {
		list := []float64{}
		for i := range took["bare"] {
			list = append(list, of(i))
		}
		slices.Sort(list)
		return list[len(list)/2]
	}
	for _, name := range names {
		b.ReportMetric(median(func(i int) float64 { return 1 / took[name][i] }), name+"-events/s")
		if name != "bare" {
			b.ReportMetric(median(func(i int) float64 { return took["bare"][i] / took[name][i] }), name+"/bare")
		}
	}
	b.ReportMetric(0, "ns/op")
}

// share runs f b.N times from as many goroutines as there are callers.
func share(b *testing.B, callers int, f func() error) {
	b.ResetTimer()
	crowd(b, b.N, callers, f)
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

func crowd(b *testing.B, n, callers int, f func() error) {
	var left atomic.Int64
	left.Store(int64(n))
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if err := f(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}
