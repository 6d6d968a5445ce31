package audit_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/internal/beside"
)

// stream makes n lines of one stream.
func stream(t testing.TB, name string, n int) [][]byte {
	chain := audit.NewChain(audit.Head{Stream: name}, frozen)
	lines := make([][]byte, n)
	for i := range lines {
		e := read()
		d, err := audit.NewDraft(&e)
		require.NoError(t, err)
		lines[i], err = chain.AppendLine(nil, &d)
		require.NoError(t, err)
	}
	return lines
}

func file(lines [][]byte) []byte {
	var b []byte
	for _, l := range lines {
		b = append(append(b, l...), '\n')
	}
	return b
}

func verify(t testing.TB, b []byte) audit.Report {
	rep, err := audit.Verify(iotest.OneByteReader(bytes.NewReader(b)))
	require.NoError(t, err)
	return rep
}

func TestChainLinksLines(t *testing.T) {
	lines := stream(t, "a", 3)
	var prev audit.Hash
	for i, l := range lines {
		e, err := audit.ParseLine(l)
		require.NoError(t, err)
		assert.EqualValues(t, i+1, e.Seq)
		assert.Equal(t, "a", e.Stream)
		assert.Equal(t, prev, e.Prev)
		assert.True(t, noon.Equal(e.Time))
		prev = sha256.Sum256(append([]byte{0}, l...)) // RFC 6962, section 2.1
	}
	rep := verify(t, file(lines))
	assert.Equal(t, audit.Report{
		Verdict: audit.Consistent, Count: 3, Head: audit.Head{Stream: "a", Seq: 3, Hash: prev}, Root: rootOf(lines),
		Offset: int64(len(file(lines))),
	}, rep)
}

func TestChainRefusesAndStaysWhereItIs(t *testing.T) {
	now := noon
	chain := audit.NewChain(audit.Head{Stream: "a", Seq: 5, Hash: audit.Hash{1}}, func() time.Time { return now })
	e := read()
	d, err := audit.NewDraft(&e)
	require.NoError(t, err)

	now = time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC)
	out, err := chain.AppendLine([]byte("kept"), &d)
	assert.Error(t, err)
	assert.Equal(t, "kept", string(out))
	assert.EqualValues(t, 5, chain.Head().Seq)

	now = noon
	line, err := chain.AppendLine(nil, &d)
	require.NoError(t, err)
	back, err := audit.ParseLine(line)
	require.NoError(t, err)
	assert.EqualValues(t, 6, back.Seq)
	assert.Equal(t, audit.Hash{1}, back.Prev)
	assert.LessOrEqual(t, len(line)+1, d.Size())
}

func TestDraftRefusesALedgerPart(t *testing.T) {
	for _, change := range []func(*audit.Event){
		func(e *audit.Event) { e.V = 1 },
		func(e *audit.Event) { e.Stream = "a" },
		func(e *audit.Event) { e.Seq = 1 },
		func(e *audit.Event) { e.Prev = audit.Hash{1} },
		func(e *audit.Event) { e.Time = noon },
		func(e *audit.Event) { e.ID = "canary" },
	} {
		e := read()
		change(&e)
		assert.ErrorIs(t, e.Validate(), audit.ErrInvalid)
		_, err := audit.NewDrafts([]audit.Event{read(), e})
		assert.ErrorIs(t, err, audit.ErrInvalid)
	}
	e := read()
	e.ID = "01JQ8Z6M3T0000000000000000"
	assert.NoError(t, e.Validate())
}

// The longest ledger part still leaves room for the longest body that a draft accepts.
func TestADraftFitsAtEveryPlace(t *testing.T) {
	e := read()
	e.Fields = nil
	for ; e.Validate() == nil || e.Fields == nil; e.Fields = append(e.Fields, strings.Repeat("A", 100)) {
	}
	last := &e.Fields[len(e.Fields)-1]
	for e.Validate() != nil {
		require.NotEmpty(t, *last)
		*last = (*last)[1:]
	}
	d, err := audit.NewDraft(&e)
	require.NoError(t, err)
	chain := audit.NewChain(audit.Head{Stream: strings.Repeat("a", 64), Seq: 1<<64 - 2}, frozen)
	line, err := chain.AppendLine(nil, &d)
	require.NoError(t, err)
	_, err = audit.ParseLine(line)
	assert.NoError(t, err)
	assert.Equal(t, audit.MaxLine-1, len(line), "nor does it leave any unused")
	assert.Equal(t, audit.MaxLine, d.Size())
	_, err = chain.AppendLine(nil, &d)
	assert.Error(t, err, "the numbers are used up")
}

func TestEachDamageHasItsVerdict(t *testing.T) {
	l := stream(t, "a", 6)
	other := stream(t, "a", 6) // same stream, other ids: the lines of a second writer
	foreign := stream(t, "b", 6)
	swap := func(i int, old, new string) [][]byte {
		c := slices.Clone(l)
		c[i] = bytes.Replace(c[i], []byte(old), []byte(new), 1)
		require.NotEqual(t, l[i], c[i])
		return c
	}
	join := func(parts ...[][]byte) [][]byte { return slices.Concat(parts...) }
	for _, c := range []struct {
		name    string
		file    []byte
		verdict audit.Verdict
		bad     uint64
		count   uint64
	}{
		{"nothing wrong", file(l), audit.Consistent, 0, 6},
		{"nothing there", nil, audit.Consistent, 0, 0},
		{"edited", file(swap(2, "billing", "selling")), audit.Edited, 3, 3},
		{"edited so that it does not parse", file(swap(2, "billing", "Billing")), audit.Edited, 3, 2},
		{"first line edited", file(swap(0, "billing", "selling")), audit.Edited, 1, 1},
		{"removed", file(slices.Delete(slices.Clone(l), 2, 3)), audit.Gap, 3, 2},
		{"first removed", file(l[1:]), audit.Gap, 1, 0},
		{"removed and renumbered", file(slices.Delete(swap(3, `"seq":4`, `"seq":3`), 2, 3)), audit.Edited, 2, 2},
		{"inserted twice", file(slices.Insert(slices.Clone(l), 3, l[2])), audit.Forked, 3, 3},
		{"reordered", file(join(l[:2], l[3:4], l[2:3], l[4:])), audit.Gap, 3, 2},
		{"second writer", file(join(l[:4], other[4:])), audit.Edited, 4, 4},
		{"both writers", file(join(l[:4], other[2:])), audit.Forked, 3, 4},
		{"other stream", file(join(l[:4], foreign[4:])), audit.Forked, 5, 4},
		{"torn", file(l)[:len(file(l))-1], audit.Torn, 6, 5},
		{"torn by zeros", append(file(l), make([]byte, 3*audit.MaxLine)...), audit.Torn, 7, 6},
		{"empty line", append(file(l), '\n'), audit.Edited, 7, 6},
		{"carriage return", bytes.ReplaceAll(file(l), []byte("\n"), []byte("\r\n")), audit.Edited, 1, 0},
		{"too long", slices.Concat(file(l), bytes.Repeat([]byte("x"), 3*audit.MaxLine), []byte("\n"), l[0]), audit.Edited, 7, 6},
		// What a chain alone cannot see. The verdict never says more than that.
		{"last line edited", file(swap(5, "billing", "selling")), audit.Consistent, 0, 6},
		{"end cut off", file(l[:4]), audit.Consistent, 0, 4},
		{"rewritten", file(other), audit.Consistent, 0, 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			rep := verify(t, c.file)
			assert.Equal(t, c.verdict, rep.Verdict)
			assert.Equal(t, c.bad, rep.BadSeq)
			assert.Equal(t, c.count, rep.Count)
			assert.Equal(t, c.count, rep.Head.Seq)
			assert.LessOrEqual(t, rep.Offset, int64(len(c.file)))
		})
	}
	assert.NotContains(t, strings.ToLower(string(audit.Consistent)), "pass")
}

func TestVerifyFromAHead(t *testing.T) {
	l := stream(t, "a", 6)
	start := verify(t, file(l[:4])).Head
	rep, err := audit.VerifyFrom(bytes.NewReader(file(l[4:])), start)
	require.NoError(t, err)
	assert.Equal(t, audit.Consistent, rep.Verdict)
	assert.EqualValues(t, 2, rep.Count)
	start.Hash[0]++
	rep, err = audit.VerifyFrom(bytes.NewReader(file(l[4:])), start)
	require.NoError(t, err)
	assert.Equal(t, audit.Edited, rep.Verdict)
	assert.EqualValues(t, 4, rep.BadSeq)
}

func TestVerifyReturnsTheErrorOfItsReader(t *testing.T) {
	broken := errors.New("broken")
	for _, n := range []int{0, 100, 3000, 20000} {
		r := io.MultiReader(bytes.NewReader(bytes.Repeat([]byte("x"), n)), iotest.ErrReader(broken))
		rep, err := audit.Verify(r)
		assert.ErrorIs(t, err, broken)
		assert.Empty(t, rep.Verdict)
	}
}

// Every bit of a short stream is flipped. All are detected, but for the last line, where a flip that leaves an event
// can only be seen by what covers that line from outside.
func TestEveryFlippedBitIsDetectedButInTheLastLine(t *testing.T) {
	lines := stream(t, "a", 4)
	good := file(lines)
	last := len(good) - len(lines[3]) - 1
	unseen := 0
	for i := range good {
		for bit := range 8 {
			bad := bytes.Clone(good)
			bad[i] ^= 1 << bit
			rep, err := audit.Verify(bytes.NewReader(bad))
			require.NoError(t, err)
			if rep.Verdict != audit.Consistent {
				continue
			}
			require.GreaterOrEqual(t, i, last, "bit %d of byte %d", bit, i)
			_, err = audit.ParseLine(bad[last : len(bad)-1])
			require.NoError(t, err, "undetected although it does not parse")
			unseen++
		}
	}
	assert.Positive(t, unseen, "a chain does not cover its last line")
}

func TestVerifyAtEveryCutIsTornOrEndsAtALine(t *testing.T) {
	good := file(stream(t, "a", 4))
	clean := 0
	for n := range good {
		rep, err := audit.Verify(bytes.NewReader(good[:n]))
		require.NoError(t, err)
		atLine := n == 0 || good[n-1] == '\n'
		if atLine {
			clean++
			assert.Equal(t, audit.Consistent, rep.Verdict)
		} else {
			assert.Equal(t, audit.Torn, rep.Verdict)
			assert.Equal(t, rep.Count+1, rep.BadSeq)
		}
		assert.EqualValues(t, bytes.Count(good[:n], []byte("\n")), rep.Count)
	}
	assert.Equal(t, 4, clean, "cuts at a line boundary are not seen")
}

func BenchmarkChain(b *testing.B) {
	e := read()
	b.Run("NewDraft", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := audit.NewDraft(&e); err != nil {
				b.Fatal(err)
			}
		}
	})
	d, err := audit.NewDraft(&e)
	require.NoError(b, err)
	b.Run("AppendLine", func(b *testing.B) {
		chain := audit.NewChain(audit.Head{Stream: "a"}, nil)
		buf := make([]byte, 0, audit.MaxLine)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := chain.AppendLine(buf, &d); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkEncodeAndChain drafts one event and gives it its place in the stream, beside encoding/json alone; and the hash of
// such a line, which is the greater part of it.
func BenchmarkEncodeAndChain(b *testing.B) {
	e, p := read(), toPlain(new(placed(read())))
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	ours := func() func() {
		var r audit.Drafter
		chain := audit.NewChain(audit.Head{Stream: "a"}, nil)
		line, n, one := append(make([]byte, 0, audit.MaxLine), '\n'), 0, []audit.Event{e}
		return func() {
			n++ // every decision has an id, a data subject and evidence of its own
			one[0].DecisionID, one[0].DataSubjectRefs, one[0].BasisRef = decisions[n%len(decisions)], people[n%len(people)], decisions[n%len(decisions)]
			drafts, err := r.Drafts(one)
			if err == nil {
				_, err = chain.AppendLine(line, &drafts[0])
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	do := ours()
	beside.Compare(b, beside.Way{Name: "json", Do: func() {
		buf.Reset()
		if err := enc.Encode(p); err != nil {
			b.Fatal(err)
		}
	}}, beside.Way{Name: "ours", Do: do}, beside.Way{Name: "sha256", Do: func() { sha256.Sum256(buf.Bytes()) }})
	b.ReportMetric(testing.AllocsPerRun(100, do), "ours-allocs")
}

var (
	decisions = []string{"01JQ8Z6M3T0000000000000001", "01JQ8Z6M3T0000000000000002", "01JQ8Z6M3T0000000000000003"}
	people    = [][]string{{alias(audit.DataSubject, 7)}, {alias(audit.DataSubject, 8)}}
)

func TestDraftingAndChainingDoesNotAllocate(t *testing.T) {
	var r audit.Drafter
	chain := audit.NewChain(audit.Head{Stream: "a"}, nil)
	line, one := append(make([]byte, 0, audit.MaxLine), '\n'), []audit.Event{read()}
	require.Zero(t, testing.AllocsPerRun(100, func() {
		drafts, err := r.Drafts(one)
		if err == nil {
			_, err = chain.AppendLine(line, &drafts[0])
		}
		if err != nil {
			t.Error(err)
		}
	}))
	require.NotZero(t, testing.AllocsPerRun(100, func() { _, _ = audit.NewDraft(&one[0]) }), "the control: a draft of its own allocates")
}
