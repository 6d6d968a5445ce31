package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdk "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/purposebound/purposebound/policy"
)

// metrics tells OpenTelemetry what the guard does. All labels are register keys and codes, and so there are only so many of
// them, and none says who. A service with a collector gives the provider an exporter instead of the reader.
type metrics struct {
	provider *sdk.MeterProvider
	reader   *sdk.ManualReader
	done     metric.Int64Counter
	took     metric.Float64Histogram
	labels   sync.Map // from label to metric.MeasurementOption
}

var _ policy.Observer = (*metrics)(nil)

// label is what an observation is counted under.
type label struct {
	operation, outcome, because, action, purpose, recipient string
	released                                                bool
}

// seconds are the bounds of the histogram: an fsync is a matter of milliseconds.
var seconds = []float64{.0001, .0003, .001, .003, .01, .03, .1, .3, 1, 3}

func newMetrics() (*metrics, error) {
	m := &metrics{reader: sdk.NewManualReader()}
	m.provider = sdk.NewMeterProvider(sdk.WithReader(m.reader))
	meter := m.provider.Meter("github.com/purposebound/purposebound/examples/lendingapi")
	var errs [2]error
	m.done, errs[0] = meter.Int64Counter("purposebound.operations", metric.WithDescription("what the guard was asked, by outcome and reason"))
	m.took, errs[1] = meter.Float64Histogram("purposebound.duration", metric.WithUnit("s"), metric.WithExplicitBucketBoundaries(seconds...))
	return m, errors.Join(errs[:]...)
}

// Observe implements [policy.Observer].
func (m *metrics) Observe(ctx context.Context, o policy.Observation) {
	under := m.under(label{o.Operation.String(), o.Outcome.String(), string(o.Because), o.Action.String(), o.Purpose, o.Recipient, o.Released})
	m.done.Add(ctx, 1, under)
	m.took.Record(ctx, o.Took.Seconds(), under)
}

// under remembers the labels, which would else be made and sorted each time.
func (m *metrics) under(l label) metric.MeasurementOption {
	if known, ok := m.labels.Load(l); ok {
		return known.(metric.MeasurementOption)
	}
	made := metric.WithAttributeSet(attribute.NewSet(
		attribute.String("operation", l.operation), attribute.String("outcome", l.outcome), attribute.String("reason", l.because), attribute.String("action", l.action),
		attribute.String("purpose", l.purpose), attribute.String("recipient", l.recipient), attribute.Bool("released", l.released)))
	m.labels.Store(l, made)
	return made
}

// ServeHTTP writes what was counted so far, in the form of the SDK.
func (m *metrics) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var all metricdata.ResourceMetrics
	if err := m.reader.Collect(r.Context(), &all); err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(all.ScopeMetrics)
}

// Close ends the collecting.
func (m *metrics) Close(ctx context.Context) error { return m.provider.Shutdown(ctx) }
