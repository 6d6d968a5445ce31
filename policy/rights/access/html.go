package access

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"html/template"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/purposebound/purposebound/audit"
	"github.com/purposebound/purposebound/audit/index"
	"github.com/purposebound/purposebound/basis"
	"github.com/purposebound/purposebound/policy/rights"
	"github.com/purposebound/purposebound/purpose"
	"github.com/purposebound/purposebound/retention"
)

//go:embed report.html
var page string

// WriteHTML writes the report as one page that a person can read and that needs nothing else: no script, no font, no picture. No
// text, of the register or of the data, is read as markup.
func (r *Report) WriteHTML(w io.Writer) error {
	t, err := template.New("report").Funcs(template.FuncMap{
		"day": day, "instant": instant, "basis": basisText, "bases": bases, "kind": kind, "class": class, "origin": origin, "kept": kept, "delivery": delivery,
		"what": what, "mechanism": mechanism, "ground": ground, "right": right, "titles": titles, "join": func(list []string) string { return strings.Join(list, ", ") },
		"keys": keys,
	}).Parse(page)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, r); err != nil {
		return err
	}
	_, err = w.Write(bytes.Map(visible, b.Bytes()))
	return err
}

// visible replaces what is no text, bytes that are no UTF-8 included.
func visible(r rune) rune {
	if r != '\n' && r != '\t' && unicode.IsControl(r) || r >= 0xfffe && r <= 0xffff {
		return unicode.ReplacementChar
	}
	return r
}

// WriteJSON writes the report as JSON.
func (r *Report) WriteJSON(w io.Writer) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		return err
	}
	_, err := b.WriteTo(w)
	return err
}

func day(t time.Time) string     { return t.Format("2 January 2006") }
func instant(t time.Time) string { return t.Format("2 January 2006, 15:04 MST") }

func titles(list []Entry) string {
	s := make([]string, len(list))
	for i := range list {
		s[i] = list[i].Title
	}
	return strings.Join(s, ", ")
}

// keys makes words of keys: "in_writing" is "in writing".
func keys(list []string) string {
	return strings.NewReplacer("_", " ", "-", " ", ".", " ").Replace(strings.Join(list, ", "))
}

var basisTexts = map[basis.Basis]string{
	basis.Consent: "your consent, Art. 6(1)(a)", basis.Contract: "a contract with you, Art. 6(1)(b)", basis.LegalObligation: "a legal obligation, Art. 6(1)(c)",
	basis.VitalInterests: "vital interests, Art. 6(1)(d)", basis.PublicTask: "a public task, Art. 6(1)(e)", basis.LegitimateInterests: "legitimate interests, Art. 6(1)(f)",
}

// basisText reads the id of a basis; an unknown one stands for itself.
func basisText(id string) string {
	if b, err := basis.Parse(id); err == nil {
		return basisTexts[b]
	}
	return id
}

func bases(u Use) string {
	s := make([]string, len(u.Bases))
	for i, b := range u.Bases {
		s[i] = basisTexts[b]
	}
	text := strings.Join(s, "; ")
	if len(u.Laws) > 0 {
		text += ": " + strings.Join(u.Laws, ", ")
	}
	return text
}

// kind of recipient in words.
func kind(name string) string {
	var k purpose.RecipientKind
	if k.UnmarshalText([]byte(name)) != nil {
		return name
	}
	return map[purpose.RecipientKind]string{
		purpose.Processor: "works on our behalf", purpose.JointController: "decides together with us", purpose.SeparateController: "decides for itself",
		purpose.Authority: "public authority", purpose.Group: "company of our group",
	}[k]
}

func class(c purpose.Class) string {
	return map[purpose.Class]string{
		purpose.Confidential: "confidential", purpose.Special: "special category, Art. 9", purpose.Criminal: "criminal convictions and offences, Art. 10",
		purpose.NationalID: "national identification number", purpose.ThirdParty: "about other persons too", purpose.Anonymous: "about nobody in particular",
	}[c]
}

func origin(o rights.Origin) string {
	return map[rights.Origin]string{
		rights.Provided: "you gave it", rights.Observed: "recorded while you used a service", rights.Obtained: "obtained from somebody else",
		rights.Derived: "worked out from other data", rights.Inferred: "estimated from other data",
	}[o]
}

// kept says how long in words.
func kept(k Kept) string {
	var s string
	switch k.Status {
	case retention.MustKeep:
		s = "must be kept"
	case retention.MayKeep:
		s = "kept"
	case retention.MustErase:
		s = "the time is over, to be erased"
	default:
		return "a person decides how long: " + orElse(string(k.Reason), "no rule says")
	}
	if k.LastDay != "" {
		s += " through " + k.LastDay
	} else if k.Status != retention.MustErase {
		s += ", no end date is known yet"
	}
	if k.Law != "" {
		s += ", " + k.Law
	}
	return s
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func delivery(d index.Delivery) string {
	if d == index.Delivered {
		return "received"
	}
	return "sent, receipt not confirmed"
}

func what(n audit.Name) string {
	if s, ok := whats[n]; ok {
		return s
	}
	return string(n)
}

var whats = map[audit.Name]string{
	audit.AccessRead: "used", audit.AccessBreakGlass: "used in an emergency", audit.RightsAccess: "your request for access", audit.RightsRectification: "your request for rectification",
	audit.RightsErasure: "your request for erasure", audit.RightsRestriction: "your request for restriction", audit.RightsNotification: "a recipient was told of a change",
	audit.RightsPortability: "your request for portability", audit.RightsObjection: "your objection", audit.RightsReview: "your request for a review", audit.RightsWithdrawal: "your withdrawal of consent",
	audit.RightsComplaint: "your complaint", audit.RetentionErased: "erased", audit.DataSubjectErased: "erased", audit.AccessShare: "shared",
}

func mechanism(m purpose.Mechanism) string {
	return map[purpose.Mechanism]string{
		purpose.Adequacy: "adequacy decision, Art. 45", purpose.SCC: "standard contractual clauses, Art. 46(2)(c)", purpose.BCR: "binding corporate rules, Art. 46(2)(b)",
		purpose.Derogation: "derogation, Art. 49(1)",
	}[m]
}

func ground(a purpose.Automation) string {
	return map[purpose.Automation]string{
		purpose.ForContract: "necessary for a contract with you, Art. 22(2)(a)", purpose.ByLaw: "authorised by law, Art. 22(2)(b)", purpose.ExplicitConsent: "your explicit consent, Art. 22(2)(c)",
	}[a]
}

func right(k purpose.RightKind) string {
	return map[purpose.RightKind]string{
		purpose.AccessRight: "to know what is held on you", purpose.CopyRight: "to a copy of your data", purpose.RectificationRight: "to have wrong data corrected and incomplete data completed",
		purpose.ErasureRight: "to have data erased", purpose.RestrictionRight: "to have the use of data restricted", purpose.PortabilityRight: "to receive data that you gave, in a form that machines read, and to pass it on",
		purpose.ObjectionRight: "to object, for reasons of your own situation", purpose.MarketingObjectionRight: "to object to direct marketing, at any time", purpose.WithdrawalRight: "to withdraw a consent, at any time",
		purpose.ReviewRight: "to have an automated decision reviewed by a person", purpose.ComplaintRight: "to complain to the supervisory authority",
	}[k]
}
