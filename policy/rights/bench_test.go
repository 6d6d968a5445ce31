package rights_test

import (
	"context"
	"testing"

	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
)

func BenchmarkDecideErasureOfFifteen(b *testing.B) {
	w := newWorld(b)
	formerly(w)
	w.at("2024-04-15")
	req := w.fill(erase(leaves...))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.desk.Decide(context.Background(), req); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEvaluate(b *testing.B) {
	w := newWorld(b)
	formerly(w)
	w.at("2024-04-15")
	q := rights.Query{DataSubject: person, Holding: rights.Holding{Category: "contact.name"}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.keeper.Evaluate(context.Background(), q); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkServeWithdrawal(b *testing.B) {
	w := newWorld(b)
	subscriber(w)
	req := w.fill(rights.Request{Kind: purpose.WithdrawalRight, Scopes: []string{"letter"}, ID: decision})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.desk.Serve(context.Background(), req); err != nil {
			b.Fatal(err)
		}
	}
}
