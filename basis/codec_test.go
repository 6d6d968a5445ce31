package basis_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
)

// every body once, with every field set.
func bodies() map[string]basis.Body {
	list := []string{"a", "b"}
	at := time.Date(2024, 2, 29, 23, 59, 59, 123456000, time.UTC)
	return map[string]basis.Body{
		"consent.given":         basis.ConsentGiven{Scope: "s", Notice: "v1", Recipients: list, Until: at, Quality: basis.Quality{Affirmative: true, Explicit: true}, Reference: "r <&> é"},
		"consent.narrowed":      basis.ConsentNarrowed{Scope: "s", Purposes: list, Recipients: list, Categories: list},
		"consent.withdrawn":     basis.ConsentWithdrawn{Scope: "s"},
		"objection.raised":      basis.ObjectionRaised{Ground: basis.OwnSituation, Purposes: list},
		"objection.refused":     basis.ObjectionRefused{Objection: "o", Reference: "r"},
		"objection.upheld":      basis.ObjectionUpheld{Objection: "o"},
		"restriction.imposed":   basis.RestrictionImposed{Categories: list, Reason: "unlawful"},
		"restriction.lifted":    basis.RestrictionLifted{Restriction: "x", InformedAt: at},
		"restriction.excepted":  basis.RestrictionExcepted{Restriction: "x", Exception: basis.PublicInterest, Purposes: list, Reference: "r", Until: at},
		"relationship.occurred": basis.Occurred{Event: "e", Reference: "r"},
		"incident.opened":       basis.IncidentOpened{Reference: "r", Purposes: list, Until: at},
		"hold.placed":           basis.HoldPlaced{Categories: list, Reason: "r"},
		"hold.released":         basis.HoldReleased{Hold: "h"},
		"necessity.judged":      basis.NecessityJudged{Rule: "r", Necessary: true, ReviewAt: at, Reference: "x"},
		"attestation.given":     basis.AttestationGiven{By: "b", Categories: list},
		"assessment.filed":      basis.AssessmentFiled{Assessment: "a", Purposes: list, Until: at, Reference: "r"},
		"agreement.signed":      basis.AgreementSigned{Recipient: "p", Purposes: list, Categories: list, Actions: list, Countries: []string{"DK"}, Until: at, Reference: "r"},
		"agreement.ended":       basis.AgreementEnded{Agreement: "a"},
	}
}

func TestEveryBodyComesBackAsItWas(t *testing.T) {
	for kind, body := range bodies() {
		got, data, err := basis.EncodeBody(body)
		require.NoError(t, err)
		assert.Equal(t, kind, got)
		back, err := basis.DecodeBody(kind, data)
		require.NoError(t, err)
		assert.Equal(t, body, back)
		for other := range bodies() {
			if other != kind {
				if wrong, err := basis.DecodeBody(other, data); err == nil {
					_, again, _ := basis.EncodeBody(wrong)
					assert.Equal(t, data, again, "only a body of the same shape may pass as %s", other)
				}
			}
		}
	}
}

func TestStoredFormsStayAsTheyAre(t *testing.T) {
	for want, body := range map[string]basis.Body{
		`{"scope":"ads","until":"2024-03-01T11:00:00.000001Z","quality":{"affirmative":true,"specific":true,"informed":true,"free":true,"explicit":false}}`: given("ads",
			until(time.Date(2024, 3, 1, 12, 0, 0, 1999, time.FixedZone("CET", 3600))), func(g *basis.ConsentGiven) { g.Recipients = []string{} }),
		`{"ground":"marketing"}`: basis.ObjectionRaised{Ground: basis.Marketing, Purposes: []string{}},
		`{"reference":"r","purposes":null,"until":"0001-01-01T00:00:00Z"}`:               basis.IncidentOpened{Reference: "r", Purposes: []string{}},
		`{"restriction":"x","exception":"legal-claims","purposes":["p"],"reference":""}`: basis.RestrictionExcepted{Restriction: "x", Exception: basis.LegalClaims, Purposes: []string{"p"}},
	} {
		_, data, err := basis.EncodeBody(body)
		require.NoError(t, err)
		assert.Equal(t, want, string(data))
	}
}

func TestEncodingLeavesItsInputAlone(t *testing.T) {
	at := time.Date(2024, 3, 1, 12, 0, 0, 1999, time.FixedZone("CET", 3600))
	body := given("ads", until(at))
	_, _, err := basis.EncodeBody(body)
	require.NoError(t, err)
	assert.Equal(t, at, body.Until)
}

func TestBodiesWithoutAnEncodingAreRefused(t *testing.T) {
	for name, body := range map[string]basis.Body{
		"nil":              nil,
		"pointer":          &basis.Occurred{},
		"embedded":         struct{ basis.Occurred }{},
		"no ground":        basis.ObjectionRaised{},
		"no exception":     basis.RestrictionExcepted{Exception: 9},
		"not UTF-8":        basis.Occurred{Event: "\xff"},
		"list not UTF-8":   basis.ConsentNarrowed{Purposes: []string{"a", "\xff"}},
		"beyond year 9999": given("ads", until(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC))),
		"too long":         basis.HoldPlaced{Reason: strings.Repeat("x", basis.MaxBody)},
	} {
		_, _, err := basis.EncodeBody(body)
		require.ErrorIs(t, err, basis.ErrEncoding, name)
	}
}

func TestOnlyTheCanonicalFormIsDecoded(t *testing.T) {
	const canary = "canary-5550100"
	for name, data := range map[string]string{
		"empty":               ``,
		"no object":           `"` + canary + `"`,
		"null":                `null`,
		"member missing":      `{}`,
		"member unknown":      `{"scope":"s","` + canary + `":1}`,
		"member twice":        `{"scope":"s","scope":"` + canary + `"}`,
		"other case":          `{"Scope":"s"}`,
		"white space":         `{"scope": "s"}`,
		"something behind":    `{"scope":"s"}{}`,
		"a line behind":       "{\"scope\":\"s\"}\n",
		"other type":          `{"scope":5550100}`,
		"escaped differently": `{"scope":"\u0073"}`,
		"not UTF-8":           "{\"scope\":\"\xff\"}",
		"too long":            `{"scope":"` + strings.Repeat("x", basis.MaxBody) + `"}`,
	} {
		_, err := basis.DecodeBody("consent.withdrawn", []byte(data))
		require.ErrorIs(t, err, basis.ErrEncoding, name)
		assert.NotContains(t, err.Error(), "5550100", name)
	}
	for _, kind := range []string{"", "consent", "Consent.given", "consent.withdrawn ", canary} {
		_, err := basis.DecodeBody(kind, []byte(`{"scope":"s"}`))
		require.ErrorIs(t, err, basis.ErrEncoding)
		assert.NotContains(t, err.Error(), canary)
	}
	_, err := basis.DecodeBody("restriction.lifted", []byte(`{"restriction":"x","informed_at":"2024-01-01T01:00:00+01:00"}`))
	require.ErrorIs(t, err, basis.ErrEncoding, "another zone")
}

func FuzzDecodeBody(f *testing.F) {
	for kind, body := range bodies() {
		_, data, err := basis.EncodeBody(body)
		require.NoError(f, err)
		f.Add(kind, data)
	}
	f.Add("consent.given", []byte(`{"scope":"s","until":"2024-01-01T00:00:00.1234567Z","quality":{}}`))
	f.Fuzz(func(t *testing.T, kind string, data []byte) {
		body, err := basis.DecodeBody(kind, data)
		if err != nil {
			require.ErrorIs(t, err, basis.ErrEncoding)
			return
		}
		again, same, err := basis.EncodeBody(body)
		require.NoError(t, err)
		require.Equal(t, kind, again)
		require.Equal(t, string(data), string(same))
	})
}

func TestNamesAreReadBackAndNothingElse(t *testing.T) {
	for _, s := range []basis.Stage{basis.Enquiry, basis.Applied, basis.Offered, basis.Active, basis.Ended, basis.Settled} {
		text, err := s.MarshalText()
		require.NoError(t, err)
		var back basis.Stage
		require.NoError(t, back.UnmarshalText(text))
		assert.Equal(t, s, back)
	}
	for b := basis.Consent; b <= basis.LegitimateInterests; b++ {
		text, err := b.MarshalText()
		require.NoError(t, err)
		var back basis.Basis
		require.NoError(t, back.UnmarshalText(text))
		assert.Equal(t, b, back)
		byID, err := basis.Parse(b.ID())
		require.NoError(t, err)
		assert.Equal(t, b, byID)
	}
	var s basis.Stage
	require.Error(t, s.UnmarshalText([]byte("none")))
	require.Error(t, s.UnmarshalText([]byte("Active")))
	var b basis.Basis
	require.ErrorIs(t, b.UnmarshalText([]byte("none")), basis.ErrUnknown)
	require.ErrorIs(t, b.UnmarshalText(nil), basis.ErrUnknown)
	_, err := basis.Stage(0).MarshalText()
	require.Error(t, err)
	_, err = basis.Basis(0).MarshalText()
	require.Error(t, err)
	assert.Equal(t, "unknown", basis.Stage(99).String())
	assert.Equal(t, []string{"holds", "standing", "marketing", "legal-claims", "none"},
		[]string{basis.Holds.String(), basis.Standing.String(), basis.Marketing.String(), basis.LegalClaims.String(), basis.Basis(77).String()})
}
