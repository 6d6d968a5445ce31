package main

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/purposebound/purposebound/basis"
)

// health is how the service does: in seconds, counts and codes, for whoever may see that a service runs at all.
type health struct {
	Ready  bool         `json:"ready"`
	Policy policyHealth `json:"policy"`
	Trail  trailHealth  `json:"trail"`
	Ledger ledgerHealth `json:"ledger"`
	Guard  guardHealth  `json:"guard"`
}

type policyHealth struct {
	OK     bool    `json:"ok"`
	Digest string  `json:"digest"`
	Age    float64 `json:"age_seconds"`   // of the rules in force
	Looked float64 `json:"check_seconds"` // since somebody last looked for newer ones
	Reason string  `json:"reason,omitempty"`
}

type trailHealth struct {
	OK     bool   `json:"ok"`
	Full   bool   `json:"full"`
	Seq    uint64 `json:"seq"`
	Queued int    `json:"queued"`
	Free   uint64 `json:"free_bytes"`
}

type ledgerHealth struct {
	OK   bool    `json:"ok"`
	Took float64 `json:"answer_seconds"`
}

type guardHealth struct {
	Degraded   bool   `json:"degraded"`
	Observing  bool   `json:"observing"`
	Suppressed uint64 `json:"suppressed"`
}

// probe is how long the ledger may take to answer a question about health.
const probe = time.Second

// health asks the parts. The ledger is asked for real; what the others say costs nothing.
func (s *service) health(ctx context.Context) health {
	now := s.clock()
	p, t, g := s.policies.Health(), s.trail.Health(), s.guard.Health()
	h := health{
		Policy: policyHealth{OK: p.OK(), Digest: p.Digest, Age: now.Sub(p.Since).Seconds(), Looked: now.Sub(p.LastCheck).Seconds(), Reason: string(p.Reason)},
		Trail:  trailHealth{OK: t.OK(), Full: t.Full, Seq: t.Head.Seq, Queued: t.Queued, Free: t.Free},
		Guard:  guardHealth{Degraded: g.Degraded(), Observing: g.Observing, Suppressed: g.Suppressed},
	}
	ctx, cancel := context.WithTimeout(ctx, probe)
	defer cancel()
	asked := time.Now()
	_, err := s.ledger.StateAt(ctx, basis.ControllerWide, now, time.Time{})
	h.Ledger = ledgerHealth{OK: err == nil, Took: time.Since(asked).Seconds()}
	h.Ready = h.Policy.Digest != "" && h.Trail.OK && h.Ledger.OK
	return h
}

// serveHealth answers 503 where the service cannot release anything.
func (s *service) serveHealth(w http.ResponseWriter, r *http.Request) {
	h := s.health(r.Context())
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if !h.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(h)
}
