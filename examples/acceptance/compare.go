package acceptance

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// reasonCodes gives the reasons of cases in the codes of the library, "code" or "code parameter". Others are found by name:
// the last word of a code, a parameter, or the id of a rule that denied, '_' being '-'.
var reasonCodes = map[string][]string{
	"purpose_missing":                {"request.purpose-missing"},
	"purpose_not_in_closed_register": {"request.purpose-unknown"},
	"purpose_not_declared":           {"request.purpose-unknown"},
	"purpose_unknown":                {"request.purpose-unknown"},
	"outside_instruction":            {"role.outside-instruction", "recipient.instruction"},
	"not_instructed":                 {"role.outside-instruction", "recipient.instruction", "facts.condition actor_instructed", "facts.missing actor_instructed"},
	"function_not_authorised":        {"facts.condition actor_function_authorised", "facts.missing actor_function_authorised", "policy.not-permitted"},
	"not_obtained_for_purpose":       {"source.obtained-for"},
	"source_not_listed":              {"source.undeclared"},
	"source_not_allowed":             {"source.undeclared"},
	"retention_expired":              {"retention.expired"},
	"need_to_know":                   {"policy.not-permitted"},
	"no_need_to_know":                {"policy.not-permitted"},
	"not_assigned":                   {"policy.not-permitted"},
	"no_policy_version_in_force":     {"register.no-notice"},
	"legal_compulsion_missing":       {"recipient.statute-missing"},
	"statute_missing":                {"recipient.statute-missing", "basis.law-unstated"},
	"statute_not_listed":             {"basis.law-unnamed"},
	"consent_missing":                {"basis.consent-missing"},
	"no_consent":                     {"basis.consent-missing"},
	"consent_withdrawn":              {"basis.consent-withdrawn"},
	"consent_invalid":                {"basis.consent-invalid"},
	"consent_not_explicit":           {"basis.consent-not-explicit", "overlay.not-met"},
	"art9_condition_missing":         {"overlay.missing", "overlay.not-met"},
	"objection":                      {"objection.marketing", "basis.objection-standing"},
	"marketing_objection":            {"objection.marketing"},
	"restricted":                     {"restriction.in-force"},
	"prohibited":                     {"prohibition.category"},
	"special_category":               {"prohibition.category", "overlay.missing", "overlay.not-met"},
	"field_not_listed":               {"purpose.category", "recipient.category"},
	"recipient_not_listed":           {"recipient.not-declared", "recipient.unknown"},
	"recipient_not_named":            {"recipient.not-declared", "recipient.unknown"},
	"agreement_missing":              {"recipient.agreement"},
	"no_agreement":                   {"recipient.agreement"},
	"mechanism_missing":              {"transfer.mechanism-missing", "transfer.safeguard"},
	"safeguard_missing":              {"transfer.mechanism-missing", "transfer.safeguard"},
	"safeguard_expired":              {"transfer.safeguard"},
	"transfer_not_declared":          {"transfer.country-differs"},
	"identity_not_proven":            {"right.identity-missing"},
	"changes_missing":                {"right.statement-missing changes"},
	"grounds_missing":                {"right.statement-missing grounds", "right.ground-missing"},
	"legal_obligation":               {"right.legal-obligation"},
}

// Compare lists what differs between a case and its result; nothing when it passes.
func Compare(n *Notice, c *Case, r *Result) (diffs []string) {
	if r.Err != nil {
		return []string{strings.ReplaceAll(r.Err.Error(), "\n", " | ")}
	}
	expect := c.Expect
	if expect == EraseIt && c.Request.Text("action") == "request_right" {
		expect = Granted
	}
	if r.Outcome != expect {
		diffs = append(diffs, fmt.Sprintf("outcome %s", or(r.Outcome, "none")))
	}
	for _, key := range c.Detail.Keys() {
		if d := n.compare(c, key, c.Detail[key], r); d != "" {
			diffs = append(diffs, d)
		}
	}
	return diffs
}

// compare compares one key of the detail.
func (n *Notice) compare(c *Case, key string, want any, r *Result) string {
	got := r.Detail[key]
	differs := fmt.Sprintf("%s %v, expected %v", key, got, want)
	switch key {
	case "note", "first_erasable_note":
		return "" // for the reader
	case "reason":
		if !n.reason(fmt.Sprint(want), r.Codes) {
			return fmt.Sprintf("reason %v not among the codes", want)
		}
		return ""
	case "basis":
		for _, b := range texts(want) {
			if !slices.Contains(texts(got), b) {
				return differs
			}
		}
		return ""
	case "obligations", "must_contain", "include", "status", "legal", "aim":
		for _, o := range texts(want) {
			if !slices.ContainsFunc(texts(got), func(s string) bool { return slug(s) == slug(o) }) {
				return differs
			}
		}
		return ""
	case "exclude":
		for _, o := range texts(want) {
			if slices.ContainsFunc(texts(r.Detail["include"]), func(s string) bool { return slug(s) == slug(o) }) {
				return differs
			}
		}
		return ""
	case "rows":
		if !slices.Contains(texts(r.Detail["obligations"]), "rows-"+slug(fmt.Sprint(want))) {
			return fmt.Sprintf("rows: no obligation rows-%s", slug(fmt.Sprint(want)))
		}
		return ""
	case "elapsed_rule":
		if g, _ := got.(string); g != "" && strings.HasPrefix(fmt.Sprint(want), g+" ") {
			return ""
		}
		return differs
	case "controller": // also by the short form of the name
		if g, w := slug(fmt.Sprint(got)), slug(fmt.Sprint(want)); g == w || strings.HasPrefix(g, w+"-") {
			return ""
		}
		return differs
	case "processor":
		if slices.Contains(texts(got), fmt.Sprint(want)) {
			return ""
		}
		return differs
	case "first_erasable", "first_erasable_elapsed":
		return firstErasable(c, key, want, r)
	}
	if w, ok := instant(want, time.UTC); ok && strings.Contains(fmt.Sprint(want), "T") {
		g, ok := got.(string)
		if t, isTime := instant(g, time.UTC); ok && isTime && t.Equal(w) {
			return ""
		}
		return differs
	}
	if o := object(want); o != nil {
		if p, err := period(want); err == nil && got == p.String() {
			return ""
		}
		return differs
	}
	if list, ok := want.([]any); ok {
		if slices.Equal(slugs(texts(list)), slugs(texts(got))) {
			return ""
		}
		return differs
	}
	if slug(fmt.Sprint(want)) != slug(fmt.Sprint(got)) {
		return differs
	}
	return ""
}

// firstErasable compares the instant from which erasure is due. Where a case gives the elapsed bound too, that one is
// the instant, and the calendar one the latest tenable reading (AMB-02).
func firstErasable(c *Case, key string, want any, r *Result) string {
	if key == "first_erasable" && c.Detail.Has("first_erasable_elapsed") {
		key = "first_erasable_calendar"
	}
	if key == "first_erasable_elapsed" {
		key = "first_erasable"
	}
	w, _ := instant(want, time.UTC)
	g, ok := instant(r.Detail[key], time.UTC)
	if !ok || !g.Equal(w) {
		return fmt.Sprintf("%s %v, expected %v", key, r.Detail[key], want)
	}
	return ""
}

// reason reports whether a reason is among the codes.
func (n *Notice) reason(want string, codes []string) bool {
	list := reasonCodes[want]
	if own := n.Vocabulary.Reasons[want]; own != "" {
		list = []string{own}
	}
	return slices.ContainsFunc(codes, func(c string) bool {
		code, param, _ := strings.Cut(c, " ")
		if list != nil {
			return slices.Contains(list, code) || slices.Contains(list, c)
		}
		tail := code[strings.LastIndexByte(code, '.')+1:]
		return tail == slug(want) || slug(param) == slug(want)
	})
}

// slugs writes texts as keys, in order.
func slugs(list []string) []string {
	out := make([]string, 0, len(list))
	for _, s := range list {
		out = append(out, slug(s))
	}
	return sorted(out)
}

// slug writes a text as a key.
func slug(s string) string {
	return strings.NewReplacer("_", "-", " ", "-").Replace(strings.ToLower(s))
}
