package bundle

import (
	"encoding/json"
	"errors"
	"math"
	"regexp"
	"strconv"
	"time"

	"github.com/purposebound/purposebound/policy/live"
)

// revisionOf reads the revision of a manifest.
func revisionOf(manifest []byte) (uint64, error) {
	fail := func(why string) (uint64, error) {
		return 0, &live.Error{Reason: live.ReasonRevision, Place: live.ManifestFile, Err: errors.New(why)}
	}
	if manifest == nil {
		return fail("there is no manifest, and so no revision")
	}
	var m map[string]json.RawMessage
	if json.Unmarshal(manifest, &m) != nil || m == nil {
		return fail("the manifest is no JSON object")
	}
	if _, has := m["wasm"]; has {
		return fail("compiled bundles are not supported")
	}
	var text string
	if json.Unmarshal(m["revision"], &text) != nil || text == "" {
		return fail("the manifest has no revision")
	}
	n, ok := parseRevision(text)
	if !ok {
		return fail("the revision is neither a decimal number from 1 nor an instant such as 2026-05-04T10:30:00Z")
	}
	return n, nil
}

// instant is stricter than the parser, which takes a single digit for the hour.
var instant = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$`)

// parseRevision reads a decimal number without leading zeros, or an instant of RFC 3339.
func parseRevision(text string) (uint64, bool) {
	if n, err := strconv.ParseUint(text, 10, 64); err == nil {
		return n, n > 0 && n <= math.MaxInt64 && strconv.FormatUint(n, 10) == text
	}
	var t time.Time
	if !instant.MatchString(text) || t.UnmarshalText([]byte(text)) != nil || t.Unix() <= 0 || t.Unix() > math.MaxInt64/int64(time.Second)-1 {
		return 0, false
	}
	return uint64(t.UnixNano()), true
}
