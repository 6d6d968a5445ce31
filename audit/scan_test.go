package audit_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/purposebound/purposebound/audit"
)

// slowly verifies by the strict decoder and the definition of the tree alone. It is the oracle of Verify.
func slowly(b []byte) (rep audit.Report) {
	var tree audit.Tree
	for len(b) > 0 {
		line, rest, ended := bytes.Cut(b, []byte("\n"))
		rep.BadSeq = rep.Head.Seq + 1
		if !ended {
			rep.Verdict, rep.Root = audit.Torn, tree.Root()
			return rep
		}
		e, err := audit.ParseLine(line)
		switch {
		case err != nil:
			rep.Verdict, rep.Err = audit.Edited, err
		case rep.Head.Stream != "" && e.Stream != rep.Head.Stream:
			rep.Verdict = audit.Forked
		case e.Seq <= rep.Head.Seq:
			rep.Verdict, rep.BadSeq = audit.Forked, e.Seq
		case e.Seq != rep.BadSeq:
			rep.Verdict = audit.Gap
		case e.Prev != rep.Head.Hash:
			rep.Verdict, rep.BadSeq = audit.Edited, max(1, rep.Head.Seq)
		}
		if rep.Verdict != "" {
			return rep
		}
		rep.Head = audit.Head{Stream: e.Stream, Seq: e.Seq, Hash: audit.HashLine(line)}
		tree.Append(rep.Head.Hash)
		rep.Count++
		rep.Offset += int64(len(line)) + 1
		b = rest
	}
	rep.Verdict, rep.BadSeq, rep.Root = audit.Consistent, 0, tree.Root()
	return rep
}

func agree(t require.TestingT, b []byte) audit.Report {
	rep, err := audit.Verify(bytes.NewReader(b))
	require.NoError(t, err)
	require.Equal(t, slowly(b), rep)
	return rep
}

// Any events, with bytes changed, moved and doubled: the fast way says what the slow one says.
func TestVerifyAgreesWithTheStrictDecoder(t *testing.T) {
	gen := events(readSchema(t))
	good, bad := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		chain := audit.NewChain(audit.Head{Stream: "a"}, frozen)
		var b []byte
		pool := rapid.SliceOfN(gen, 1, 3).Draw(t, "events")
		for range rapid.IntRange(1, 8).Draw(t, "lines") {
			e := rapid.SampledFrom(pool).Draw(t, "event")
			e.V, e.Stream, e.Seq, e.Prev, e.Time = 0, "", 0, audit.Hash{}, e.Time.UTC()
			e.Time = audit.Event{}.Time
			if rapid.Bool().Draw(t, "other") {
				e.DecisionID, e.N = "01JQ8Z6M3T0000000000000009", e.N/3
			}
			d, err := audit.NewDraft(&e)
			if err != nil {
				continue
			}
			line, err := chain.AppendLine(nil, &d)
			require.NoError(t, err)
			b = append(append(b, line...), '\n')
		}
		if rep := agree(t, b); rep.Verdict == audit.Consistent {
			good++
		}
		for range rapid.IntRange(0, 3).Draw(t, "harms") {
			if len(b) == 0 {
				return
			}
			at := rapid.IntRange(0, len(b)-1).Draw(t, "at")
			to := rapid.IntRange(at, min(len(b), at+40)).Draw(t, "to")
			switch rapid.IntRange(0, 3).Draw(t, "how") {
			case 0:
				b[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
			case 1:
				b = append(b[:at:at], b[to:]...)
			case 2:
				b = append(b[:to:to], b[at:]...)
			case 3:
				b[at] = rapid.SampledFrom([]byte(`",:[]{}10az`)).Draw(t, "byte")
			}
		}
		if rep := agree(t, b); rep.Verdict != audit.Consistent {
			bad++
		}
	})
	require.Positive(t, good)
	require.Positive(t, bad)
}

func FuzzVerify(f *testing.F) {
	lines := stream(f, "a", 4)
	f.Add(file(lines))
	f.Add(bytes.Replace(file(lines), []byte("billing"), []byte("selling"), 1))
	f.Add([]byte("\n"))
	var mixed bytes.Buffer
	traffic(f, 12, func(line []byte) { mixed.Write(line) })
	f.Add(mixed.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) { agree(t, b) })
}

// chained puts bodies, canonical or not, behind ledger parts that are right: only their form can be at fault.
func chained(bodies ...string) []byte {
	var out []byte
	var prev audit.Hash
	for i, body := range bodies {
		line := fmt.Sprintf(`{"v":1,"stream":"a","seq":%d,"prev":"%s","id":"01JQ8Z6M3T0000000000000000","time":"2026-03-26T12:00:00.%06dZ"%s`,
			i+1, prev, i, body)
		prev = audit.HashLine([]byte(line[:min(len(line), audit.MaxLine-1)]))
		if len(line) < audit.MaxLine {
			prev = audit.HashLine([]byte(line))
		}
		out = append(append(out, line...), '\n')
	}
	return out
}

// bodyOf is a line without its ledger part.
func bodyOf(t require.TestingT, e audit.Event) string {
	line, err := audit.AppendLine(nil, &e)
	require.NoError(t, err)
	return string(line[bytes.Index(line, []byte(`,"event.name"`)):])
}

// What stood in an earlier line spares a second look at it, and nothing else: the form of every line is judged as if it
// stood alone.
func TestEveryLineIsJudgedAsIfItStoodAlone(t *testing.T) {
	good := bodyOf(t, placed(read()))
	denial := bodyOf(t, placed(audit.Event{Name: audit.AccessDenied, Outcome: audit.Denied, Mode: audit.Enforce, Reason: "a.b", DecisionID: strings.Repeat("a", 32)}))
	heard := bodyOf(t, placed(audit.Event{Name: audit.TrailSuppressed, N: 12}))
	require.Equal(t, audit.Consistent, agree(t, chained(good, denial, good, heard, good, good, denial)).Verdict)
	swap := func(body, old, new string) string {
		require.Contains(t, body, old)
		return strings.Replace(body, old, new, 1)
	}
	long := `"` + strings.Repeat("A", 100) + `",`
	for name, bad := range map[string]string{
		"missing key":          swap(good, `,"purpose.id":"fx.contract_service"`, ""),
		"missing name":         swap(good, `,"event.name":"access.read"`, ""),
		"missing outcome":      swap(good, `,"outcome":"permitted"`, ""),
		"contradiction":        swap(good, `"permitted"`, `"denied"`),
		"other contradiction":  swap(good, `"enforce"`, `"break-glass"`),
		"name of another":      swap(good, `"access.read"`, `"access.denied"`),
		"name needs more":      swap(denial, `"access.denied"`, `"access.read"`),
		"key twice":            swap(good, `,"outcome":"permitted"`, `,"outcome":"permitted","outcome":"permitted"`),
		"out of order":         swap(swap(good, `,"outcome":"permitted"`, ""), `,"mode":"enforce"`, `,"mode":"enforce","outcome":"permitted"`),
		"unknown key":          swap(good, `,"outcome"`, `,"canary":"a","outcome"`),
		"empty value":          swap(good, `"fx.contract_service"`, `""`),
		"empty list":           swap(good, `["billing"]`, `[]`),
		"open list":            swap(good, `["billing"]`, `["billing"`),
		"space":                swap(good, `,"mode"`, ` ,"mode"`),
		"behind the end":       good + " ",
		"no end":               strings.TrimSuffix(good, "}"),
		"false":                swap(good, `,"purpose.id"`, `,"data.special":false,"purpose.id"`),
		"true and more":        swap(good, `,"purpose.id"`, `,"data.special":trues,"purpose.id"`),
		"zero":                 swap(heard, `"n":12`, `"n":0`),
		"leading zero":         swap(heard, `"n":12`, `"n":012`),
		"no number":            swap(heard, `"n":12`, `"n":`),
		"too large a number":   swap(heard, `"n":12`, `"n":18446744073709551616`),
		"21 digits":            swap(heard, `"n":12`, `"n":100000000000000000000`),
		"number runs on":       swap(heard, `"n":12`, `"n":12a`),
		"too many entries":     swap(good, `["billing"]`, `["a"`+strings.Repeat(`,"a"`, 32)+`]`),
		"too long":             swap(good, `["Name",`, `["Name",`+strings.Repeat(long, 39)),
		"just too long":        swap(good, `["Name",`, `["Name",`+strings.Repeat(long, 38)),
		"upper case":           swap(good, `"billing"`, `"Billing"`),
		"digits":               swap(good, `"fx.service"`, `"fx.service123456"`),
		"escaped":              swap(good, `"billing"`, `"b\u0069lling"`),
		"raw id for an alias":  swap(good, audit.DataSubject.Alias([16]byte{15: 7}), "4711"),
		"alias of other class": swap(good, audit.DataSubject.Alias([16]byte{15: 7}), audit.Principal.Alias([16]byte{15: 7})),
	} {
		require.Equal(t, audit.Edited, agree(t, chained(good, heard, denial, good, bad, good)).Verdict, name)
		require.Equal(t, audit.Edited, agree(t, chained(good, good, bad)).Verdict, name)
		require.Equal(t, audit.Edited, agree(t, chained(heard, heard, denial, denial, bad)).Verdict, name)
		require.Equal(t, audit.Edited, agree(t, chained(bad)).Verdict, name)
	}
	fits := swap(good, `["Name",`, `["Name",`+strings.Repeat(long, 27))
	require.Equal(t, audit.Consistent, agree(t, chained(good, fits, good)).Verdict, "the control: a long line that is not too long")
}

// The same with bytes changed anywhere, and the chain put right behind the change.
func TestChangedBodiesAreJudgedAsIfTheyStoodAlone(t *testing.T) {
	pool := []string{
		bodyOf(t, placed(read())),
		bodyOf(t, placed(audit.Event{Name: audit.AccessDenied, Outcome: audit.Denied, Mode: audit.Enforce, Reason: "a.b", DecisionID: strings.Repeat("a", 32)})),
		bodyOf(t, placed(audit.Event{Name: audit.TrailPruned, N: 1200})),
	}
	still := 0
	rapid.Check(t, func(t *rapid.T) {
		bodies := rapid.SliceOfN(rapid.SampledFrom(pool), 1, 5).Draw(t, "bodies")
		at := rapid.IntRange(0, len(bodies)-1).Draw(t, "body")
		parts := strings.SplitAfter(bodies[at], ",")
		i := rapid.IntRange(0, len(parts)-1).Draw(t, "part")
		switch rapid.IntRange(0, 3).Draw(t, "how") {
		case 0:
			parts = slices.Delete(parts, i, i+1)
		case 1:
			parts = slices.Insert(parts, i, parts[i])
		case 2:
			j := rapid.IntRange(0, len(parts)-1).Draw(t, "other")
			parts[i], parts[j] = parts[j], parts[i]
		case 3:
			b := []byte(parts[i])
			b[rapid.IntRange(0, len(b)-1).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 6).Draw(t, "bit")
			parts[i] = strings.ReplaceAll(string(b), "\n", "")
		}
		bodies[at] = strings.Join(parts, "")
		if agree(t, chained(bodies...)).Verdict == audit.Consistent {
			still++
		}
	})
	require.Positive(t, still, "some changes leave an event")
}

// Nor is a time less looked at behind lines of the same second.
func TestEveryTimeIsJudgedAsIfItStoodAlone(t *testing.T) {
	good := bodyOf(t, placed(read()))
	const last = "2026-03-26T12:00:00.000002Z"
	lines := string(chained(good, good, good))
	require.Equal(t, 1, strings.Count(lines, last))
	for at, verdict := range map[string]audit.Verdict{
		"2026-03-26T12:00:00.000002Z":          audit.Consistent,
		"2026-03-26T12:00:59.999999Z":          audit.Consistent,
		"2026-03-26T12:00:60.000002Z":          audit.Edited,
		"2026-02-30T12:00:00.000002Z":          audit.Edited,
		"2026-03-26T12:00:00,000002Z":          audit.Edited,
		"2026-03-26T12:00:00.00000aZ":          audit.Edited,
		"2026-03-26T12:00:00.0000021":          audit.Edited,
		"2026-03-26T12:00:00.00002Z":           audit.Edited,
		strings.Repeat("\x00", 19) + last[19:]: audit.Edited,
	} {
		b := strings.Replace(lines, last, at, 1)
		require.Equal(t, verdict, agree(t, []byte(b)).Verdict, "%q", at)
		second := strings.SplitAfter(b, "\n")
		start, err := audit.Verify(strings.NewReader(second[0] + second[1]))
		require.NoError(t, err)
		rep, err := audit.VerifyFrom(strings.NewReader(second[2]), start.Head) // it has seen no time yet
		require.NoError(t, err)
		require.Equal(t, verdict, rep.Verdict, "%q", at)
	}
}

func TestVerifyingHardlyAllocates(t *testing.T) {
	const n = 4000
	var lines bytes.Buffer
	traffic(t, n, func(line []byte) { lines.Write(line) })
	require.Less(t, testing.AllocsPerRun(3, func() {
		if rep, err := audit.Verify(bytes.NewReader(lines.Bytes())); err != nil || rep.Count != n {
			t.Error(rep.Verdict, err)
		}
	}), n/2.0)
	line := slices.Clone(lines.Bytes()[:bytes.IndexByte(lines.Bytes(), '\n')])
	require.Greater(t, testing.AllocsPerRun(3, func() { _, _ = audit.ParseLine(line) }), 1.0, "the control: an event of its own allocates")
}
