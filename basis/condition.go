package basis

import "slices"

// Condition is an extra ground that a class of data needs beside a basis of Art. 6(1). Those of the
// GDPR follow its text. National ones are summaries from secondary sources: have counsel confirm
// them before relying on one.
type Condition struct {
	ID      string
	Cite    string
	Class   string   // "special", "criminal", "national-id"
	Country string   // ISO 3166 alpha-2 of the controllers it is for; empty: all
	Needs   Need     // what the claim behind it must be
	Actions []string // operations it is limited to; empty: every one
	Counsel bool     // a national rule that counsel must confirm
}

// Need is the kind of claim that a Condition asks for. The zero Need is met by none.
type Need uint8

// Needs of conditions.
const (
	NeedsExplicitConsent Need = iota + 1
	NeedsConsent
	NeedsLaw            // a law that provides for it, cited and in force
	NeedsVitalInterests // an open incident
	NeedsAssessment     // a recorded assessment that it is justified
	NeedsClaim          // any declared claim that holds
)

// Fits reports whether a claim is of the kind that the condition needs.
func (c *Condition) Fits(k *Claim) bool {
	switch c.Needs {
	case NeedsExplicitConsent:
		return k.Basis == Consent && k.Explicit
	case NeedsConsent:
		return k.Basis == Consent
	case NeedsLaw:
		return (k.Basis == LegalObligation || k.Basis == PublicTask) && len(k.Laws) > 0
	case NeedsVitalInterests:
		return k.Basis == VitalInterests
	case NeedsAssessment:
		return k.Basis == LegitimateInterests && k.Assessment != ""
	case NeedsClaim:
		return k.Basis.Valid()
	}
	return false
}

// Allows reports whether a condition is there for an operation.
func (c *Condition) Allows(action string) bool {
	return len(c.Actions) == 0 || slices.Contains(c.Actions, action)
}

var conditions = []Condition{
	{ID: "gdpr:9-2-a", Cite: "GDPR Art. 9(2)(a)", Class: "special", Needs: NeedsExplicitConsent},
	{ID: "gdpr:9-2-b", Cite: "GDPR Art. 9(2)(b)", Class: "special", Needs: NeedsLaw},
	{ID: "gdpr:9-2-c", Cite: "GDPR Art. 9(2)(c)", Class: "special", Needs: NeedsVitalInterests},
	{ID: "gdpr:9-2-d", Cite: "GDPR Art. 9(2)(d)", Class: "special", Needs: NeedsClaim, Actions: []string{"collect", "read", "use", "store"}},
	{ID: "gdpr:9-2-e", Cite: "GDPR Art. 9(2)(e)", Class: "special", Needs: NeedsClaim},
	{ID: "gdpr:9-2-f", Cite: "GDPR Art. 9(2)(f)", Class: "special", Needs: NeedsClaim},
	{ID: "gdpr:9-2-g", Cite: "GDPR Art. 9(2)(g)", Class: "special", Needs: NeedsLaw},
	{ID: "gdpr:9-2-h", Cite: "GDPR Art. 9(2)(h)", Class: "special", Needs: NeedsLaw},
	{ID: "gdpr:9-2-i", Cite: "GDPR Art. 9(2)(i)", Class: "special", Needs: NeedsLaw},
	{ID: "gdpr:9-2-j", Cite: "GDPR Art. 9(2)(j)", Class: "special", Needs: NeedsLaw},

	{ID: "gdpr:10", Cite: "GDPR Art. 10", Class: "criminal", Needs: NeedsLaw},
	{ID: "dk.dbl.8.3", Cite: "Danish Data Protection Act §8(3)", Class: "criminal", Country: "DK", Needs: NeedsExplicitConsent, Counsel: true},

	{ID: "gdpr:87", Cite: "GDPR Art. 87, with a national law", Class: "national-id", Needs: NeedsLaw},
	{ID: "dk.dbl.11.2.1", Cite: "Danish Data Protection Act §11(2)(1)", Class: "national-id", Country: "DK", Needs: NeedsLaw, Counsel: true},
	{ID: "dk.dbl.11.2.2", Cite: "Danish Data Protection Act §11(2)(2)", Class: "national-id", Country: "DK", Needs: NeedsConsent, Counsel: true},
	{ID: "dk.dbl.11.2.3.research", Cite: "Danish Data Protection Act §11(2)(3), scientific or statistical use", Class: "national-id", Country: "DK",
		Needs: NeedsAssessment, Actions: []string{"collect", "read", "use", "store"}, Counsel: true},
	{ID: "dk.dbl.11.2.3.disclosure", Cite: "Danish Data Protection Act §11(2)(3), disclosure that is natural and decisive", Class: "national-id", Country: "DK",
		Needs: NeedsAssessment, Actions: []string{"share"}, Counsel: true},
	{ID: "se.dsl.3.10.consent", Cite: "Swedish act 2018:218, ch. 3 §10, consent", Class: "national-id", Country: "SE", Needs: NeedsConsent, Counsel: true},
	{ID: "se.dsl.3.10.justified", Cite: "Swedish act 2018:218, ch. 3 §10, clearly justified", Class: "national-id", Country: "SE", Needs: NeedsAssessment, Counsel: true},
	{ID: "nl.uavg.46", Cite: "Dutch UAVG Art. 46(1)", Class: "national-id", Country: "NL", Needs: NeedsLaw, Counsel: true},
}

// Conditions lists the shipped conditions for a class of data and a controller's country. For
// national identification numbers a country with rules of its own has those and no other.
func Conditions(class, country string) []Condition {
	var list []Condition
	national := slices.ContainsFunc(conditions, func(c Condition) bool { return c.Class == class && c.Country == country })
	for _, c := range conditions {
		if c.Class == class && (c.Country == country || c.Country == "" && !(class == "national-id" && national)) {
			c.Actions = slices.Clone(c.Actions)
			list = append(list, c)
		}
	}
	return list
}
