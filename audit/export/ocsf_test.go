package export_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/export"
)

// homes of what has a place of its own in OCSF.
var homes = map[string]string{
	"v": "metadata.log_version", "stream": "metadata.log_name", "seq": "metadata.sequence", "id": "metadata.uid",
	"time": "metadata.original_time", "event.name": "metadata.event_code", "outcome": "status_detail", "reason": "status_code",
	"decision.id": "metadata.correlation_uid", "principal.ref": "actor.user.uid",
}

func at(m map[string]any, path string) (any, bool) {
	for {
		key, rest, deeper := strings.Cut(path, ".")
		v, ok := m[key]
		if !deeper || !ok {
			return v, ok
		}
		if m, ok = v.(map[string]any); !ok {
			return nil, false
		}
		path = rest
	}
}

func TestOCSFAccountsForEverything(t *testing.T) {
	for _, e := range variants(t) {
		text, err := export.OCSF(&e)
		require.NoError(t, err)
		got := object(t, text)
		unmapped := got["unmapped"].(map[string]any)
		for key, want := range line(t, e) {
			found := 0
			if have, ok := unmapped[export.Prefix+key]; ok {
				assert.Equal(t, want, have)
				found++
			}
			if home, ok := homes[key]; ok {
				if have, ok := at(got, home); ok {
					assert.Equal(t, fmt.Sprint(want), fmt.Sprint(have), key)
					found++
				}
			}
			assert.Equal(t, 1, found, "%s: %s is there once", e.Name, key)
		}
	}
}

// TestNothingBeyondTheEvent: every text and number is the event's or a constant of the form.
func TestNothingBeyondTheEvent(t *testing.T) {
	constants := []string{"1.6.0", "purposebound", "1", "0", "3", "4", "2", "6", "99", "7", "6005", "600501", "600502", "600507", "600599"}
	for _, e := range variants(t) {
		known := append(leaves(line(t, e)), constants...)
		known = append(known, fmt.Sprint(e.Time.UnixMilli()))
		text, err := export.OCSF(&e)
		require.NoError(t, err)
		for _, leaf := range leaves(object(t, text)) {
			assert.Contains(t, known, leaf, e.Name)
		}
	}
	assert.Equal(t, []string{"b", "1"}, leaves(map[string]any{"a": []any{"b", json.Number("1")}}), "the control: leaves are seen")
}

func leaves(v any) (out []string) {
	switch v := v.(type) {
	case map[string]any:
		for _, x := range v {
			out = append(out, leaves(x)...)
		}
	case []any:
		for _, x := range v {
			out = append(out, leaves(x)...)
		}
	default:
		out = append(out, fmt.Sprint(v))
	}
	return out
}

func TestOCSFClasses(t *testing.T) {
	for _, e := range variants(t) {
		text, err := export.OCSF(&e)
		require.NoError(t, err)
		var got struct {
			ClassUID                     int `json:"class_uid"`
			CategoryUID                  int `json:"category_uid"`
			ActivityID                   int `json:"activity_id"`
			TypeUID                      int `json:"type_uid"`
			SeverityID                   int `json:"severity_id"`
			StatusID                     int `json:"status_id"`
			Time                         int64
			Actor, SrcEndpoint, Database json.RawMessage
		}
		require.NoError(t, json.Unmarshal(text, &got))
		assert.Equal(t, got.ClassUID*100+got.ActivityID, got.TypeUID)
		assert.Equal(t, noon.UnixMilli()*boolean(e.Time.Equal(noon)), got.Time*boolean(e.Time.Equal(noon)))
		assert.Contains(t, []int{1, 3, 4}, got.SeverityID)
		about := slices.Contains(names[:6], e.Name) || e.Name == audit.RetentionErased || e.Name == audit.DataSubjectErased
		if about {
			assert.Equal(t, [2]int{6005, 6}, [2]int{got.ClassUID, got.CategoryUID}, e.Name)
			assert.NotNil(t, got.Actor, "the class requires one")
		} else {
			assert.Equal(t, [3]int{0, 0, 99}, [3]int{got.ClassUID, got.CategoryUID, got.ActivityID}, e.Name)
			assert.Nil(t, got.Actor, "the base event has no such attribute")
		}
		want := map[audit.Outcome]int{audit.Permitted: 1, audit.Partial: 1, audit.Done: 1, audit.Denied: 2, audit.Aborted: 2, audit.Failed: 2}
		assert.Equal(t, want[e.Outcome], got.StatusID)
	}
}

func boolean(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
