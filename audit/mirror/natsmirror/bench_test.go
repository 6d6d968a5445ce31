package natsmirror_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit/mirror/mirrortest"
	"github.com/purposebound/purposebound/audit/mirror/natsmirror"
)

func BenchmarkSend(b *testing.B) {
	p := newPlace(b)
	sink, err := natsmirror.New(p.js, p.name, p.address)
	require.NoError(b, err)
	n := 0
	for b.Loop() {
		b.StopTimer()
		events := mirrortest.Events(256)
		b.StartTimer()
		require.NoError(b, sink.Send(b.Context(), events))
		n += len(events)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
}
