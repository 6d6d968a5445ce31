package main

import (
	"database/sql/driver"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// values are those of the applications.
func values(t *testing.T) (list []string) {
	for _, a := range applications() {
		v := reflect.ValueOf(a).Elem()
		for i := range v.NumField() {
			s, ok := v.Field(i).Interface().(driver.Valuer)
			if !ok {
				continue
			}
			plain, err := s.Value()
			require.NoError(t, err)
			if plain != nil {
				list = append(list, fmt.Sprint(plain))
			}
		}
	}
	return list
}

func found(text string, list []string) (hits []string) {
	for _, s := range list {
		if strings.Contains(text, s) {
			hits = append(hits, s)
		}
	}
	return hits
}

// Refusals, failures, health, metrics, the log and the trail hold no value and no id of a person; the trail knows people by
// pseudonyms.
func TestNoPersonalValueComesOutButInAView(t *testing.T) {
	w := begin(t, settings{bureau: "http://127.0.0.1:1/nobody"})
	var refusals strings.Builder
	note := func(r reply) { refusals.Write(r.Body) }
	released := w.get(officerToken, path(karl, "assessment"))
	note(w.get(otherToken, path(karl, "assessment")))
	note(w.get("", path(karl, "assessment")))
	note(w.get(officerToken, path(lone, "assessment")))
	note(w.get(officerToken, path("a-1", "assessment")))
	note(w.ask(officerToken, http.MethodPost, path(karl, "credit-enquiry"), ""))
	note(w.ask(majaToken, http.MethodPost, "/withdrawals", `{"scope":"ext.testimonial"}`))
	note(w.get(marketingToken, path(maja, "testimonial")))
	var operations strings.Builder
	for _, p := range []string{"/health", "/metrics"} {
		r, err := w.operations.ask(t.Context(), "", http.MethodGet, p, "")
		require.NoError(t, err)
		operations.Write(r.Body)
	}
	require.NoError(t, w.service.db.Close())
	note(w.get(officerToken, path(karl, "assessment")))
	w.stop()

	var trail strings.Builder
	files, err := filepath.Glob(filepath.Join(w.set.dir, "trail", "*.jsonl"))
	require.NoError(t, err)
	for _, name := range files {
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		trail.Write(b)
	}
	list := append(values(t), "person-1", "person-2", "person-3", officer, "staff-18", "staff-40", officerToken, majaToken)
	require.Greater(t, len(list), 20)
	for place, text := range map[string]string{"refusals": refusals.String(), "operations": operations.String(), "log": w.log.String(), "trail": trail.String()} {
		require.NotEmpty(t, text, place)
		assert.Empty(t, found(text, list), place)
	}
	assert.Len(t, found(string(released.Body), list), 3, "the control: the search finds a view that was released")
}
