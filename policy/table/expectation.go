package table

import (
	"maps"
	"slices"

	"github.com/purposebound/purposebound/policy"
	"github.com/purposebound/purposebound/purpose"
)

// expectation checks that what is expected could be said of the request.
func (s *scene) expectation() {
	e := s.expect
	asked := s.paths(s.fields)
	expected := func(path, key, what string, list []string) {
		if !slices.Contains(list, key) {
			s.fail("ref.unknown", s.path+".expect."+path, "%q is not among the %s", clip(key), what)
		}
	}
	for i, f := range e.Permitted {
		expected(index("permitted", i), f, "fields that are asked for", asked)
	}
	for _, f := range slices.Sorted(maps.Keys(e.Denied)) {
		expected("denied."+f, f, "fields that are asked for", asked)
	}
	for _, f := range slices.Sorted(maps.Keys(e.Redacted)) {
		expected("redacted."+f, f, "fields that are asked for", asked)
	}
	for i, key := range e.Grounds {
		expected(index("grounds", i), key, "activities", s.names.activities)
	}
	for i, c := range e.Clause {
		expected(index("clause", i), c, "clauses that decisions name", s.names.clauses)
	}
	for i, o := range e.Obligations {
		if !purpose.ValidKey(o) {
			s.fail("ref.unknown", s.path+".expect."+index("obligations", i), "%q is no key", clip(o))
		}
	}
	if e.ReferTo != "" {
		expected("refer_to", e.ReferTo, "controllers that datasets belong to", s.names.controllers)
	}
	for i, b := range e.Basis {
		if !b.Valid() {
			s.fail("ref.unknown", s.path+".expect."+index("basis", i), "this is no legal basis")
		}
	}
	known := policy.Codes()
	codes := append([]policy.Code(nil), e.Reason)
	for _, list := range e.Denied {
		codes = append(codes, list...)
	}
	for _, c := range codes {
		if c != "" && !slices.Contains(known, c) {
			s.fail("ref.unknown", s.path+".expect", "%q is no reason", clip(string(c)))
		}
	}
}
