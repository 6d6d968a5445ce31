package ropa

import (
	"strings"
	"unicode"

	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/purpose"
)

// Vocabularies of the JSON-LD form: DPV 2.3 (https://w3id.org/dpv) and what it builds on.
var vocabularies = []struct{ prefix, iri string }{
	{"dpv", "https://w3id.org/dpv#"},
	{"g", "https://w3id.org/dpv/legal/eu/gdpr#"},
	{"pd", "https://w3id.org/dpv/pd#"},
	{"fin", "https://w3id.org/dpv/sector/finance#"},
	{"loc", "https://w3id.org/dpv/loc#"},
	{"dct", "http://purl.org/dc/terms/"},
	{"rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"},
	{"skos", "http://www.w3.org/2004/02/skos/core#"},
	{"xsd", "http://www.w3.org/2001/XMLSchema#"},
}

// compact writes an IRI with the prefix of a known vocabulary.
func compact(iri string) string {
	for _, v := range vocabularies {
		if name, ok := strings.CutPrefix(iri, v.iri); ok && name != "" && !strings.ContainsAny(name, "/:") {
			return v.prefix + ":" + name
		}
	}
	return iri
}

// isIRI reports whether s is an absolute IRI of the web.
func isIRI(s string) bool {
	rest, ok := strings.CutPrefix(s, "https://")
	if !ok {
		rest, ok = strings.CutPrefix(s, "http://")
	}
	return ok && rest != "" && rest[0] != '/' && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar || strings.ContainsRune(`<>"{}|\^`+"`", r)
	})
}

var (
	actionTerms = map[purpose.Action]string{
		purpose.Collect: "dpv:Collect", purpose.Read: "dpv:Consult", purpose.Use: "dpv:Use", purpose.Store: "dpv:Store", purpose.Share: "dpv:Share",
	}
	kindTerms = map[purpose.RecipientKind][]string{
		purpose.Processor: {"dpv:DataProcessor"}, purpose.JointController: {"dpv:JointDataControllers"},
		purpose.SeparateController: {"dpv:ThirdParty", "dpv:DataController"}, purpose.Authority: {"dpv:ThirdParty", "dpv:Authority"},
		purpose.Group: {"dpv:ThirdParty", "dpv:DataController"},
	}
	classTerms = map[purpose.Class]string{
		purpose.Special: "dpv:SpecialCategoryPersonalData", purpose.Criminal: "dpv:SensitivePersonalData", purpose.NationalID: "dpv:IdentifyingPersonalData",
	}
	automatedTerms = map[purpose.Automation]string{
		purpose.ForContract: "Art. 22(2)(a)", purpose.ByLaw: "Art. 22(2)(b)", purpose.ExplicitConsent: "Art. 22(2)(c)",
	}
	derogations = map[basis.Basis]string{basis.Consent: "g:A49-1-a", basis.Contract: "g:A49-1-b", basis.PublicTask: "g:A49-1-d", basis.VitalInterests: "g:A49-1-f"}
)

// basisTerm is the concept of a claim of Art. 6(1), as narrow as the claim says.
func basisTerm(k *basis.Claim) string {
	switch k.Basis {
	case basis.Consent:
		if k.Explicit {
			return "g:A6-1-a-explicit-consent"
		}
		return "g:A6-1-a"
	case basis.Contract:
		return contractTerm(k.Stages)
	case basis.LegalObligation:
		return "g:A6-1-c"
	case basis.VitalInterests:
		return "g:A6-1-d"
	case basis.PublicTask:
		return "g:A6-1-e"
	case basis.LegitimateInterests:
		return "g:A6-1-f"
	}
	return "dpv:LegalBasis"
}

// contractTerm tells steps before a contract from its performance where the stages do.
func contractTerm(stages []basis.Stage) string {
	before, within := 0, 0
	for _, s := range stages {
		if s < basis.Active {
			before++
		} else {
			within++
		}
	}
	switch {
	case before > 0 && within == 0:
		return "g:A6-1-b-enter-into-contract"
	case within > 0 && before == 0:
		return "g:A6-1-b-contract-performance"
	}
	return "g:A6-1-b"
}

// transferTerm is the concept of a safeguard.
func transferTerm(t *Transfer) string {
	switch t.Mechanism {
	case purpose.Adequacy:
		return "g:A45-3"
	case purpose.SCC:
		return "g:A46-2-c"
	case purpose.BCR:
		return "g:A46-2-b"
	case purpose.Derogation:
		if term := derogations[t.Claim.Basis]; term != "" {
			return term
		}
	}
	return "dpv:DataTransferLegalBasis"
}

// extraTerm is the concept of an extra ground; Art. 10 and 87 and national laws have none of their own.
func extraTerm(id string) string {
	if point, ok := strings.CutPrefix(id, "gdpr:9-2-"); ok {
		return "g:A9-2-" + point
	}
	return "dpv:LegalBasis"
}
