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
	meter    metric.Meter
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
	m.meter = m.provider.Meter("github.com/purposebound/purposebound/examples/lendingapi")
	var errs [2]error
	m.done, errs[0] = m.meter.Int64Counter("purposebound.operations", metric.WithDescription("what the guard was asked, by outcome and reason"))
	m.took, errs[1] = m.meter.Float64Histogram("purposebound.duration", metric.WithUnit("s"), metric.WithExplicitBucketBoundaries(seconds...))
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

// watch has the state of the parts measured whenever somebody looks.
func (m *metrics) watch(s *service) error {
	gauges := map[string]func() int64{
		"purposebound.policy.age":     func() int64 { return int64(s.clock().Sub(s.policies.Health().Since).Seconds()) },
		"purposebound.trail.events":   func() int64 { return int64(s.trail.Health().Head.Seq) },
		"purposebound.trail.queued":   func() int64 { return int64(s.trail.Health().Queued) },
		"purposebound.trail.free":     func() int64 { return int64(s.trail.Health().Free) }, // bytes on its disk
		"purposebound.trail.unproved": func() int64 { return s.seals.unproved() },           // events that no checkpoint covers which is kept elsewhere
	}
	var errs []error
	for name, value := range gauges {
		_, err := m.meter.Int64ObservableGauge(name, metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
			o.Observe(value())
			return nil
		}))
		errs = append(errs, err)
	}
	return errors.Join(errs...)
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
