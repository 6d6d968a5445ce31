package basis_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/purposebound/purposebound/basis"
)

func ids(class, country string) (list []string) {
	for _, c := range basis.Conditions(class, country) {
		list = append(list, c.ID)
	}
	return list
}

func TestConditionsAreThoseOfTheControllersCountry(t *testing.T) {
	require.Len(t, ids("special", "DK"), 10, "GDPR Art. 9(2)(a) to (j)")
	require.Equal(t, []string{"dk.dbl.11.2.1", "dk.dbl.11.2.2", "dk.dbl.11.2.3.research", "dk.dbl.11.2.3.disclosure"}, ids("national-id", "DK"))
	require.Equal(t, []string{"se.dsl.3.10.consent", "se.dsl.3.10.justified"}, ids("national-id", "SE"))
	require.Equal(t, []string{"nl.uavg.46"}, ids("national-id", "NL"))
	require.Equal(t, []string{"gdpr:87"}, ids("national-id", "FR"), "without rules of its own: a national law must provide for it")
	require.Equal(t, []string{"gdpr:10", "dk.dbl.8.3"}, ids("criminal", "DK"))
	require.Equal(t, []string{"gdpr:10"}, ids("criminal", "SE"))
	require.Empty(t, ids("ordinary", "DK"))
	for _, country := range []string{"DK", "SE", "NL"} {
		for _, c := range basis.Conditions("national-id", country) {
			require.True(t, c.Counsel, "%s is marked for counsel", c.ID)
		}
	}
}

func TestConditionsAskForTheirKindOfClaim(t *testing.T) {
	law := &basis.Claim{Basis: basis.LegalObligation, Laws: []string{"dk.hvl"}}
	consent := &basis.Claim{Basis: basis.Consent, Scope: "s"}
	explicit := &basis.Claim{Basis: basis.Consent, Scope: "s", Explicit: true}
	weighed := &basis.Claim{Basis: basis.LegitimateInterests, Interest: "i", Assessment: "a"}
	vital := &basis.Claim{Basis: basis.VitalInterests}
	claims := []*basis.Claim{law, consent, explicit, weighed, vital, {}, {Basis: basis.LegalObligation}}
	for id, fits := range map[string][]*basis.Claim{
		"nl.uavg.46": {law}, "dk.dbl.11.2.1": {law}, "gdpr:87": {law}, "gdpr:10": {law}, "gdpr:9-2-g": {law},
		"dk.dbl.11.2.2": {consent, explicit}, "se.dsl.3.10.consent": {consent, explicit},
		"gdpr:9-2-a": {explicit}, "dk.dbl.8.3": {explicit}, "gdpr:9-2-c": {vital},
		"se.dsl.3.10.justified": {weighed}, "dk.dbl.11.2.3.disclosure": {weighed},
	} {
		var c *basis.Condition
		for _, class := range []string{"special", "criminal", "national-id"} {
			for _, country := range []string{"DK", "SE", "NL", "FR"} {
				for _, x := range basis.Conditions(class, country) {
					if x.ID == id {
						c = &x
					}
				}
			}
		}
		require.NotNil(t, c, id)
		for i, k := range claims {
			want := false
			for _, f := range fits {
				want = want || f == k
			}
			require.Equal(t, want, c.Fits(k), "%s and claim %d", id, i)
		}
	}
	disclosure := basis.Conditions("national-id", "DK")[3]
	require.True(t, disclosure.Allows("share"))
	require.False(t, disclosure.Allows("read"), "the operation decides")
	require.False(t, (&basis.Condition{}).Fits(law), "the zero condition is met by nothing")
}
