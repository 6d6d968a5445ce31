package audit_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
)

// traffic makes n lines as a service writes them: several clerks, purposes and shapes of events, another person and
// decision each time.
func traffic(t testing.TB, n int, emit func(line []byte)) {
	dice := rand.New(rand.NewPCG(1, 2))
	random := func(class audit.Class) string {
		var b [16]byte
		for i := range b {
			b[i] = byte(dice.Uint32())
		}
		return class.Alias(b)
	}
	chain := audit.NewChain(audit.Head{Stream: "leasing-1"}, nil)
	var buf []byte
	for i := range n {
		e := read()
		e.PrincipalRef = alias(audit.Principal, dice.IntN(50))
		e.DataSubjectRefs = []string{random(audit.DataSubject)}
		e.DecisionID = fmt.Sprintf("%016x%016x", dice.Uint64(), i)
		e.TraceID = fmt.Sprintf("%016x%016x", dice.Uint64(), i+1)
		e.BasisRef = fmt.Sprintf("%016X", dice.Uint64())
		e.Purpose = []string{"fx.contract_service", "invoicing", "kyc", "marketing.email"}[dice.IntN(4)]
		if dice.IntN(10) == 0 {
			e = audit.Event{Name: audit.AccessDenied, Outcome: audit.Denied, Mode: audit.Enforce, Reason: "purpose.category", DecisionID: e.DecisionID}
		}
		d, err := audit.NewDraft(&e)
		require.NoError(t, err)
		buf, err = chain.AppendLine(buf[:0], &d)
		require.NoError(t, err)
		emit(append(buf, '\n'))
	}
}

// BenchmarkVerify checks canonical form, chain and tree of varied lines.
func BenchmarkVerify(b *testing.B) {
	const n = 20_000
	var lines bytes.Buffer
	traffic(b, n, func(line []byte) { lines.Write(line) })
	b.SetBytes(int64(lines.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if rep, err := audit.Verify(bytes.NewReader(lines.Bytes())); err != nil || rep.Count != n {
			b.Fatal(rep.Verdict, err)
		}
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
