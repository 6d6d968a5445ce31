package ropa_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/purpose"
)

// faults lists what is wrong with a JSON-LD record: prefixes that the context does not have, terms that DPV does not have,
// references to no node, nodes without an IRI or a type, and anything but one record.
func faults(t testing.TB, text []byte) (bad []string) {
	t.Helper()
	list, err := os.ReadFile("testdata/dpv-2.3.txt")
	require.NoError(t, err)
	known := map[string]bool{}
	for _, term := range strings.Fields(string(list)) {
		known[term] = true
	}
	var doc struct {
		Context map[string]string            `json:"@context"`
		Graph   []map[string]json.RawMessage `json:"@graph"`
	}
	require.NoError(t, json.Unmarshal(text, &doc))
	term := func(s string) {
		prefix, name, ok := strings.Cut(s, ":")
		switch {
		case !ok:
			bad = append(bad, "no IRI: "+s)
		case slices.Contains([]string{"http", "https"}, prefix):
		case doc.Context[prefix] == "":
			bad = append(bad, "unknown prefix: "+s)
		case slices.Contains([]string{"dpv", "g", "pd", "fin", "loc"}, prefix) && !known[s]:
			bad = append(bad, "no term of DPV 2.3: "+s)
		case name == "":
			bad = append(bad, "no name: "+s)
		}
	}
	defined, records := map[string]int{}, 0
	for _, n := range doc.Graph {
		var id string
		var types []string
		require.NoError(t, json.Unmarshal(n["@id"], &id))
		if json.Unmarshal(n["@type"], &types) != nil || len(types) == 0 {
			bad = append(bad, "no type: "+id)
		}
		if slices.Contains(types, "dpv:ROPA") {
			records++
		}
		defined[id]++
	}
	for id, n := range defined {
		if n != 1 {
			bad = append(bad, "defined twice: "+id)
		}
	}
	if records != 1 {
		bad = append(bad, "not one record")
	}
	var walk func(raw json.RawMessage)
	walk = func(raw json.RawMessage) {
		var node map[string]json.RawMessage
		var many []json.RawMessage
		switch {
		case json.Unmarshal(raw, &node) == nil:
			for key, value := range node {
				switch key {
				case "@id":
					var id string
					require.NoError(t, json.Unmarshal(value, &id))
					term(id)
					if strings.HasPrefix(id, "r:") && defined[id] == 0 {
						bad = append(bad, "refers to nothing: "+id)
					}
				case "@type":
					var types []string
					if json.Unmarshal(value, &types) != nil {
						types = make([]string, 1)
						require.NoError(t, json.Unmarshal(value, &types[0]))
					}
					for _, x := range types {
						term(x)
					}
				case "@value":
				default:
					term(key)
					walk(value)
				}
			}
		case json.Unmarshal(raw, &many) == nil:
			for _, x := range many {
				walk(x)
			}
		}
	}
	for _, n := range doc.Graph {
		raw, err := json.Marshal(n)
		require.NoError(t, err)
		walk(raw)
	}
	slices.Sort(bad)
	return slices.Compact(bad)
}

func TestTheJSONLDIsAWholeGraphInTermsOfDPV(t *testing.T) {
	each(t, func(t *testing.T, _ string, r *purpose.Register) {
		assert.Empty(t, faults(t, write(t, r, "jsonld")))
	})
	text := string(write(t, compiled(t, nil), "jsonld"))
	assert.Empty(t, faults(t, []byte(text)))

	// The controls: what is broken is seen.
	for from, to := range map[string]string{
		`"dpv:ROPA"`: `"dpv:RPOA"`, `"g:A6-1-f"`: `"g:A6-1-z"`, `"pd:Health"`: `"xx:Health"`, `{"@id":"r:purpose.score","@type"`: `{"@id":"r:purpose.scores","@type"`,
		`"dpv:hasPurpose"`: `"dpv:hasPourpose"`, `"loc:IN"`: `"loc:XY"`, `"@id":"r:category.name","@type":["dpv:PersonalData","pd:Name"]`: `"@id":"r:category.name"`,
	} {
		require.Contains(t, text, from)
		assert.NotEmpty(t, faults(t, []byte(strings.Replace(text, from, to, 1))), from)
	}
}

func TestTheJSONLDSaysWhatTheRecordSays(t *testing.T) {
	text := string(write(t, compiled(t, nil), "jsonld"))
	for _, want := range []string{
		`"@type":["dpv:Purpose","fin:CreditScoreEvaluation"]`,
		`"@type":["dpv:Purpose","https://bureau.example/terms#DebtCollection"]`, // an own concept keeps its IRI
		`"@type":["dpv:PersonalData","dpv:SpecialCategoryPersonalData","pd:Health"]`,
		`"@type":["g:A6-1-a-explicit-consent"]`, `"@type":["g:A6-1-f"]`, `"@type":["g:A6-1-c"]`, `"@type":["g:A9-2-a"]`,
		`"@type":["dpv:Recipient","dpv:DataProcessor"]`, `"@type":["dpv:Recipient","dpv:JointDataControllers"]`, `"@type":["dpv:Recipient","dpv:ThirdParty","dpv:Authority"]`,
		`"dpv:hasThirdCountry":[{"@id":"loc:IN"}],"dpv:hasProcessing":[{"@id":"dpv:Transfer"}],"dpv:hasLegalBasis":[{"@type":["g:A46-2-c"]`,
		`"dpv:hasLegalBasis":[{"@type":["g:A45-3"]`, `"dpv:hasLegalBasis":[{"@type":["g:A49-1-a"]`,
		`{"@type":["dpv:TemporalDuration"],"rdf:value":{"@value":"P5Y","@type":"xsd:duration"}}`,
		`"skos:editorialNote":"Assumed: the notice says lenders"`,
		`"dpv:hasDataController":[{"@id":"r:controller.client_data"}],"dpv:hasDataProcessor":[{"@id":"r:controller.self"}]`,
	} {
		assert.True(t, strings.Contains(text, want), want)
	}
}

func TestContractsAreToldApartByTheirStages(t *testing.T) {
	// The same register with the claim of a contract in several stages: see the terms of each.
	spec := bureau()
	spec.Events = append(spec.Events, relationEvents()...)
	for stages, want := range map[string]string{"enquiry offered": "g:A6-1-b-enter-into-contract", "active ended": "g:A6-1-b-contract-performance", "applied active": "g:A6-1-b", "": "g:A6-1-b"} {
		spec.Activities[0].Claims[1] = contract(t, stages)
		r, err := purpose.Compile(spec)
		require.NoError(t, err)
		assert.True(t, strings.Contains(string(write(t, r, "jsonld")), `"@type":["`+want+`"]`), stages)
	}
}

func TestIRIsFollowFromTheDigest(t *testing.T) {
	one, two := compiled(t, nil), compiled(t, func(s *purpose.Spec) { s.Controller.Name = "Other" })
	prefix := func(r *purpose.Register) string {
		var doc struct {
			Context map[string]string `json:"@context"`
		}
		require.NoError(t, json.Unmarshal(write(t, r, "jsonld"), &doc))
		assert.Regexp(t, `^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}#$`, doc.Context["r"])
		return doc.Context["r"]
	}
	assert.Equal(t, prefix(one), prefix(compiled(t, nil)))
	assert.NotEqual(t, prefix(one), prefix(two))
	assert.True(t, strings.Contains(string(write(t, one, "jsonld")), one.Digest()))
}
