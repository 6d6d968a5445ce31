package httpguard

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/purposebound/purposebound/policy"
)

// Status of a guard or a part of it.
type Status string

// Statuses. A guard warns of what a request can bring about or mend, and a probe cannot: a policy or the pseudonyms failed
// when they were last asked, a policy could not be brought up to date, or refusals are not enforced.
const (
	Pass Status = "pass"
	Warn Status = "warn"
	Fail Status = "fail"
)

// Condition is what Health answers.
type Condition struct {
	Status     Status            `json:"status"`
	Trail      PartCondition     `json:"trail"`
	Ledger     PartCondition     `json:"ledger"`
	Pseudonyms PartCondition     `json:"pseudonyms"`
	Policies   []PolicyCondition `json:"policies"`
	Observing  bool              `json:"observing,omitempty"`
	Suppressed uint64            `json:"suppressed,omitempty"` // denials that the trail has not been told of
}

// PartCondition is how a part does.
type PartCondition struct {
	Status   Status    `json:"status"`
	Since    time.Time `json:"since,omitzero"` // it fails since then
	Failures uint64    `json:"failures,omitempty"`
}

// PolicyCondition is how a policy does and how old it is.
type PolicyCondition struct {
	Name    string    `json:"name"`
	Digest  string    `json:"digest"`
	InForce time.Time `json:"in_force,omitzero"` // since then
	Checked time.Time `json:"checked,omitzero"`  // when a newer one was last looked for
	PartCondition
}

// Health answers whether the guard can release anything: it asks ledger and trail, each time, and says 200, or 503 if
// one of them fails. It is for those who run the service: serve it where clients do not reach.
func Health(g *policy.Guard) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := conditionOf(g.Probe(r.Context()))
		body, err := json.Marshal(c)
		status := http.StatusOK
		if c.Status == Fail || err != nil {
			status = http.StatusServiceUnavailable
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		_, _ = w.Write(body)
	})
}

func conditionOf(h policy.Health) Condition {
	c := Condition{Status: Pass, Trail: partOf(h.Trail), Ledger: partOf(h.Ledger), Pseudonyms: partOf(h.Pseudonyms),
		Policies: []PolicyCondition{}, Observing: h.Observing, Suppressed: h.Suppressed}
	for _, p := range h.Policies {
		x := PolicyCondition{p.Name, p.Digest, p.Upkeep.InForce, p.Upkeep.Checked, partOf(p.Part)}
		if x.Status == Pass && p.Upkeep.Failing {
			x.Status = Warn
		}
		c.Policies = append(c.Policies, x)
	}
	switch {
	case h.Trail.Failing, h.Ledger.Failing:
		c.Status = Fail
	case h.Degraded():
		c.Status = Warn
	}
	return c
}

func partOf(p policy.Part) PartCondition {
	c := PartCondition{Status: Pass, Failures: p.Failures}
	if p.Failing {
		c.Status, c.Since = Fail, p.Since
	}
	return c
}
