package acceptance

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// reasons of cases in the codes of the library. Others are found by name: the last word of a code, a parameter, or the
// id of a rule that denied, '_' being '-'.
func reasonCodes(reason string) []string {
	switch reason {
	case "purpose_missing":
		return []string{"request.purpose-missing"}
	case "purpose_not_in_closed_register":
		return []string{"request.purpose-unknown"}
	case "outside_instruction":
		return []string{"role.outside-instruction", "recipient.instruction"}
	case "not_obtained_for_purpose":
		return []string{"source.obtained-for"}
	case "retention_expired":
		return []string{"retention.expired"}
	case "need_to_know":
		return []string{"policy.not-permitted"}
	case "no_policy_version_in_force":
		return []string{"register.no-notice"}
	case "legal_compulsion_missing":
		return []string{"recipient.statute-missing"}
	}
	return nil
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
	list := reasonCodes(want)
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
