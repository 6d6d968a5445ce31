package main

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/policy/httpguard"
)

// condition is what health says, with the status of its answer.
type condition struct {
	status int
	httpguard.Condition
	Status string `json:"status"`
}

func (c *condition) part(name string) string {
	return string(map[string]httpguard.PartCondition{"trail": c.Trail, "ledger": c.Ledger, "pseudonyms": c.Pseudonyms}[name].Status)
}

func (w *world) health() (c condition) {
	w.t.Helper()
	r, err := w.operations.ask(w.t.Context(), "", http.MethodGet, "/health", "")
	require.NoError(w.t, err)
	require.NoError(w.t, json.Unmarshal(r.Body, &c))
	c.status = r.Status
	return c
}

func TestHealthTellsOfPolicyTrailAndLedger(t *testing.T) {
	w := begin(t, settings{})
	h := w.health()
	assert.Equal(t, http.StatusOK, h.status)
	assert.Equal(t, []string{"pass", "pass", "pass"}, []string{h.Status, h.part("trail"), h.part("ledger")})
	require.Len(t, h.Policies, 1)
	assert.Equal(t, w.service.policies.Digest(), h.Policies[0].Digest)
	assert.WithinDuration(t, time.Now(), h.Policies[0].InForce, time.Minute)
	assert.False(t, h.Policies[0].Checked.Before(h.Policies[0].InForce))

	require.NoError(t, w.service.trail.Close())
	w.nothing(w.get(officerToken, path(karl, "assessment")), 503, "release.trail-unavailable")
	w.unwell("trail")
}
